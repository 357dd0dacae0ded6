package raw

import (
	"fmt"
	"io"
	"log/slog"
)

// Placeholder stands wherever a raw value is printed.
const Placeholder = "[raw]"

// hidden, embedded, has a type print as Placeholder, by value and by pointer,
// under every verb and in every encoding that asks.
type hidden struct{}

func (hidden) String() string               { return Placeholder }
func (hidden) GoString() string             { return Placeholder }
func (hidden) Format(s fmt.State, _ rune)   { _, _ = io.WriteString(s, Placeholder) }
func (hidden) MarshalText() ([]byte, error) { return []byte(Placeholder), nil }
func (hidden) LogValue() slog.Value         { return slog.StringValue(Placeholder) }
