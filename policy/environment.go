package policy

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"

	"weir/redact/category"
	"weir/redact/transform"
)

// Bounds of one expression. Regular expressions are RE2's, linear in their input.
const (
	maxExpression = 10_000 // characters
	maxRecursion  = 100
	maxRegex      = 1_000 // instructions
	maxCost       = 20_000
)

// environment is what one kind of expression can say: that of `when` in `egress`, or
// that of `then` there.
type environment struct {
	key       string // that the expression stands behind: "when", "then" or "holds"
	section   string // "redact", "egress" …
	env       *cel.Env
	variables map[string]variable
	functions []string
	other     func() *environment // of the same section, itself where there is none
	examples  string
}

// language is what the rules of one section can say.
type language struct{ when, then *environment }

// Each environment is built once, when it is first asked for: they are immutable
// and take milliseconds to make.
var (
	redacting  = sync.OnceValue(func() language { return newLanguage("redact", inRedact, redactThen, transforms()) })
	egressing  = sync.OnceValue(func() language { return newLanguage("egress", inEgress, egressThen, verdictFunctions()) })
	responding = sync.OnceValue(func() language { return newLanguage("respond", inRespond, respondThen, responseFunctions()) })
)

const whenExample = `a condition, such as field.category.within("user.contact")`

const (
	redactThen = "one of keep(), drop(), replace(), mask(), truncate(24, 48), hash(), encrypt(), encrypt_prefix(), family(), coordinates(2), " +
		"year(), month(), bucket(10), origin(), no_query(), template(), domain(), phone_country()"
	egressThen  = `one of allow(), alert("why"), deny("why"), strip(flow.excess), rewrite({"url.query.cid": hash()})`
	respondThen = `one of strip_cookie(), cap_cookie(days(395)), set_header("referrer-policy", "origin"), drop_header("server"), deny("why"), alert("why"), allow()`
)

func newLanguage(section string, in sectionSet, example string, then []cel.EnvOption) language {
	var l language
	l.when = newEnvironment(section, "when", whenExamples[section], in, conditionFunctions())
	l.then = newEnvironment(section, "then", example, in, then)
	l.when.other = func() *environment { return l.then }
	l.then.other = func() *environment { return l.when }
	return l
}

var whenExamples = map[string]string{
	"redact": whenExample,
	"egress": `a condition, such as party.use == "google/analytics"`,
}

// refusedFunctions are CEL's that make texts of any length.
var refusedFunctions = []string{"format", "strings.quote"}

// conditionFunctions are those of a condition in any section.
func conditionFunctions() []cel.EnvOption {
	return append(append(bounded(), spanFunctions()...), ext.Network(), ext.Sets(), ext.Math())
}

func newEnvironment(section, key, example string, in sectionSet, more []cel.EnvOption) *environment {
	e := &environment{section: section, key: key, examples: example, variables: make(map[string]variable)}
	e.other = func() *environment { return e }
	options := []cel.EnvOption{
		cel.ClearMacros(),
		cel.Macros(cel.AllMacro, cel.ExistsMacro, cel.ExistsOneMacro, cel.MapMacro, cel.FilterMacro),
		cel.EnableMacroCallTracking(),
		cel.CrossTypeNumericComparisons(true),
		cel.DefaultUTCTimeZone(true),
		cel.ParserRecursionLimit(maxRecursion),
		cel.ParserExpressionSizeLimit(maxExpression),
		cel.RegexProgramSizeLimit(maxRegex),
		cel.Function("within", cel.MemberOverload("text_within_text",
			[]*cel.Type{cel.StringType, cel.StringType}, cel.BoolType, cel.BinaryBinding(within))),
	}
	if in != inRedact {
		options = append(append(options, flowFunctions()...), consentFunctions()...)
	}
	for _, v := range variables() {
		if v.in&in != 0 && (key != "then" || v.then) {
			e.variables[v.name] = v
			options = append(options, cel.Variable(v.name, v.typ))
		}
	}
	env, err := cel.NewEnv(append(options, more...)...)
	if err != nil {
		panic(fmt.Sprintf("policy: the environment of %s in %s: %v", key, section, err)) // of constants only
	}
	e.env = env
	for name := range env.Functions() {
		if name[0] >= 'a' && name[0] <= 'z' && !slices.Contains(refusedFunctions, name) {
			e.functions = append(e.functions, name)
		}
	}
	return e
}

