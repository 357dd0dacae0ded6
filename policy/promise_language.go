package policy

import (
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/parser"

	"weir/redact/category"
)

// promising is what promises can say.
var promising = sync.OnceValue(func() promiseLanguage {
	more := append(conditionFunctions(), writtenFunctions()...)
	return promiseLanguage{
		when:  newEnvironment("promises", "when", `a condition, such as party.id == "stripe"`, inPromises, more),
		holds: newEnvironment("promises", "holds", `a condition, such as !flow.carries("user.contact.email")`, inPromises, more),
	}
})

type promiseLanguage struct{ when, holds *environment }

// writtenType is of what written.carries() is asked of.
var writtenType = cel.OpaqueType("written")

// writtenValue answers written.carries().
type writtenValue struct {
	opaque
	seen *Seen
}

func (writtenValue) Type() ref.Type { return writtenType }

// writtenFunctions are written.carries(): whether the entry holds values of a category
// that can be read. flow.carries() is expanded here too, for of two macros of one name
// the later counts.
func writtenFunctions() []cel.EnvOption {
	flow, written := hiddenReceiver("flow", "@flow", "carries"), hiddenReceiver("written", "@written", "carries")
	return []cel.EnvOption{
		cel.Macros(parser.NewReceiverMacro("carries", 1, func(h parser.ExprHelper, target celast.Expr, args []celast.Expr) (celast.Expr, *common.Error) {
			if e, err := flow(h, target, args); e != nil || err != nil {
				return e, err
			}
			return written(h, target, args)
		})),
		cel.Function("carries", cel.MemberOverload("written_carries_text", []*cel.Type{writtenType, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(written, key ref.Val) ref.Val {
				w, ok := written.(writtenValue)
				k, ok2 := key.(types.String)
				if !ok || !ok2 {
					return types.MaybeNoSuchOverloadErr(written)
				}
				for _, found := range w.seen.Written {
					if found.Within(category.Key(k)) {
						return types.True
					}
				}
				if w.seen.MoreWritten {
					return notSeen
				}
				return types.False
			}))),
	}
}

// resolveRetention is retain.keep: how long the entry of the exchange is kept.
func (v *view) resolveRetention() (any, bool) {
	if v.seen.Keep > 0 {
		return types.Duration{Duration: v.seen.Keep}, true
	}
	if v.exchange == nil {
		return notSeen, true
	}
	return types.Duration{Duration: v.policy.Retention(v.seen).Keep}, true
}
