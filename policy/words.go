package policy

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
)

// What follows puts CEL's messages into the words of a policy. A message that is
// not known is passed on behind words of our own.

var typeNames = strings.NewReplacer(
	"map(string, string)", "a table of texts",
	"google.protobuf.Duration", "a duration",
	"google.protobuf.Timestamp", "a time",
	"net.CIDR", "a network", "net.IP", "an address",
	"transform", "a transform", "verdict", "a verdict", "response", "what is done to a response", "retention", "a retention", "string", "text", "bool", "true or false", "double", "a number with a fraction",
	"uint", "an unsigned number", "int", "a whole number", "bytes", "bytes", "null", "null", "dyn", "any value",
	"list(", "a list of (", "map(", "a table of (", "timestamp", "a time", "duration", "a duration")

func describe(t *cel.Type) string { return typeNames.Replace(cel.FormatCELType(t)) }

var (
	noOverload  = regexp.MustCompile(`^found no matching overload for '(.*)' applied to '(.*)'$`)
	wrongType   = regexp.MustCompile(`^expected type '(.*)' but found '(.*)'$`)
	noValue     = regexp.MustCompile(`^invalid (ip|cidr) argument: `)
	noSelection = regexp.MustCompile(`^type '(.*)' does not support field selection$`)
)

// mismatch puts a message of CEL's type checker into words.
func (e *environment) mismatch(message string) (string, string) {
	if m := noOverload.FindStringSubmatch(message); m != nil {
		return e.overload(m[1], m[2])
	}
	if m := wrongType.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("expected %s, found %s", typeNames.Replace(m[1]), typeNames.Replace(m[2])), ""
	}
	if m := noSelection.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("%s has no parts behind a dot", typeNames.Replace(m[1])), ""
	}
	if m := noValue.FindStringSubmatch(message); m != nil {
		return map[string]string{"ip": "this is no address", "cidr": "this is no network"}[m[1]], map[string]string{"ip": `ip("192.0.2.1")`, "cidr": `cidr("10.0.0.0/8")`}[m[1]]
	}
	return "this does not fit together: " + message, ""
}

var operators = map[string]string{
	and: "&&", or: "||", not: "!", equals: "==", unlike: "!=", less: "<", lessEqual: "<=", more: ">", moreEqual: ">=",
	"_+_": "+", "_-_": "-", "_*_": "*", "_/_": "/", "_%_": "%", "-_": "-", in: "in",
}

// usages say how what is often called wrongly is called.
var usages = map[string]string{
	"within":     `field.category.within("user.contact")`,
	"startsWith": `field.name.startsWith("x-")`,
	"endsWith":   `field.name.endsWith("_id")`,
	"contains":   `field.name.contains("id")`,
	"matches":    `field.name.matches("^x-")`,
	"keep":       "keep()", "drop": "drop()", "hash": "hash()", "origin": "origin()",
	"encrypt": "encrypt()", "encrypt_prefix": "encrypt_prefix()", "family": "family()", "phone_country": "phone_country()",
	"year": "year()", "month": "month()", "domain": "domain()", "template": "template()", "no_query": "no_query()",
	"bucket": "bucket(10)", "coordinates": "coordinates(2)",
	"keep_for": "keep_for(days(30))", "by_law": `by_law("Bookkeeping Act")`, "hold": `hold("case 7")`, "erasure": "erasure()",
	"only": `only(["url.path", "subjects"])`, "days": "days(30)", "years": "years(5)",
	"replace": `replace() or replace("x")`, "mask": "mask() or mask(1, 2)",
	"truncate": "truncate(24, 48) for addresses or truncate(8) for text",
	"allow":    "allow()", "alert": `alert("why")`, "deny": `deny("why")`, "strip": "strip(flow.excess)", "rewrite": `rewrite({"url.query.cid": hash()})`,
	"strip_cookie": "strip_cookie()", "cap_cookie": "cap_cookie(days(395))", "set_header": `set_header("referrer-policy", "origin")`,
	"drop_header": `drop_header("server")`, "carries": `flow.carries("user.contact.email")`, "given": `consent.given("analytics.reporting")`,
	"withdrawn": `consent.withdrawn("analytics.reporting")`, "adequate": `adequate("US")`, "under": `request.path.under("/orders")`,
	"ip": "ip(client.address)", "cidr": `cidr("10.0.0.0/8")`,
	"containsIP": `cidr("10.0.0.0/8").containsIP(client.address)`,
}

// hiddenTargets are what stands before the functions of variables that can not be written.
var hiddenTargets = map[string]string{"flow": "flow.", "consent": "consent.", "written": "written.", "law": " "}

