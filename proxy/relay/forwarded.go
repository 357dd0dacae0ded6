package relay

import (
	"net/netip"

	"weir/redact/raw"
)

// Forwarded says what becomes of the fields that tell who a request comes from.
type Forwarded uint8

const (
	// ForwardedAppend adds the peer's address to X-Forwarded-For, and to
	// Forwarded where the request has that (RFC 7239): a service that reads
	// either never sees a list that ends with what a client made up.
	ForwardedAppend Forwarded = iota
	// ForwardedPass leaves them as they came.
	ForwardedPass
	// ForwardedDrop removes X-Forwarded-For, Forwarded and X-Real-IP.
	ForwardedDrop
)

// forwarded returns the fields that go upstream, with what the configuration
// says of the client's address.
func (j *journey) forwarded(fields []raw.Pair) []raw.Pair {
	m := &j.ex.Request
	switch j.relay.cfg.Forwarded {
	case ForwardedAppend:
		return appendForwarded(m, fields, j.info.Client)
	case ForwardedDrop:
		kept := fields[:0]
		for _, p := range fields {
			if !m.Is(p, "x-forwarded-for") && !m.Is(p, "forwarded") && !m.Is(p, "x-real-ip") {
				kept = append(kept, p)
			}
		}
		return kept
	}
	return fields
}

func appendForwarded(m *raw.Message, fields []raw.Pair, client netip.AddrPort) []raw.Pair {
	var b [64]byte
	address := b[:0]
	if a := client.Addr(); a.IsValid() {
		address = a.Unmap().WithZone("").AppendTo(address)
	} else {
		address = append(address, "unknown"...)
	}
	list, structured := -1, -1
	for i, p := range fields {
		switch {
		case m.Is(p, "x-forwarded-for"):
			list = i
		case m.Is(p, "forwarded"):
			structured = i
		}
	}
	if structured >= 0 {
		var f [80]byte
		element := append(f[:0], "for="...)
		if client.Addr().Unmap().Is6() {
			element = append(append(append(element, `"[`...), address...), `]"`...)
		} else {
			element = append(element, address...)
		}
		fields[structured].Value = extend(m, fields[structured].Value, element)
	}
	if list < 0 {
		return append(fields, raw.Pair{Name: m.AppendString("X-Forwarded-For"), Value: m.Append(address)})
	}
	fields[list].Value = extend(m, fields[list].Value, address)
	return fields
}

// extend makes a copy of a list with one element more.
func extend(m *raw.Message, list raw.Span, element []byte) raw.Span {
	old := m.Peek(list)
	if len(old) == 0 {
		return m.Append(element)
	}
	s := m.Append(old)
	m.AppendString(", ")
	s.End = m.Append(element).End
	return s
}
