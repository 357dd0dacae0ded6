package transform

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what a transform can be told.
const (
	MaxMask    = 16  // characters shown by a mask, at each end
	MaxShorten = 256 // characters left by TruncateText
	MaxReplace = 64  // bytes of the text put in place of a value

	MaxDecimals = 4             // of coordinates: about ten metres
	MaxBucket   = 1_000_000_000 // the width of a bucket
)

// Transform is what is to be done to a value. It is comparable; the zero
// Transform drops.
type Transform struct {
	kind Kind
	b    uint8
	a    uint32
	text string
}

// Keep writes the value as it is.
func Keep() Transform { return Transform{kind: KindKeep} }

// Drop writes nothing.
func Drop() Transform { return Transform{} }

// Hash writes a pseudonym of the value, valid for one epoch.
func Hash() Transform { return Transform{kind: KindHash} }

// Type writes what kind of data the value is, by its category: <email>.
func Type() Transform { return Transform{kind: KindType} }

// Replace writes text, which is the policy's own. Printable UTF-8, at most
// MaxReplace bytes.
func Replace(text string) (Transform, error) {
	if len(text) > MaxReplace {
		return Transform{}, fmt.Errorf("replace: the text is longer than %d bytes", MaxReplace)
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return Transform{}, errors.New("replace: the text holds characters that can not be printed")
	}
	return Transform{kind: KindReplace, text: text}, nil
}

// Mask writes the first and last characters of the value with three stars
// between them, whatever its length; of a value too short to hide at least
// four characters, the stars only. Each of first and last is 0 to MaxMask.
func Mask(first, last int) (Transform, error) {
	if first < 0 || last < 0 || first > MaxMask || last > MaxMask {
		return Transform{}, fmt.Errorf("mask: first and last are each 0 to %d", MaxMask)
	}
	return Transform{kind: KindMask, a: uint32(first), b: uint8(last)}, nil
}

// Truncate writes the network that an address is in: v4 bits of an IPv4
// address, 0 to 32, v6 bits of an IPv6 address, 0 to 128. A value that is no
// address is dropped.
func Truncate(v4, v6 int) (Transform, error) {
	if v4 < 0 || v4 > 32 || v6 < 0 || v6 > 128 {
		return Transform{}, errors.New("truncate: bits are 0 to 32 for IPv4 and 0 to 128 for IPv6")
	}
	return Transform{kind: KindTruncate, a: uint32(v4), b: uint8(v6)}, nil
}

// TruncateText writes the first n characters of a value, 1 to MaxShorten. An
// address is dropped: Truncate is for those.
func TruncateText(n int) (Transform, error) {
	if n < 1 || n > MaxShorten {
		return Transform{}, fmt.Errorf("truncate: characters are 1 to %d", MaxShorten)
	}
	return Transform{kind: KindShorten, a: uint32(n)}, nil
}

// Kind is what sort of transform t is.
func (t Transform) Kind() Kind { return t.kind }

// Name is the word that the log has for t: "hash".
func (t Transform) Name() string { return kindNames[t.kind] }

// String is t as a policy says it: `truncate(24, 48)`.
func (t Transform) String() string {
	switch t.kind {
	case KindReplace:
		return "replace(" + strconv.Quote(t.text) + ")"
	case KindMask, KindTruncate:
		return fmt.Sprintf("%s(%d, %d)", t.Name(), t.a, t.b)
	case KindShorten, KindBucket, KindCoordinates:
		return fmt.Sprintf("%s(%d)", t.Name(), t.a)
	}
	return t.Name() + "()"
}

// Decision is what a policy answers to a question: the transform, and which
// rule said so. Rule is "" where none did; Line and Column, from 1, say where
// the rule stands in the policy file.
type Decision struct {
	Transform    Transform
	Rule         string
	Line, Column int
}
