package policy

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	celast "cel.dev/cel-go/common/ast"

	"weir/policy/source"
	"weir/redact/category"
)

// names checks the names in a parsed expression before the types are checked,
// so that an unknown one is told in the user's words, once.
type names struct {
	*environment
	at      func(id int64) int
	text    []rune
	note    refuse
	refused int
	added   int      // how many + there were
	local   []string // variables of all(), exists(), map() …
}

// maxAdded bounds how often an expression adds: each copies what it adds to.
const maxAdded = 50

// comparisons that field.confidence, field.category … can stand in, as CEL names them.
const (
	equals    = "_==_"
	unlike    = "_!=_"
	in        = "@in"
	less      = "_<_"
	lessEqual = "_<=_"
	more      = "_>_"
	moreEqual = "_>=_"
	and       = "_&&_"
	or        = "_||_"
	not       = "!_"
	ternary   = "_?_:_"
)

func (n *names) refuse(offset int, message, instead string) {
	n.refused++
	n.note(offset, message, instead)
}

func (n *names) walk(e celast.Expr) {
	switch e.Kind() {
	case celast.IdentKind:
		n.name(e, e.AsIdent(), "")
	case celast.SelectKind:
		s := e.AsSelect()
		if root := s.Operand(); root.Kind() == celast.IdentKind && !slices.Contains(n.local, root.AsIdent()) {
			n.name(root, root.AsIdent(), s.FieldName())
			return
		}
		n.walk(s.Operand())
	case celast.CallKind:
		n.call(e)
	case celast.ListKind:
		for _, v := range e.AsList().Elements() {
			n.walk(v)
		}
	case celast.MapKind:
		for _, v := range e.AsMap().Entries() {
			n.walk(v.AsMapEntry().Key())
			n.walk(v.AsMapEntry().Value())
		}
	case celast.StructKind:
		n.refuse(n.at(e.ID()), fmt.Sprintf("there is no type %q", e.AsStruct().TypeName()), "")
	case celast.ComprehensionKind:
		n.comprehension(e.AsComprehension())
	}
}

func (n *names) comprehension(c celast.ComprehensionExpr) {
	n.walk(c.IterRange())
	if r := c.IterRange(); r.Kind() == celast.SelectKind {
		s := r.AsSelect()
		if s.Operand().Kind() == celast.IdentKind && n.isTable(s.Operand().AsIdent()+"."+s.FieldName()) {
			name := s.Operand().AsIdent() + "." + s.FieldName()
			n.refuse(n.at(s.Operand().ID()), name+" cannot be gone through, only asked by name", name+`["name"]`)
		}
	}
	outer := n.local
	n.local = append(slices.Clip(outer), c.IterVar(), c.IterVar2(), c.AccuVar())
	n.walk(c.AccuInit())
	n.walk(c.LoopCondition())
	n.walk(c.LoopStep())
	n.walk(c.Result())
	n.local = outer
}

// isTable reports whether a variable is asked by name only.
func (n *names) isTable(name string) bool {
	v, ok := n.variables[name]
	return ok && v.typ.IsExactType(texts)
}

// hiddenNames are the functions that are asked of a variable that can not be written.
var hiddenNames = map[string]string{"@flow": "flow.carries()", "@law": "adequate()", "@consent": "consent.given()"}

// name checks a variable, member being what stands behind its first dot.
func (n *names) name(e celast.Expr, root, member string) {
	offset := n.at(e.ID())
	whole := root
	if member != "" {
		whole = root + "." + member
	}
	if slices.Contains(n.local, root) || n.variables[root].name != "" || n.variables[whole].name != "" {
		return
	}
	var members []string
	whenOnly, elsewhere := false, false
	for _, v := range variables() {
		first, rest, _ := strings.Cut(v.name, ".")
		elsewhere = elsewhere || first == root
		if v.name == whole && n.key == "then" && n.other().variables[whole].name != "" {
			whenOnly = true
		}
		if _, has := n.variables[v.name]; has && first == root && rest != "" {
			members = append(members, v.name)
		}
	}
	switch {
	case whenOnly:
		n.refuse(offset, "it never reads what passed by, and "+whole+" is that", orList(append([]string{"literals"}, n.names()...)))
	case len(members) > 0 && member == "":
		n.refuse(offset, "`"+root+"` is no value by itself", "one of "+strings.Join(members, ", "))
	case len(members) > 0:
		n.refuse(offset, "there is no "+whole, nearestMember(root, member, members))
	case elsewhere && root == "response":
		n.refuse(offset, "`"+n.section+"` decides before there is a response", "request, client, party or flow")
	case elsewhere:
		if function, ok := hiddenNames[root]; ok {
			root = function
		}
		n.refuse(offset, "`"+n.section+"` does not read `"+root+"`", "one of "+strings.Join(n.roots(), ", "))
	default:
		n.unknown(offset, root)
	}
}

