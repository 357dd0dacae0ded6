package policy

import (
	"errors"
	"reflect"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/parser"

	"weir/redact/category"
)

// notSeen stands for what an exchange does not tell. CEL carries it through all that
// reads it.
var notSeen = types.NewUnknown(1, nil)

// flowType and lawType are of what functions are asked of.
var (
	flowType = cel.OpaqueType("flow")
	lawType  = cel.OpaqueType("law")
)

// flowValue answers flow.carries().
type flowValue struct {
	opaque
	view *view
}

func (flowValue) Type() ref.Type { return flowType }

// lawValue answers adequate().
type lawValue struct {
	opaque
	view *view
}

func (lawValue) Type() ref.Type { return lawType }

// flowFunctions are those of what goes from here to there.
func flowFunctions() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Macros(
			parser.NewReceiverMacro("carries", 1, hiddenReceiver("flow", "@flow", "carries")),
			parser.NewGlobalMacro("adequate", 1, hiddenReceiver("", "@law", "adequate")),
		),
		cel.Function("carries", cel.MemberOverload("flow_carries_text", []*cel.Type{flowType, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(flow, key ref.Val) ref.Val {
				f, ok := flow.(flowValue)
				k, ok2 := key.(types.String)
				if !ok || !ok2 {
					return types.MaybeNoSuchOverloadErr(flow)
				}
				return f.view.carries(category.Key(k))
			}))),
		cel.Function("adequate", cel.MemberOverload("law_adequate_text", []*cel.Type{lawType, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(law, country ref.Val) ref.Val {
				l, ok := law.(lawValue)
				c, ok2 := country.(types.String)
				if !ok || !ok2 {
					return types.MaybeNoSuchOverloadErr(law)
				}
				return types.Bool(l.view.adequate(string(c)))
			}))),
	}
}

// hiddenReceiver has a function asked of a variable that can not be written: as a
// function of nothing, or of a name that is no value by itself.
func hiddenReceiver(root, variable, function string) parser.MacroExpander {
	return func(h parser.ExprHelper, target celast.Expr, args []celast.Expr) (celast.Expr, *common.Error) {
		if root != "" && (target == nil || target.Kind() != celast.IdentKind || target.AsIdent() != root) {
			return nil, nil
		}
		return h.NewMemberCall(function, h.NewIdent(variable), args...), nil
	}
}

// underFunction is the tree of paths: "/orders/7".under("/orders").
func underFunction() cel.EnvOption {
	return cel.Function("under", cel.MemberOverload("text_under_text", []*cel.Type{cel.StringType, cel.StringType}, cel.BoolType,
		cel.BinaryBinding(func(path, above ref.Val) ref.Val {
			p, ok := path.(types.String)
			a, ok2 := above.(types.String)
			if !ok || !ok2 {
				return types.MaybeNoSuchOverloadErr(path)
			}
			return types.Bool(under(string(p), string(a)))
		})))
}

func under(path, above string) bool {
	above = strings.TrimSuffix(above, "/")
	rest, ok := strings.CutPrefix(path, above)
	return ok && (rest == "" || rest[0] == '/')
}

// maxDays keeps days() and years() within what a duration holds.
const maxDays = 100 * 366

// spanFunctions are days(n) and years(n). A year has 365 days.
func spanFunctions() []cel.EnvOption {
	span := func(days int64) cel.OverloadOpt {
		return cel.UnaryBinding(func(n ref.Val) ref.Val {
			i, ok := n.(types.Int)
			if !ok {
				return types.MaybeNoSuchOverloadErr(n)
			}
			if i < 0 || int64(i) > maxDays/days {
				return types.NewErr("a time span is at least 0 and at most 100 years")
			}
			return types.Duration{Duration: time.Duration(int64(i)*days) * 24 * time.Hour}
		})
	}
	return []cel.EnvOption{
		cel.Function("days", cel.Overload("days_int", []*cel.Type{cel.IntType}, cel.DurationType, span(1))),
		cel.Function("years", cel.Overload("years_int", []*cel.Type{cel.IntType}, cel.DurationType, span(365))),
	}
}

var errOpaque = errors.New("this is nothing else")

// opaque is what values have in common that are only asked of, or are what `then` makes.
type opaque struct{}

func (opaque) ConvertToNative(reflect.Type) (any, error) { return nil, errOpaque }
func (opaque) ConvertToType(ref.Type) ref.Val            { return types.WrapErr(errOpaque) }
func (opaque) Equal(ref.Val) ref.Val                     { return types.False }
func (opaque) Value() any                                { return nil }
