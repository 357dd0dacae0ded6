package policy

import (
	"bytes"
	"sync"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"weir/redact/raw"
)

// facts are the values of the variables for one question. CEL asks for them by
// their whole names; nothing is read before it is asked for.
//
// Texts from the exchange are handed to CEL without a copy: they are valid during
// the call, and of a condition nothing but its truth is kept.
type facts struct {
	passage
	question *raw.Question
	place    *place
	known    reads   // what may be asked; all else is open
	text     ref.Val // of the place, and below the category: asked for by most rules
	category ref.Val
}

var factsPool = sync.Pool{New: func() any { return new(facts) }}

// takeFacts takes facts for a question, which must be given back.
func takeFacts(p *Policy, q *raw.Question, pl *place, known reads) *facts {
	f := factsPool.Get().(*facts)
	f.question, f.place, f.known = q, pl, known
	f.passage.of(p, q.Exchange)
	return f
}

func (f *facts) giveBack() {
	*f = facts{}
	factsPool.Put(f)
}

// atom evaluates an atom where all that it reads is known.
func (f *facts) atom(a *atom) truth {
	if a.reads&^f.known != 0 {
		return open
	}
	if a.compared != nil {
		if t, ok := a.compared.truth(f); ok {
			return t
		}
	}
	v, _, err := a.program.Eval(f)
	if err != nil {
		return failed
	}
	b, ok := v.(types.Bool)
	if !ok {
		return failed
	}
	return truthOf(bool(b))
}

// Parent is of interpreter.Activation.
func (f *facts) Parent() interpreter.Activation { return nil }

// ResolveName is of interpreter.Activation.
func (f *facts) ResolveName(name string) (any, bool) {
	switch name {
	case "field.place":
		if f.text == nil {
			f.text = types.String(f.place.Text)
		}
		return f.text, true
	case "field.name":
		return f.name(), true
	case "field.kind":
		return types.String(f.place.Kind.String()), true
	case "field.category":
		if f.category == nil {
			f.category = types.String(f.question.Category)
		}
		return f.category, true
	case "field.confidence":
		return types.Double(float64(min(f.question.Confidence, 100)) / 100), true
	case "field.value":
		if f.question.Field == nil {
			return types.String(""), true
		}
		return text(f.question.Field.Value.Peek()), true
	case "service":
		return types.String(f.policy.service), true
	}
	return f.passage.resolve(name)
}

// name is field.name: the place's where that is known, else as it was sent.
func (f *facts) name() ref.Val {
	if !f.place.open {
		return types.String(f.place.Name)
	}
	if f.question.Field == nil {
		return types.String("*")
	}
	name := f.question.Field.Name.Peek()
	if f.place.Kind.Body() {
		name = name[bytes.LastIndexByte(name, '.')+1:]
	}
	if f.place.lower {
		for _, c := range name {
			if 'A' <= c && c <= 'Z' {
				return types.String(lowerASCII(name))
			}
		}
	}
	return text(name)
}