func (n *names) unknown(offset int, name string) {
	before := strings.TrimSpace(string(n.text[:offset]))
	if strings.HasSuffix(before, "-") {
		n.refuse(offset, fmt.Sprintf("there is no variable %q: a name with a hyphen stands in brackets", name), `request.header["x-app"]`)
		return
	}
	if text := dotted.FindString(string(n.text[offset:])); category.Known(category.Key(text)) {
		n.refuse(offset, fmt.Sprintf("there is no variable %q: a category stands in quotes", name), strconv.Quote(text))
		return
	}
	if slices.Contains([]string{"int", "uint", "double", "string", "bool", "bytes", "list", "map", "type"}, name) {
		n.refuse(offset, fmt.Sprintf("%q is a type, and no value", name), "")
		return
	}
	roots, all := n.roots(), n.names()
	if n.key == "then" {
		roots = all
	}
	instead := fmt.Sprintf("one of %s, or %q where text is meant", strings.Join(roots, ", "), name)
	if near, ok := source.Nearest(name, append(roots, all...)); ok {
		instead = near
	}
	if c, ok := map[string]string{"and": "&&", "or": "||", "not": "!", "True": "true", "False": "false"}[name]; ok {
		instead = c
	} else if slices.Contains(n.functions, name) {
		instead = name + "()"
	}
	n.refuse(offset, fmt.Sprintf("there is no variable %q", name), instead)
}

// names are the variables that can be written, and roots what stands before their dots.
func (e *environment) names() []string {
	var all []string
	for _, v := range variables() {
		if _, ok := e.variables[v.name]; ok && v.name[0] != '@' {
			all = append(all, v.name)
		}
	}
	return all
}

// orList joins words as a sentence does.
func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func (e *environment) roots() []string {
	var roots []string
	for _, name := range e.names() {
		if root, _, _ := strings.Cut(name, "."); !slices.Contains(roots, root) {
			roots = append(roots, root)
		}
	}
	return roots
}

func (n *names) call(e celast.Expr) {
	c := e.AsCall()
	name := c.FunctionName()
	if c.IsMemberFunction() {
		t := c.Target()
		if of := askedOf[identOf(t)]; of != nil && n.variables["@"+identOf(t)].name != "" && !slices.Contains(n.local, identOf(t)) {
			n.refuse(n.at(e.ID()), fmt.Sprintf("there is no %s.%s()", identOf(t), name), nearestMember(identOf(t), name, of)+"()")
			return
		}
		if whole := identOf(t) + "." + name; slices.Contains(n.functions, whole) {
			name = whole
		} else {
			before := n.refused
			if n.walk(t); n.refused > before {
				return
			}
		}
	}
	switch offset := n.at(e.ID()); {
	case strings.ContainsRune("_!@-", rune(name[0])), slices.Contains(n.functions, name):
		n.constantRegex(c)
		n.constantZone(c)
		if name == "_+_" {
			if n.added++; n.added == maxAdded+1 {
				n.refuse(offset, fmt.Sprintf("an expression adds at most %d times", maxAdded), "")
			}
		}
	case name == "has":
		n.refuse(offset, "there is no has(): a header, key or cookie that is absent is \"\"", `"x-app" in request.header`)
		return
	default:
		n.refuse(offset, fmt.Sprintf("there is no function %s()", name), n.nearestFunction(name))
		return
	}
	for _, a := range c.Args() {
		n.walk(a)
	}
}

// constantRegex holds regular expressions to constants: one from traffic could
// be as slow as its sender likes.
func (n *names) constantRegex(c celast.CallExpr) {
	if c.FunctionName() != "matches" || len(c.Args()) == 0 {
		return
	}
	pattern := c.Args()[len(c.Args())-1]
	text, ok := constant(pattern)
	if !ok {
		n.refuse(n.at(pattern.ID()), "the pattern of matches() must be a constant text", `field.name.matches("^x-")`)
		return
	}
	_, err := regexp.Compile(text)
	var wrong *syntax.Error
	if errors.As(err, &wrong) {
		n.refuse(n.at(pattern.ID()), fmt.Sprintf("the pattern is no regular expression of RE2: %s: %q", wrong.Code, cut(wrong.Expr)), "")
	}
}

