package policy

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/parser"

	"weir/redact/raw"
)

// consentType is of what consent.given() is asked of.
var consentType = cel.OpaqueType("consent")

// consentValue answers consent.given() and consent.withdrawn().
type consentValue struct {
	opaque
	consent *Consent
}

func (consentValue) Type() ref.Type { return consentType }

// consentFunctions are consent.given() of a purpose, or of all of a list, and consent.withdrawn().
func consentFunctions() []cel.EnvOption {
	asked := func(ask func(*Consent, ...string) bool) cel.OverloadOpt {
		return cel.BinaryBinding(func(consent, purposes ref.Val) ref.Val {
			c, ok := consent.(consentValue)
			if !ok {
				return types.MaybeNoSuchOverloadErr(consent)
			}
			names, ok := textsOf(purposes)
			if !ok {
				return types.MaybeNoSuchOverloadErr(purposes)
			}
			return types.Bool(ask(c.consent, names...))
		})
	}
	withdrawn := func(c *Consent, purposes ...string) bool { return c.Withdrawn(purposes[0]) }
	return []cel.EnvOption{
		cel.Macros(
			parser.NewReceiverMacro("given", 1, hiddenReceiver("consent", "@consent", "given")),
			parser.NewReceiverMacro("withdrawn", 1, hiddenReceiver("consent", "@consent", "withdrawn")),
		),
		cel.Function("given",
			cel.MemberOverload("consent_given_text", []*cel.Type{consentType, cel.StringType}, cel.BoolType, asked((*Consent).Given)),
			cel.MemberOverload("consent_given_texts", []*cel.Type{consentType, textsList}, cel.BoolType, asked((*Consent).Given))),
		cel.Function("withdrawn",
			cel.MemberOverload("consent_withdrawn_text", []*cel.Type{consentType, cel.StringType}, cel.BoolType, asked(withdrawn))),
	}
}

// textsOf is a text, or the texts of a list.
func textsOf(v ref.Val) (out []string, ok bool) {
	if t, ok := v.(types.String); ok {
		return []string{string(t)}, true
	}
	l, ok := v.(traits.Lister)
	if !ok {
		return nil, false
	}
	for it := l.Iterator(); it.HasNext() == types.True; {
		t, ok := it.Next().(types.String)
		if !ok {
			return nil, false
		}
		out = append(out, string(t))
	}
	return out, true
}

func (v *view) resolveConsent(name string) (any, bool) {
	c := v.choices()
	if c == nil {
		return notSeen, true
	}
	switch name {
	case "@consent":
		return consentValue{consent: c}, true
	case "consent.gpc":
		return types.Bool(c.GPC), true
	case "consent.dnt":
		return types.Bool(c.DNT), true
	}
	return nil, false
}

// choices are those of the person whose request it is, nil where they were not seen.
func (v *view) choices() *Consent {
	if v.consent == nil {
		switch x := v.exchange; {
		case v.seen.Consent != nil:
			v.consent = v.seen.Consent
		case x != nil && x.Visibility != raw.SeenTunnel:
			v.consent = v.policy.Consent(&x.Request)
		}
	}
	return v.consent
}
