package policytest

import (
	"fmt"
	"slices"
	"strings"

	"weir/policy"
	"weir/policy/source"
)

// class is how long entries are kept, as they call it: no other text can ever be equal.
func class(n source.Node) *source.Text {
	w := word(n)
	if w == nil || w.Value == "" || open(w.Value) {
		return w
	}
	d, ok := source.ParseDuration(w.Value)
	switch {
	case !ok || d <= 0:
		n.Refuse(fmt.Sprintf("no entry is kept for %q", short(w.Value)), "how long it is kept, such as 30d")
	case source.FormatDuration(d) != w.Value:
		n.Refuse(fmt.Sprintf("entries do not call it %q", short(w.Value)), source.FormatDuration(d))
	}
	return w
}

// open reports whether a text leaves some of it open.
func open(text string) bool { return strings.Contains(text, "…") || strings.Contains(text, "...") }

// responseForms are what is done to responses, as responseText writes it.
var responseForms = [policy.ResponseCount]string{
	policy.StripCookie: "strip_cookie(NAME)", policy.CapCookie: "cap_cookie(NAME, 395d)", policy.SetHeader: "set_header(name, value)",
	policy.DropHeader: "drop_header(name)", policy.DenyResponse: "deny(reason)", policy.AlertResponse: "alert",
}

// responsesOf reads what is to be done to a response.
func responsesOf(n source.Node) *wantedTexts {
	w := textsOf(n)
	for _, v := range n.List() {
		text := strings.TrimPrefix(v.Word().Value, would)
		if form, ok := formOf(text); !ok && text != "" {
			v.Refuse(fmt.Sprintf("%q is nothing that is done to a response", short(text)), form)
		}
	}
	return w
}

// formOf is how what a text says would be written, and whether it is.
func formOf(text string) (form string, ok bool) {
	does, with, called := strings.Cut(text, "(")
	if open(does) {
		return "", true
	}
	var names []string
	for _, form := range responseForms {
		name, args, takes := strings.Cut(form, "(")
		if name == does {
			whole := open(with) || strings.HasSuffix(with, ")") && strings.Count(with, ", ") >= strings.Count(args, ", ")
			return form, takes == called && (!takes || whole)
		}
		names = append(names, name)
	}
	if near, ok := source.Nearest(does, names); ok {
		return responseForms[slices.Index(names, near)], false
	}
	return strings.Join(responseForms[:], ", "), false
}
