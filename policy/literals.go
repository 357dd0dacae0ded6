package policy

import (
	"fmt"
	"slices"
	"strings"

	celast "cel.dev/cel-go/common/ast"

	"weir/redact/category"
	"weir/redact/raw"
)

// checkLiterals refuses what a field is compared with and can never be: unknown
// categories, kinds and places. A typing error would else be a rule that never
// matches.
func (e *environment) checkLiterals(x *expression, at func(int64) int, note refuse) {
	x.compared(func(variable string, n celast.Expr, text, how string) {
		offset := at(n.ID())
		switch variable {
		case "field.category":
			switch {
			case text == "" && how == "within":
				note(offset, "nothing is within \"\" but the remainder", `field.category == ""`)
			case text != "" && !category.Known(category.Key(text)):
				message, instead := unknownCategory(text)
				note(offset, message, instead)
			}
		case "field.kind":
			if all := kinds(); !slices.Contains(all, text) {
				note(offset, fmt.Sprintf("there is no kind of field %q", cut(text)), nearestOf(text, all))
			}
		case "field.place":
			e.checkPlace(offset, text, how, note)
		}
	})
	x.checkTransforms(func(id int64, message string) { note(at(id), message, "") })
}

func (e *environment) checkPlace(offset int, text, how string, note refuse) {
	_, name, ok := parsePlace(text)
	if how == "within" && !ok {
		for _, p := range placePrefixes() {
			if category.Key(p).Within(category.Key(text)) {
				ok = true
			}
		}
	}
	switch {
	case strings.HasPrefix(text, "request.body"), strings.HasPrefix(text, "response.body"):
		note(offset, "bodies are not read by this version of weir", "a place in a header, a cookie or the URL")
	case !ok:
		note(offset, fmt.Sprintf("%q is no place", cut(text)), nearestPlace(text))
	case strings.Contains(name, "**"):
		note(offset, `"**" stands for places in fields: only; a place of which the name is not known ends in ".*"`, "")
	case name != strings.ToLower(name) && (strings.Contains(text, ".header.") || strings.Contains(text, ".trailer.")) && !strings.Contains(text, ".query."):
		note(offset, "names of headers are in lower case here", strings.ToLower(text))
	}
}

func kinds() []string {
	var out []string
	for k := range raw.Kind(raw.KindCount) {
		if !slices.Contains(out, k.String()) {
			out = append(out, k.String())
		}
	}
	return out
}