// overload tells of a function or operator whose operands do not fit.
func (e *environment) overload(name, operands string) (string, string) {
	found := typeNames.Replace(operands)
	target := ""
	if i := strings.Index(found, ".("); i >= 0 {
		target, found = found[:i], found[i+1:]
	}
	found = strings.TrimSuffix(strings.TrimPrefix(found, "("), ")")
	switch op := operators[name]; {
	case name == ternary:
		return "`? :` needs true or false before its question mark and two results of one type, found " + found, ""
	case name == not:
		return "`!` turns true or false around, found " + found, "!(…) around the whole comparison, or !="
	case name == and || name == or:
		return fmt.Sprintf("`%s` joins conditions, true or false, found %s", op, found), ""
	case name == in:
		return fmt.Sprintf("`in` asks for a text in a list of texts or in a table, found %s", found), `field.kind in ["header", "cookie"]`
	case name == "_[_]":
		return "brackets ask a table by a text or a list by a number, found " + found, `request.header["x-app"]`
	case op != "":
		return fmt.Sprintf("`%s` does not compare or join %s", op, found), likely(found)
	}
	if of := hiddenTargets[target]; of != "" {
		return strings.TrimSpace(of) + fmt.Sprintf("%s() does not take (%s)", name, found), usages[name]
	}
	if target != "" {
		return fmt.Sprintf("%s() of %s does not take (%s)", name, target, found), usages[name]
	}
	return fmt.Sprintf("%s() does not take (%s)", name, found), usages[name]
}

// likely is what was meant by two operands of different types.
func likely(found string) string {
	has := func(a, b string) bool { return found == a+", "+b || found == b+", "+a }
	switch {
	case has("a number with a fraction", "a whole number"):
		return "a number with a fraction, such as 1.0"
	case has("a whole number", "text"), has("a number with a fraction", "text"):
		return "a number beside a number, without quotes, and text beside text"
	case has("a time", "text"):
		return `timestamp("2026-11-22T00:00:00Z")`
	case has("a duration", "text"), has("a duration", "a whole number"):
		return `duration("1.5s")`
	case has("text", "null"):
		return `""`
	}
	return ""
}

// syntax puts a message of CEL's parser into words.
func (e *environment) syntax(text string, offset int, message string) (string, string) {
	runes := []rune(text)
	rest := ""
	if offset < len(runes) {
		rest = string(runes[offset:])
	}
	before := strings.TrimRight(string(runes[:min(offset, len(runes))]), " \t\n")
	word, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if lower := strings.ToLower(word); lower == "and" || lower == "or" || lower == "not" {
		word = lower
	}
	if last := before[strings.LastIndexAny(before, " (\n")+1:]; last == "not" || last == "and" || last == "or" {
		word = last
	}
	switch {
	case word == "not" && strings.HasPrefix(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(rest), "not")), "in "):
		return "there is no `not in`", `!(… in ["a", "b"])`
	case word == "and", word == "or", word == "not":
		return "there is no `" + word + "`", map[string]string{"and": "&&", "or": "||", "not": "!"}[word]
	case word == "is":
		return "there is no `is`", "=="
	case strings.HasPrefix(rest, "=~"), strings.HasPrefix(rest, "~"):
		return "there is no `=~`", `field.name.matches("^x-")`
	case strings.HasPrefix(rest, ",") && inList.MatchString(before):
		return "a list stands in brackets", `field.kind in ["query", "header"]`
	case curly(rest):
		return "this is no straight quote", "\"text\" or 'text'"
	case blank(rest):
		return fmt.Sprintf("the character U+%04X looks like a blank and is none", runes[offset]), "a blank"
	case strings.HasPrefix(rest, "=") && !strings.HasPrefix(rest, "=="):
		return "`=` does not compare", "=="
	case strings.HasPrefix(rest, "& ") || strings.HasSuffix(before, "&") && !strings.HasSuffix(before, "&&"):
		return "there is no `&`", "&&"
	case strings.HasPrefix(rest, "| ") || strings.HasSuffix(before, "|") && !strings.HasSuffix(before, "||"):
		return "there is no `|`", "||"
	case escapes.MatchString(rest):
		return "this text has a backslash that CEL does not know", `r"…" around it, which takes each backslash as it is`
	case strings.HasPrefix(rest, `"`) || strings.HasPrefix(rest, "'"):
		return "a text begins here that has no closing quote, or stands where an operator is missing", ""
	case strings.TrimSpace(rest) == "":
		return "the expression ends too early", ""
	case strings.Contains(message, "recursion"), strings.Contains(message, "exceeds"), strings.Contains(message, "limit"):
		return fmt.Sprintf("the expression is too long or nested too deep: at most %d characters and %d levels", maxExpression, maxRecursion), ""
	}
	instead := ""
	if e.key == "then" {
		instead = e.example()
	}
	return fmt.Sprintf("is not an expression from %q on", cut(word)), instead
}

var (
	inList = regexp.MustCompile(`\bin\s*\([^()]*$`)
	// A text with an escape that is none, such as \d.
	escapes = regexp.MustCompile("^[\"'][^\"'\n]*\\\\[^abfnrtvxuU0-7\"'?`\\\\]")
)

// curly and blank are of what a text processor puts in the place of quotes and blanks.
func curly(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return strings.ContainsRune("“”„‟‘’‚‛«»´", r)
}

func blank(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return r > ' ' && (unicode.IsSpace(r) || unicode.Is(unicode.Cf, r))
}

func cut(s string) string {
	const most = 30
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
