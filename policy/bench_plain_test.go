package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"weir/redact/category"
	"weir/redact/raw"
)

// fifty are rules as policies have them: by category, place, name and confidence, and
// some by the request.
func fifty() []string {
	var rules []string
	for i := range 49 {
		rules = append(rules, []string{
			fmt.Sprintf(`field.category.within("x.c%d") => hash()`, i),
			fmt.Sprintf(`field.place == "url.query.key%d" => keep()`, i),
			fmt.Sprintf(`field.name == "x-name-%d" && service == "" => keep()`, i),
			fmt.Sprintf(`field.category == "x.d%d" && field.confidence > 0.8 => mask()`, i),
			fmt.Sprintf(`field.category == "x.e%d" && request.method == "PUT" => mask()`, i),
		}[i%5])
	}
	return append(rules, `field.category.within("user.contact") => hash()`)
}

// A field of a typical exchange, decided by 50 rules: by a Policy, and by asking cel-go
// for one rule after the other.
func BenchmarkFiftyRules(b *testing.B) {
	x := newExchange("/orders/17", "")
	names := []string{"email", "page", "key1", "utm_source", "q", "id", "sid", "x-unknown"}
	b.Run("weir", func(b *testing.B) {
		p := parse(b, "", fifty()...)
		var questions []*raw.Question
		for _, n := range names {
			for _, k := range []category.Key{"", "user.contact.email"} {
				questions = append(questions, question(p, x, raw.Query, n, "v", string(k), 95))
			}
		}
		i := 0
		b.ReportAllocs()
		for b.Loop() {
			p.Decide(questions[i%len(questions)])
			i++
		}
	})
	b.Run("plain cel-go", func(b *testing.B) {
		programs := plainPrograms(b)
		var vars []map[string]any
		for _, n := range names {
			for _, k := range []string{"", "user.contact.email"} {
				vars = append(vars, map[string]any{"field.place": "url.query." + n, "field.name": n, "field.category": k, "field.confidence": 0.95,
					"service": "", "request.method": "GET"})
			}
		}
		i := 0
		b.ReportAllocs()
		for b.Loop() {
			for _, p := range programs {
				if out, _, err := p.Eval(vars[i%len(vars)]); err != nil {
					b.Fatal(err)
				} else if out == types.True {
					break
				}
			}
			i++
		}
	})
}

func plainPrograms(b *testing.B) []cel.Program {
	options := []cel.EnvOption{cel.Variable("field.confidence", cel.DoubleType),
		cel.Function("within", cel.MemberOverload("text_within_text", []*cel.Type{cel.StringType, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(a, b ref.Val) ref.Val {
				return types.Bool(category.Key(a.(types.String)).Within(category.Key(b.(types.String))))
			})))}
	for _, name := range []string{"field.place", "field.name", "field.category", "service", "request.method"} {
		options = append(options, cel.Variable(name, cel.StringType))
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		b.Fatal(err)
	}
	var out []cel.Program
	for _, rule := range fifty() {
		when, _, _ := strings.Cut(rule, " => ")
		ast, issues := env.Compile(when)
		if issues.Err() != nil {
			b.Fatal(issues.Err())
		}
		p, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}
