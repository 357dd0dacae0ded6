package policy

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"weir/redact/category"
	"weir/redact/transform"
)

// verdictType is what `then` must be in `egress`.
var verdictType = cel.OpaqueType("verdict")

// verdictValue is a verdict within an expression.
type verdictValue struct {
	opaque
	verdict Verdict
	reason  string
	strip   []category.Key
	rewrite []rewriting
}

func (verdictValue) Type() ref.Type { return verdictType }

// rewriting is a transform for a place of a request.
type rewriting struct {
	place     string
	transform transform.Transform
}

// verdictFunctions declares what `then` can say in `egress`.
func verdictFunctions() []cel.EnvOption {
	reasoned := func(name string, v Verdict) cel.EnvOption {
		return cel.Function(name, cel.Overload(name+"_why", []*cel.Type{cel.StringType}, verdictType,
			cel.UnaryBinding(func(why ref.Val) ref.Val {
				w, ok := why.(types.String)
				if !ok {
					return types.MaybeNoSuchOverloadErr(why)
				}
				return verdictValue{verdict: v, reason: string(w)}
			})))
	}
	return append(transforms(),
		cel.Function("allow", cel.Overload("allow_always", nil, verdictType,
			cel.FunctionBinding(func(...ref.Val) ref.Val { return verdictValue{} }))),
		reasoned("alert", Alert), reasoned("deny", Deny),
		cel.Function("strip", cel.Overload("strip_categories", []*cel.Type{textsList}, verdictType, cel.UnaryBinding(stripped))),
		cel.Function("rewrite", cel.Overload("rewrite_places", []*cel.Type{cel.MapType(cel.StringType, transformType)}, verdictType,
			cel.UnaryBinding(rewritten))),
	)
}

// stripped is strip(categories).
func stripped(list ref.Val) ref.Val {
	l, ok := list.(traits.Lister)
	if !ok {
		return types.MaybeNoSuchOverloadErr(list)
	}
	v := verdictValue{verdict: Strip}
	for it := l.Iterator(); it.HasNext() == types.True; {
		k, ok := it.Next().(types.String)
		if !ok {
			return types.MaybeNoSuchOverloadErr(list)
		}
		v.strip = append(v.strip, category.Key(k))
	}
	return v
}

// rewritten is rewrite({place: transform}).
func rewritten(table ref.Val) ref.Val {
	m, ok := table.(traits.Mapper)
	if !ok {
		return types.MaybeNoSuchOverloadErr(table)
	}
	v := verdictValue{verdict: Rewrite}
	for it := m.Iterator(); it.HasNext() == types.True; {
		key := it.Next()
		place, ok := key.(types.String)
		t, ok2 := m.Get(key).(transformValue)
		if !ok || !ok2 {
			return types.MaybeNoSuchOverloadErr(table)
		}
		v.rewrite = append(v.rewrite, rewriting{string(place), t.Transform})
	}
	return v
}
