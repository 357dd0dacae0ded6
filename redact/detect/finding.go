package detect

import (
	"fmt"
	"io"
	"log/slog"

	"weir/redact/category"
)

// placeholder stands wherever a finding or a scanner is printed: both hold raw values.
const placeholder = "[raw]"

// How says by what a finding was recognised.
type How uint8

const (
	Plain   How = iota // by its form, as it was sent
	Escaped            // below percent-encoding or another escape
	Folded             // written in letters or digits that stand for others (NFKC), or with invisible ones between
	Base64             // inside a base64 or base64url token, which is the span
	Token              // a JSON Web Token, by its three or five parts
)

var hows = [...]string{"value", "escaped value", "folded value", "base64", "token"}

func (h How) String() string { return hows[h] }

// Confidence of a finding, in hundredths. They are set so that a policy can ask
// for "surely" (90 and more) or "perhaps" (50 and more); what is less is not
// reported.
const (
	Certain  = 95 // a form that hardly anything else has
	Sure     = 90 // the same below escapes, or in a base64 token
	Likely   = 75 // a form that other things have now and then
	Possible = 50 // a form that other things have as often: a short ::, a version, a mail domain without a dot
)

// Finding is a span of a text with a category. Start and End are offsets in the
// text as it was sent; of an encoded identifier they span all that encodes it,
// of one in a base64 token the whole token.
type Finding struct {
	Start, End int
	Category   category.Key
	How        How
	Confidence uint8
	// Value is the identifier itself, decoded, without what stands around it.
	// It is for Canonical, and valid until the next Scan or until the text changes.
	Value []byte

	depth uint8
	route byte // the sign before a mail address by which it may end one of another's; 0 where there is none
	sole  bool // leaves no room for one of another category
}

func (f Finding) String() string               { return placeholder }
func (f Finding) GoString() string             { return placeholder }
func (f Finding) Format(s fmt.State, _ rune)   { _, _ = io.WriteString(s, placeholder) }
func (f Finding) MarshalText() ([]byte, error) { return []byte(placeholder), nil }
func (f Finding) LogValue() slog.Value         { return slog.StringValue(placeholder) }

func (s *Scanner) String() string               { return placeholder }
func (s *Scanner) GoString() string             { return placeholder }
func (s *Scanner) Format(w fmt.State, _ rune)   { _, _ = io.WriteString(w, placeholder) }
func (s *Scanner) MarshalText() ([]byte, error) { return []byte(placeholder), nil }
func (s *Scanner) LogValue() slog.Value         { return slog.StringValue(placeholder) }
