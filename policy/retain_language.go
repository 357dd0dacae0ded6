package policy

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"weir/policy/source"
)

// retentionType is what `then` of `retain` must be.
var retentionType = cel.OpaqueType("retention")

// ground is why an entry is kept for so long, in order of strength.
type ground uint8

const (
	ceiling ground = iota // no longer than is needed: Art. 5(1)(e) GDPR
	erasure               // it was to be erased: Art. 17(1) GDPR
	byLaw                 // a law asks for it: Art. 17(3)(b) GDPR
	hold                  // a claim is under way: Art. 17(3)(e) GDPR
)

// retentionValue is a retention within an expression.
type retentionValue struct {
	opaque
	keep      time.Duration
	law, hold string
	erases    bool
	only      []string
}

func (retentionValue) Type() ref.Type { return retentionType }

func (v *retentionValue) ground() ground {
	switch {
	case v.hold != "":
		return hold
	case v.law != "":
		return byLaw
	case v.erases:
		return erasure
	}
	return ceiling
}

// retaining is the language of `retain`. Its `then` reads nothing: which classes there
// are has to be known before there is an entry.
var retaining = sync.OnceValue(func() language {
	l := language{
		when: newEnvironment("retain", "when", `a condition, such as request.route.under("/orders")`, inRetain, conditionFunctions()),
		then: newEnvironment("retain", "then", `one of keep_for(days(90)), keep_for(years(5)).by_law("Bookkeeping Act"), keep_for(years(2)).hold("case 7"), `+
			`keep_for(days(1)).erasure(), keep_for(days(90)).only(["url.path", "subjects"])`, 0, retentionFunctions()),
	}
	l.when.other = func() *environment { return l.then }
	l.then.other = func() *environment { return l.when }
	return l
})

// maxKeep bounds a retention.
const maxKeep = 100 * 366 * 24 * time.Hour

// retentionFunctions declares what `then` of `retain` can say.
func retentionFunctions() []cel.EnvOption {
	of := func(name string, argument *cel.Type, set func(v *retentionValue, argument ref.Val) string) cel.EnvOption {
		return cel.Function(name, cel.MemberOverload("retention_"+name, []*cel.Type{retentionType, argument}, retentionType,
			cel.BinaryBinding(func(target, argument ref.Val) ref.Val {
				return changed(target, func(v *retentionValue) string { return set(v, argument) })
			})))
	}
	return append(spanFunctions(),
		cel.Function("keep_for", cel.Overload("keep_for_duration", []*cel.Type{cel.DurationType}, retentionType, cel.UnaryBinding(keepFor))),
		of("by_law", cel.StringType, func(v *retentionValue, text ref.Val) string { return setGround(&v.law, "by_law", text) }),
		of("hold", cel.StringType, func(v *retentionValue, text ref.Val) string { return setGround(&v.hold, "hold", text) }),
		of("only", cel.ListType(cel.StringType), setOnly),
		cel.Function("erasure", cel.MemberOverload("retention_erasure", []*cel.Type{retentionType}, retentionType,
			cel.UnaryBinding(func(target ref.Val) ref.Val {
				return changed(target, func(v *retentionValue) string {
					v.erases = true
					return ""
				})
			}))),
	)
}

func keepFor(span ref.Val) ref.Val {
	d, ok := span.(types.Duration)
	switch {
	case !ok:
		return types.MaybeNoSuchOverloadErr(span)
	case d.Duration < time.Second || d.Duration > maxKeep || d.Duration%time.Second != 0:
		return types.NewErr("entries are kept for whole seconds, for one at least and 100 years at most")
	}
	return retentionValue{keep: d.Duration}
}

// changed is a copy of a retention that change changed, which says what is wrong.
func changed(target ref.Val, change func(*retentionValue) string) ref.Val {
	v, ok := target.(retentionValue)
	if !ok {
		return types.MaybeNoSuchOverloadErr(target)
	}
	message := change(&v)
	if message == "" && v.erases && (v.law != "" || v.hold != "") {
		message = "what is to be erased is not kept by law or on hold: these are rules of their own"
	}
	if message != "" {
		return types.NewErr("%s", message)
	}
	return v
}

func setGround(ground *string, name string, text ref.Val) string {
	t, ok := text.(types.String)
	switch {
	case !ok || strings.TrimSpace(string(t)) == "":
		return name + "() says why, in words"
	case *ground != "":
		return name + "() stands twice"
	case len(t) > 200:
		return name + "() takes at most 200 bytes"
	}
	*ground = string(t)
	return ""
}

func setOnly(v *retentionValue, list ref.Val) string {
	names, ok := list.Value().([]ref.Val)
	if !ok || len(names) == 0 {
		return "only() names the fields that such an entry holds"
	}
	if v.only != nil {
		return "only() stands twice"
	}
	for _, n := range names {
		t, ok := n.(types.String)
		if name := string(t); !ok || !isEntryField(name) {
			near, found := source.Nearest(name, EntryFields())
			switch {
			case !found:
				near = "url.path, http.request.header.referer or subjects"
			case strings.HasSuffix(near, "."):
				near += "NAME, or a star for all"
			}
			return fmt.Sprintf("no field of an entry is called %q: write %s", cut(name), near)
		}
		v.only = append(v.only, string(t))
	}
	return ""
}

// EntryFields are the names of the fields of an entry. Of those that end in a dot the
// name of a header stands behind it, or a star for all.
func EntryFields() []string {
	return []string{
		"attempts", "client.address", "client.certificate", "duration", "epoch", "error.type", "flow.direction", "flow.visibility",
		"http.request.body.size", "http.request.body.unscanned", "http.request.header.", "http.request.method", "http.request.trailer.",
		"http.response.body.size", "http.response.body.unscanned", "http.response.header.", "http.response.status_code",
		"http.response.time_to_first_byte", "http.response.trailer.", "network.peer.address", "network.protocol.version", "policy",
		"redacted", "retain", "server.address", "server.port", "service", "subjects", "time", "tls.protocol.version", "tls.server_name",
		"trace_id", "tunnel.bytes_down", "tunnel.bytes_up", "url.path", "url.query", "url.scheme", "user_agent.name",
		"user_agent.version", "weir.fault",
	}
}

func isEntryField(name string) bool {
	return slices.ContainsFunc(EntryFields(), func(f string) bool {
		if strings.HasSuffix(f, ".") {
			return len(name) > len(f) && strings.HasPrefix(name, f)
		}
		return name == f
	})
}
