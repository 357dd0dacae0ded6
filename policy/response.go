package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// responseType is what `then` must be in `respond`.
var responseType = cel.OpaqueType("response")

// responseValue is what is done to a response, within an expression. allow() is one
// that does nothing.
type responseValue struct {
	opaque
	allows        bool
	kind          ResponseKind
	maxAge        time.Duration
	header, value string
	reason        string
}

func (responseValue) Type() ref.Type { return responseType }

// responseFunctions declares what `then` can say in `respond`.
func responseFunctions() []cel.EnvOption {
	text := cel.StringType
	always := func(name string, v responseValue) cel.EnvOption {
		return cel.Function(name, cel.Overload(name+"_always", nil, responseType, cel.FunctionBinding(func(...ref.Val) ref.Val { return v })))
	}
	ofTexts := func(name string, params []*cel.Type, make func(texts []string) responseValue) cel.EnvOption {
		return cel.Function(name, cel.Overload(name+"_texts", params, responseType, cel.FunctionBinding(func(args ...ref.Val) ref.Val {
			texts, _ := arguments(args)
			if len(texts) != len(params) {
				return types.MaybeNoSuchOverloadErr(args[0])
			}
			return make(texts)
		})))
	}
	return append(spanFunctions(),
		always("allow", responseValue{allows: true}), always("strip_cookie", responseValue{kind: StripCookie}),
		cel.Function("cap_cookie", cel.Overload("cap_cookie_duration", []*cel.Type{cel.DurationType}, responseType, cel.UnaryBinding(capped))),
		ofTexts("set_header", []*cel.Type{text, text}, func(t []string) responseValue {
			return responseValue{kind: SetHeader, header: strings.ToLower(t[0]), value: t[1]}
		}),
		ofTexts("drop_header", []*cel.Type{text}, func(t []string) responseValue {
			return responseValue{kind: DropHeader, header: strings.ToLower(t[0])}
		}),
		ofTexts("deny", []*cel.Type{text}, func(t []string) responseValue { return responseValue{kind: DenyResponse, reason: t[0]} }),
		ofTexts("alert", []*cel.Type{text}, func(t []string) responseValue { return responseValue{kind: AlertResponse, reason: t[0]} }),
	)
}

// capped is cap_cookie(longest).
func capped(longest ref.Val) ref.Val {
	d, ok := longest.(types.Duration)
	if !ok {
		return types.MaybeNoSuchOverloadErr(longest)
	}
	if d.Duration < time.Second {
		return types.NewErr("a cookie is capped to a second at least")
	}
	return responseValue{kind: CapCookie, maxAge: d.Duration}
}

// framing are the fields of a response that are weir's own, or have a verb of their own.
var framing = []string{"connection", "content-encoding", "content-length", "keep-alive", "proxy-authenticate", "proxy-connection",
	"set-cookie", "te", "trailer", "transfer-encoding", "upgrade"}

// checkHeaders refuses names and values of fields that are no constants, or none of
// HTTP's (RFC 9110 section 5), or not a policy's to set.
func (x *expression) checkHeaders(at func(int64) int, note refuse) {
	celast.PostOrderVisit(x.ast.Expr(), celast.NewExprVisitor(func(n celast.Expr) {
		if n.Kind() != celast.CallKind {
			return
		}
		c := n.AsCall()
		if name := c.FunctionName(); name != "set_header" && name != "drop_header" || c.IsMemberFunction() {
			return
		}
		for i, a := range c.Args() {
			text, ok := constant(a)
			switch {
			case !ok:
				note(at(a.ID()), c.FunctionName()+"() takes texts as they are written", `set_header("referrer-policy", "origin")`)
			case i == 0 && !token.MatchString(text):
				note(at(a.ID()), fmt.Sprintf("%q is no name of a header", cut(text)), "referrer-policy")
			case i == 0 && text != strings.ToLower(text):
				note(at(a.ID()), "names of headers are in lower case here", strings.ToLower(text))
			case i == 0 && text == "set-cookie":
				note(at(a.ID()), "cookies have functions of their own", "strip_cookie() or cap_cookie(days(395))")
			case i == 0 && slices.Contains(framing, text):
				note(at(a.ID()), fmt.Sprintf("%q says how the response is sent, and is weir's own", text), "")
			case i == 1 && strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r > '~' }):
				note(at(a.ID()), "the value of a header is of visible characters of ASCII", "")
			}
		}
	}))
}

// aboutCookies reports whether an expression is of one cookie, and so is asked for each.
func (x *expression) aboutCookies() bool {
	found := x.reads&readsSetCookie != 0
	celast.PostOrderVisit(x.ast.Expr(), celast.NewExprVisitor(func(n celast.Expr) {
		found = found || n.Kind() == celast.CallKind && strings.HasSuffix(n.AsCall().FunctionName(), "_cookie")
	}))
	return found
}
