package http2

import (
	"fmt"
	"io"

	"weir/redact/raw"
)

// Streams hold what passes, so they print as a placeholder.

func (s *ServerStream) String() string             { return raw.Placeholder }
func (s *ServerStream) GoString() string           { return raw.Placeholder }
func (s *ServerStream) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, raw.Placeholder) }

func (s *ClientStream) String() string             { return raw.Placeholder }
func (s *ClientStream) GoString() string           { return raw.Placeholder }
func (s *ClientStream) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, raw.Placeholder) }
