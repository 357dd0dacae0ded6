package relay

import (
	"net/netip"

	"weir/redact/raw"
)

// Forwarded says what becomes of the fields that tell who a request comes from.
type Forwarded uint8

const (
	// ForwardedAppend adds the peer's address to X-Forwarded-For, and to
	// Forwarded where the request has that (RFC 7239), and makes one line of each:
	// a service that reads either never sees a list that ends with what a client
	// made up. In X-Real-IP it puts the peer's address, where the request has that
	// and the peer is not trusted to know better.
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
		trusted := j.relay.cfg.Trust.Contains(j.info.Client.Addr())
		return appendForwarded(m, fields, j.info.Client, trusted)
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

func appendForwarded(m *raw.Message, fields []raw.Pair, client netip.AddrPort, trusted bool) []raw.Pair {
	var b [64]byte
	address := b[:0]
	if a := client.Addr(); a.IsValid() {
		address = a.Unmap().WithZone("").AppendTo(address)
	} else {
		address = append(address, "unknown"...)
	}
	var f [80]byte
	element := append(f[:0], "for="...)
	if client.Addr().Unmap().Is6() {
		element = append(append(append(element, `"[`...), address...), `]"`...)
	} else {
		element = append(element, address...)
	}
	fields, _ = extend(m, fields, "forwarded", element)
	fields, found := extend(m, fields, "x-forwarded-for", address)
	if !found {
		fields = append(fields, raw.Pair{Name: m.AppendString("X-Forwarded-For"), Value: m.Append(address)})
	}
	if !trusted {
		fields = replace(m, fields, "x-real-ip", address)
	}
	return fields
}

// replace has the first line of that name say value, and leaves the others out.
func replace(m *raw.Message, fields []raw.Pair, name string, value []byte) []raw.Pair {
	found, kept := false, fields[:0]
	for _, p := range fields {
		if m.Is(p, name) {
			if found {
				continue
			}
			found, p.Value = true, m.Append(value)
		}
		kept = append(kept, p)
	}
	return kept
}

// extend makes one line of all the lines of that name, with one element more, in
// the place of the first. Many read only one line of several: each would end
// with what a client made up, or begin with it.
func extend(m *raw.Message, fields []raw.Pair, name string, element []byte) (extended []raw.Pair, found bool) {
	first, kept := -1, fields[:0]
	var list raw.Span
	for _, p := range fields {
		if !m.Is(p, name) {
			kept = append(kept, p)
			continue
		}
		if first < 0 {
			first = len(kept)
			list.Start = uint32(m.ArenaLen())
			kept = append(kept, p)
		}
		if old := m.Peek(p.Value); len(old) > 0 {
			m.Append(old)
			m.AppendString(", ")
		}
	}
	if first < 0 {
		return kept, false
	}
	list.End = m.Append(element).End
	kept[first].Value = list
	return kept, true
}