// within is the tree of dots: "a.b".within("a").
func within(text, above ref.Val) ref.Val {
	t, ok := text.(types.String)
	a, ok2 := above.(types.String)
	if !ok || !ok2 {
		return types.MaybeNoSuchOverloadErr(text)
	}
	return types.Bool(category.Key(t).Within(category.Key(a)))
}

// transformType is what `then` must be.
var transformType = cel.OpaqueType("transform")

// transformValue is a transform within an expression.
type transformValue struct{ transform.Transform }

func (v transformValue) Type() ref.Type { return transformType }
func (v transformValue) Value() any     { return v.Transform }
func (v transformValue) Equal(o ref.Val) ref.Val {
	w, ok := o.(transformValue)
	return types.Bool(ok && v == w)
}
func (v transformValue) ConvertToType(t ref.Type) ref.Val {
	return types.NewErr("a transform is nothing else")
}

// fixed are the transforms without parameters.
func fixed() map[string]transform.Transform {
	none, _ := transform.Mask(0, 0)
	return map[string]transform.Transform{
		"keep": transform.Keep(), "drop": transform.Drop(), "hash": transform.Hash(), "mask": none, "replace": transform.Type(),
		"encrypt": transform.Encrypt(), "encrypt_prefix": transform.EncryptPrefix(), "family": transform.Family(),
		"phone_country": transform.PhoneCountry(), "year": transform.Year(), "month": transform.Month(), "domain": transform.Domain(),
		"origin": transform.Origin(), "template": transform.Template(), "no_query": transform.NoQuery(),
	}
}

// transforms declares what `then` can say. The parameters are checked by
// package transform.
func transforms() []cel.EnvOption {
	one, two := []*cel.Type{cel.IntType}, []*cel.Type{cel.IntType, cel.IntType}
	options := []cel.EnvOption{
		cel.Function("replace", cel.Overload("replace_text", []*cel.Type{cel.StringType}, transformType,
			cel.UnaryBinding(func(text ref.Val) ref.Val {
				t, ok := text.(types.String)
				if !ok {
					return types.MaybeNoSuchOverloadErr(text)
				}
				return made(transform.Replace(string(t)))
			}))),
		cel.Function("mask", cel.Overload("mask_ends", two, transformType, cel.BinaryBinding(ofTwo(transform.Mask)))),
		cel.Function("truncate",
			cel.Overload("truncate_text", one, transformType, cel.UnaryBinding(ofOne(transform.TruncateText))),
			cel.Overload("truncate_address", two, transformType, cel.BinaryBinding(ofTwo(transform.Truncate)))),
		cel.Function("bucket", cel.Overload("bucket_width", one, transformType, cel.UnaryBinding(ofOne(transform.Bucket)))),
		cel.Function("coordinates", cel.Overload("coordinates_decimals", one, transformType, cel.UnaryBinding(ofOne(transform.Coordinates)))),
	}
	for name, t := range fixed() {
		options = append(options, cel.Function(name, cel.Overload(name+"_always", nil, transformType,
			cel.FunctionBinding(func(...ref.Val) ref.Val { return transformValue{t} }))))
	}
	return options
}

func ofOne(make func(n int) (transform.Transform, error)) func(n ref.Val) ref.Val {
	return func(n ref.Val) ref.Val {
		i, ok := n.(types.Int)
		if !ok {
			return types.MaybeNoSuchOverloadErr(n)
		}
		return made(make(clamp(i)))
	}
}

func ofTwo(make func(a, b int) (transform.Transform, error)) func(a, b ref.Val) ref.Val {
	return func(a, b ref.Val) ref.Val {
		first, ok := a.(types.Int)
		second, ok2 := b.(types.Int)
		if !ok || !ok2 {
			return types.MaybeNoSuchOverloadErr(a)
		}
		return made(make(clamp(first), clamp(second)))
	}
}

// clamp keeps numbers that are out of every range out of range as an int.
func clamp(i types.Int) int { return int(max(min(i, 1<<40), -1)) }

func made(t transform.Transform, err error) ref.Val {
	if err != nil {
		return types.WrapErr(err)
	}
	return transformValue{t}
}

func (v transformValue) ConvertToNative(reflect.Type) (any, error) {
	return nil, errors.New("a transform is nothing else")
}
