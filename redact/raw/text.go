package raw

import (
	"fmt"
	"io"
	"log/slog"
	"net/netip"
)

// Placeholder stands wherever a raw value is printed.
const Placeholder = "[raw]"

// Text is a span of bytes that passed by. It is valid as long as the message
// that it came from, until the observer returns.
type Text struct{ b []byte }

// Of makes a Text of b without copying it.
func Of(b []byte) Text { return Text{b} }

// Peek returns the bytes themselves. They must not be written, kept or changed.
func (t Text) Peek() []byte { return t.b }

// Len is the number of bytes.
func (t Text) Len() int { return len(t.b) }

func (t Text) String() string               { return Placeholder }
func (t Text) GoString() string             { return Placeholder }
func (t Text) Format(s fmt.State, _ rune)   { hide(s) }
func (t Text) MarshalText() ([]byte, error) { return []byte(Placeholder), nil }
func (t Text) LogValue() slog.Value         { return slog.StringValue(Placeholder) }

// Address is the address and port of a peer. The zero Address is unknown.
type Address struct{ a netip.AddrPort }

// AddressOf makes an Address of a. An IPv4-mapped IPv6 address is unmapped.
func AddressOf(a netip.AddrPort) Address {
	return Address{netip.AddrPortFrom(a.Addr().Unmap(), a.Port())}
}

// Peek returns the address itself. It must not be written.
func (a Address) Peek() netip.AddrPort { return a.a }

// Known reports whether there is an address at all.
func (a Address) Known() bool { return a.a.Addr().IsValid() }

func (a Address) String() string               { return Placeholder }
func (a Address) GoString() string             { return Placeholder }
func (a Address) Format(s fmt.State, _ rune)   { hide(s) }
func (a Address) MarshalText() ([]byte, error) { return []byte(Placeholder), nil }
func (a Address) LogValue() slog.Value         { return slog.StringValue(Placeholder) }

func hide(w io.Writer) { _, _ = io.WriteString(w, Placeholder) }
