package raw

import "net/netip"

// Text is a span of bytes that passed by. It is valid as long as the message
// that it came from, until the observer returns.
type Text struct {
	hidden
	b []byte
}

// Of makes a Text of b without copying it.
func Of(b []byte) Text { return Text{b: b} }

// Peek returns the bytes themselves. They must not be written, kept or changed.
func (t Text) Peek() []byte { return t.b }

// Len is the number of bytes.
func (t Text) Len() int { return len(t.b) }

// Address is the address and port of a peer. The zero Address is unknown.
type Address struct {
	hidden
	a netip.AddrPort
}

// AddressOf makes an Address of a. An IPv4-mapped IPv6 address is unmapped.
func AddressOf(a netip.AddrPort) Address {
	return Address{a: netip.AddrPortFrom(a.Addr().Unmap(), a.Port())}
}

// Peek returns the address itself. It must not be written.
func (a Address) Peek() netip.AddrPort { return a.a }

// Known reports whether there is an address at all.
func (a Address) Known() bool { return a.a.Addr().IsValid() }
