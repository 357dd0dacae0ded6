package policy

import (
	"net/netip"
	"unsafe"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"weir/redact/raw"
)

// passage is what variables tell of an exchange itself. Nothing is read before it is
// asked for.
type passage struct {
	policy   *Policy
	exchange *raw.Exchange // nil where there is none
	route    *raw.Route
	routed   bool

	header, responseHeader lines
	query                  pairs
	cookie                 pairs
}

// of makes f that of x.
func (f *passage) of(p *Policy, x *raw.Exchange) {
	f.policy, f.exchange = p, x
	if x == nil {
		return
	}
	f.header.message, f.responseHeader.message, f.query.message, f.cookie.message = &x.Request, &x.Response, &x.Request, &x.Request
	f.cookie.cookies = true
}

// resolve is the value of a variable of the exchange.
func (f *passage) resolve(name string) (any, bool) {
	x := f.exchange
	if x == nil {
		return nil, false
	}
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

func (f *passage) template(m *raw.Message) string {
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
