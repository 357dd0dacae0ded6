package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	celast "cel.dev/cel-go/common/ast"

	"weir/policy/source"
	"weir/redact/category"
	"weir/redact/detect"
	"weir/redact/raw"
)

// The sections of policy.yaml.
var sections = source.Keys{Known: []string{
	"include", "document", "controller", "defaults", "routes", "fields", "detect", "collects", "law", "parties", "redact", "egress", "respond", "cookies", "consent",
	"retain", "promises", "residency", "tenant", "subjects", "waivers", "mode",
}}

// Bounds of a policy.
const (
	maxRules  = 2000
	maxFields = 5000
	maxRoutes = 5000
)

// document is what a policy file says, checked.
type document struct {
	name       string
	controller Controller
	retain     time.Duration
	retainAt   source.Pos
	routes     []*template
	fields     []*field
	rules      []*ruleText
	subjects   []subject
	redacts    bool
	vocabulary *detect.Vocabulary
	detection  detection
	prose      prose
	recipients recipients
	judging    judging
	retains    []*clause
	consents   consents
	tenancy    tenancy
	collects   []Collect
	promises   []*promise
	residency  Residency
	waivers    []waiver
	beside     []besideFile // all that the policy is made of but its own file
}

// ruleText is one of `redact`, its expressions checked.
type ruleText struct {
	name       string
	at         source.Pos
	when, then *expression
}

// readDocument reads the sections. What is wrong is noted in f.
func readDocument(f *source.File) *document {
	d := &document{name: f.Name, vocabulary: detect.BuiltIn()}
	root, included := readSections(f, func(n source.Node) source.Mapping { return n.Map(sections) })
	d.beside = included
	readProse(d, root.Get("document"))
	d.controller = readController(root.Get("controller"))
	readDetect(f, d, root.Get("detect"))
	redact := root.Get("redact")
	d.redacts = redact.Exists()
	defaults := root.Get("defaults")
	m := defaults.Map(source.Keys{Known: []string{"retain", "egress", "respond", "unseen", "on_error"}})
	retain := m.Get("retain")
	d.retain, d.retainAt = retain.Duration(), retain.Pos()
	if d.redacts && !retain.Exists() {
		f.Refuse(root.Key("redact").Pos, "`redact` writes entries, and nothing says how long they are kept", "defaults: {retain: 30d}")
	}
	d.routes = readRoutes(f, root.Get("routes"))
	d.fields = readFields(f, root.Get("fields"))
	d.rules = readRules(f, redact)
	d.recipients = readRecipients(f, d, root)
	d.judging = readJudging(f, root, m)
	d.retains = readRetain(f, root, m)
	d.subjects = readSubjects(f, root.Get("subjects"))
	d.consents = readConsent(root.Get("consent"))
	d.tenancy = readTenant(f, root.Get("tenant"))
	d.collects = readCollects(root.Get("collects"))
	d.promises = readPromises(f, root.Get("promises"))
	d.residency = readResidency(root.Get("residency"))
	d.waivers = readWaivers(root.Get("waivers"))
	d.checkPlaceholders(f)
	d.checkParties(f)
	d.checkEnforced(f)
	d.checkWaived(f)
	return d
}

// ruleNames are the names of all rules, and the ids of promises.
func (d *document) ruleNames() []string {
	var names []string
	for _, r := range d.rules {
		names = append(names, r.name)
	}
	for _, c := range slices.Concat(d.judging.egress, d.judging.respond, d.retains) {
		names = append(names, c.name)
	}
	for _, p := range d.promises {
		names = append(names, p.id)
	}
	return names
}

// checkPlaceholders refuses rules that name the place of a placeholder that no route has.
func (d *document) checkPlaceholders(f *source.File) {
	var all []string
	for _, t := range d.routes {
		for _, s := range t.segments {
			if s.name != "" {
				all = append(all, raw.Path.Place()+"."+s.name)
			}
		}
	}
	for _, r := range d.rules {
		for _, x := range []*expression{r.when, r.then} {
			x.compared(func(variable string, n celast.Expr, text, _ string) {
				if variable != "field.place" || !strings.HasPrefix(text, raw.Path.Place()+".") || slices.Contains(all, text) {
					return
				}
				instead, ok := source.Nearest(text, all)
				if !ok {
					instead = "the name of a placeholder of routes"
				}
				f.Refuse(x.text.At(x.offset(n)), fmt.Sprintf("no route has the placeholder of %q", cut(text)), instead)
			})
		}
	}
}

func readController(n source.Node) Controller {
	m := n.Map(source.Keys{Known: []string{"name", "country", "contact"}})
	c := Controller{Name: m.Require("name", "name: the company's name").Word().Value}
	country := m.Require("country", "country: DK")
	c.Country = country.Word().Value
	if c.Country != "" && !slices.Contains(countries(), c.Country) {
		instead := "two capital letters, such as DK"
		if upper := strings.ToUpper(c.Country); slices.Contains(countries(), upper) {
			instead = upper
		} else if upper == "UK" {
			instead = "GB"
		}
		country.Refuse(fmt.Sprintf("%q is no country of ISO 3166-1", c.Country), instead)
	}
	c.Contact = m.Require("contact", "contact: an address for questions about privacy").Word().Value
	return c
}

