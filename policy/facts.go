package policy

import (
	"bytes"
	"net/netip"
	"sync"
	"unsafe"

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
	policy   *Policy
	question *raw.Question
	place    *place
	known    reads   // what may be asked; all else is open
	text     ref.Val // of the place, and below the category: asked for by most rules
	category ref.Val
	route    *raw.Route
	routed   bool

	header, responseHeader lines
	query                  pairs
	cookie                 pairs
}

var factsPool = sync.Pool{New: func() any { return new(facts) }}

// takeFacts takes facts for a question, which must be given back.
func takeFacts(p *Policy, q *raw.Question, pl *place, known reads) *facts {
	f := factsPool.Get().(*facts)
	f.policy, f.question, f.place, f.known = p, q, pl, known
	if x := q.Exchange; x != nil {
		f.header.message, f.responseHeader.message, f.query.message, f.cookie.message = &x.Request, &x.Response, &x.Request, &x.Request
		f.cookie.cookies = true
	}
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
	if f.question.Exchange == nil {
		return nil, false
	}
	return f.exchange(name, f.question.Exchange)
}

func (f *facts) exchange(name string, x *raw.Exchange) (any, bool) {
	m := &x.Request
	switch name {
	case "request.method":
		return text(m.Peek(m.Method)), true
	case "request.scheme":
		return types.String(m.Scheme.String()), true
	case "request.host":
		return types.String(hostOf(m.Peek(m.Authority))), true
	case "request.path":
		return text(m.Peek(m.Path)), true
	case "request.route":
		return types.String(f.template(m)), true
	case "request.header":
		return &f.header, true
	case "request.query":
		return &f.query, true
	case "request.cookie":
		return &f.cookie, true
	case "request.size":
		return types.Int(m.BodyBytes), true
	case "request.tls":
		return types.String(tlsVersion(x.TLSVersion)), true
	case "response.status":
		return types.Int(x.Response.Status), true
	case "response.header":
		return &f.responseHeader, true
	case "response.size":
		return types.Int(x.Response.BodyBytes), true
	case "response.duration":
		return types.Duration{Duration: x.Duration}, true
	case "client.address":
		return types.String(addressText(x.Client)), true
	case "client.trusted":
		return types.Bool(x.Trusted), true
	case "now":
		return types.Timestamp{Time: x.Started.UTC().Round(0)}, true
	}
	return nil, false
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

func (f *facts) template(m *raw.Message) string {
	if !f.routed {
		f.route, f.routed = f.policy.Route(m.Peek(m.Path)), true
	}
	if f.route == nil {
		return ""
	}
	return f.route.Template
}

// text is b as a CEL text, without a copy.
func text(b []byte) ref.Val {
	if len(b) == 0 {
		return types.String("")
	}
	return types.String(unsafe.String(&b[0], len(b)))
}

func lowerASCII(b []byte) string {
	out := make([]byte, len(b))
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		out[i] = c
	}
	return string(out)
}

// hostOf is an authority's host in lower case, without port and brackets.
func hostOf(authority []byte) string {
	s := lowerASCII(authority)
	if len(s) > 0 && s[0] == '[' {
		for i := range s {
			if s[i] == ']' {
				return s[1:i]
			}
		}
		return s
	}
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == ':' {
			return s[:i]
		}
	}
	return s
}

func addressText(a raw.Address) string {
	if !a.Known() {
		return ""
	}
	addr := a.Peek().Addr()
	if addr.Zone() != "" {
		addr = netip.AddrFrom16(addr.As16())
	}
	return addr.String()
}

func tlsVersion(v uint16) string {
	switch v {
	case 0x0301:
		return "1.0"
	case 0x0302:
		return "1.1"
	case 0x0303:
		return "1.2"
	case 0x0304:
		return "1.3"
	}
	return ""
}