// askedOf are the functions that are asked of what is no value by itself.
var askedOf = map[string][]string{"flow": {"flow.carries"}, "consent": {"consent.given", "consent.withdrawn"}, "written": {"written.carries"}}

// constantZone holds time zones to distances from UTC: names are looked up on disk.
func (n *names) constantZone(c celast.CallExpr) {
	if !c.IsMemberFunction() || len(c.Args()) != 1 || !strings.HasPrefix(c.FunctionName(), "get") {
		return
	}
	if zone, ok := constant(c.Args()[0]); !ok || zone != "UTC" && !offsetZone.MatchString(zone) {
		n.refuse(n.at(c.Args()[0].ID()), "a time zone is a distance from UTC, as a constant text", `now.getHours("+01:00")`)
	}
}

// offsetZone is a time zone by its distance from UTC.
var offsetZone = regexp.MustCompile(`^[+-]?\d\d:\d\d$`)

// otherNames are functions as they are called elsewhere, in lower case.
var otherNames = map[string]string{
	"len": "size()", "length": "size()",
	"lower": "lowerAscii()", "tolower": "lowerAscii()", "upper": "upperAscii()", "toupper": "upperAscii()",
	"regex": `field.name.matches("^x-")`, "match": `field.name.matches("^x-")`,
	"redact": "drop()", "remove": "drop()", "delete": "drop()", "allow": "keep()",
	"anonymize": "truncate(24, 48)", "anonymise": "truncate(24, 48)", "pseudonymize": "hash()", "pseudonymise": "hash()", "sha256": "hash()",
	"generalise": "family(), month(), year(), bucket(10), coordinates(2), domain(), phone_country(), origin(), template() or no_query()",
	"generalize": "family(), month(), year(), bucket(10), coordinates(2), domain(), phone_country(), origin(), template() or no_query()",
	"round":      "bucket(10) or coordinates(2)", "date": "month() or year()", "country": "phone_country()",
	"user_agent": "family()", "strip_query": "no_query()", "ipcrypt": "encrypt() or encrypt_prefix()", "path": "template()",
}

func (n *names) nearestFunction(name string) string {
	other := n.other()
	known, ok := otherNames[strings.ToLower(name)]
	first, _, _ := strings.Cut(known, "(")
	first = first[strings.LastIndexByte(first, '.')+1:]
	switch {
	case ok && slices.Contains(n.functions, first):
		return known
	case slices.Contains(other.functions, name):
		return name + "() in `" + other.key + "`"
	case ok && slices.Contains(other.functions, first):
		return known + " in `" + other.key + "`"
	case isDone(name): // in another section
		if n.key == "then" {
			return n.example()
		}
		return ""
	}
	likely := slices.DeleteFunc(slices.Clone(n.functions), func(f string) bool { return f == "dyn" || f == "type" })
	if near, ok := source.Nearest(name, likely); ok {
		return near + "()"
	}
	if near, ok := source.Nearest(name, other.functions); ok {
		return near + "() in `" + other.key + "`"
	}
	if n.key == "then" {
		return n.example()
	}
	return ""
}

// isDone reports whether the `then` of some section has a function.
func isDone(name string) bool {
	for _, e := range []*environment{redacting().then, egressing().then, responding().then, retaining().then} {
		if slices.Contains(e.functions, name) {
			return true
		}
	}
	return name == "format" // which none has
}

// dotted is a name with dots at the beginning of a text.
var dotted = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*`)

// nearestMember is the one of members, all below root, that was probably meant.
// What they have in common says nothing of it.
func nearestMember(root, member string, members []string) string {
	short := make([]string, len(members))
	for i, m := range members {
		short[i] = strings.TrimPrefix(m, root+".")
	}
	if near, ok := source.Nearest(member, short); ok && len(member) > 1 {
		return root + "." + near
	}
	if len(members) == 1 {
		return members[0]
	}
	return "one of " + strings.Join(members, ", ")
}

func nearestOf(name string, all []string) string {
	if near, ok := source.Nearest(name, all); ok {
		return near
	}
	return "one of " + strings.Join(all, ", ")
}