func readFields(f *source.File, n source.Node) []*field {
	var out []*field
	m := n.Entries()
	for key, value := range m.All() {
		if len(out) == maxFields {
			f.Refuse(key.Pos, fmt.Sprintf("there are more than %d fields", maxFields), "")
			break
		}
		pattern, ok := parsePattern(f, key)
		k := readCategory(value)
		if ok && k != "" {
			out = append(out, &field{pattern: pattern, text: key.Text, category: k, at: key.Pos})
		}
	}
	return out
}

// readCategory reads a category, "" where it is wrong.
func readCategory(n source.Node) category.Key {
	t := n.Word()
	if t.Value == "" {
		return ""
	}
	k, err := category.Parse(t.Value)
	if err != nil {
		n.Refuse(unknownCategory(t.Value))
		return ""
	}
	return k
}

// parsePattern checks a key of `fields`.
func parsePattern(f *source.File, key source.Key) ([]string, bool) {
	refuse := func(message, instead string) ([]string, bool) {
		f.Refuse(key.Pos, message, instead)
		return nil, false
	}
	parts := strings.Split(key.Text, ".")
	wild, literal := 0, 0
	for i, part := range parts {
		switch {
		case part == "" || strings.ContainsAny(part, " \t\n"):
			return refuse(fmt.Sprintf("%q is no place", cut(key.Text)), "such as url.query.kundenr or request.header.x-app")
		case part == "**" && i > 0 && parts[i-1] == "**":
			return refuse(`"**" stands twice in a row`, "once")
		case part == "**":
			wild++
		case part == "*":
		case strings.Contains(part, "*"):
			return refuse(`"*" stands for a whole part between dots, not for some letters`, `"*" or the whole word`)
		default:
			literal++
		}
	}
	text := key.Text
	switch {
	case strings.HasPrefix(text, raw.Path.Place()+".") && !strings.Contains(text, "*"):
		return refuse("a part of the path gets its category in routes", "at: /u/{who:user.unique_id}")
	case literal == 0:
		return refuse("this pattern fits every place", "at least one word of the place")
	case wild > 2:
		return refuse(`a pattern has "**" at most twice`, "")
	case len(text) > 256:
		return refuse("this place is longer than 256 characters", "")
	}
	if _, _, ok := parsePlace(text); ok || couldBePlace(parts) {
		lower := strings.ToLower(text)
		if lower != text && (strings.Contains(text, ".header.") || strings.Contains(text, ".trailer.")) && !strings.Contains(text, ".query.") {
			return refuse("names of headers are in lower case here", lower)
		}
		return parts, true
	}
	return refuse(noPlace(text, text+".*"))
}

// couldBePlace reports whether a pattern with wild parts fits some place.
func couldBePlace(parts []string) bool {
	if !slices.Contains(parts, "*") && !slices.Contains(parts, "**") {
		return false
	}
	prefixes := placePrefixes()
	for _, p := range prefixes {
		prefixes = append(prefixes, p+".referer.query", p+".referer.host", p+".referer.path")
	}
	last := parts[len(parts)-1]
	if last == "*" || last == "**" {
		last = "name"
	}
	for _, p := range prefixes {
		if matches(parts, strings.Split(p, ".")) || matches(parts, strings.Split(p+"."+last, ".")) || (&field{pattern: parts}).fits(p) {
			return true
		}
	}
	return false
}

// fits reports whether a pattern names something on the shelf with that prefix.
func (f *field) fits(prefix string) bool {
	_, ok := f.nameOn(prefix)
	return ok
}

// noPlace says what to write for what is no place. All is how to say all that
// stand below text.
func noPlace(text, all string) (message, instead string) {
	for kind := range raw.Kind(raw.KindCount) {
		if kind.Named() && text == kind.Place() {
			return fmt.Sprintf("%q is no field: its name is missing", text), text + ".NAME for one, or " + all + " for all"
		}
	}
	return fmt.Sprintf("%q is no place", cut(text)), nearestPlace(text)
}

func nearestPlace(text string) string {
	const example = "such as url.query.kundenr, request.header.x-app or request.cookie.sid"
	parts := strings.SplitN(text, ".", 3)
	if len(parts) < 2 {
		return example
	}
	near, ok := source.Nearest(parts[0]+"."+parts[1], placePrefixes())
	if !ok {
		return example
	}
	if len(parts) == 3 {
		return near + "." + parts[2]
	}
	return near
}

func unknownCategory(text string) (message, instead string) {
	_, err := category.Parse(text)
	var unknown *category.UnknownError
	if e, ok := err.(*category.UnknownError); ok {
		unknown = e
	}
	message = fmt.Sprintf("unknown category %q", cut(text))
	switch {
	case strings.HasPrefix(text, "x."):
		return message, "x. and words of a-z, 0-9 and _, such as x.customer"
	case unknown == nil || len(unknown.Nearest) == 0:
		return message, "one of Fideslang's, or one of your own below x."
	}
	var near []string
	for _, k := range unknown.Nearest {
		near = append(near, string(k))
	}
	return message, strings.Join(near, " or ")
}
