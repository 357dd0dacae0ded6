package policytest

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf16"
)

// leastEncoded is the fewest bytes of an encoded text that say something: shorter
// ones stand in anything.
const leastEncoded = 6

// maxUnescaped bounds the layers of percent-encoding that are looked below.
const maxUnescaped = 4

// stands reports whether a value stands in an output: as it is, in any case, under
// percent-encoding and the escapes of quoted text, base64 at any alignment, hexadecimal, UTF-16, as an address in another spelling, or by the part of a
// mail address before the @.
func stands(output, value string) bool {
	all := needles(value)
	layer := []byte(output)
	for range maxUnescaped + 1 {
		folded := bytes.ToLower(layer)
		quoted := bytes.ToLower(unquoted(layer))
		for _, n := range all {
			if bytes.Contains(folded, n) || bytes.Contains(quoted, n) {
				return true
			}
		}
		below := unescaped(layer)
		if len(below) == len(layer) {
			break
		}
		layer = below
	}
	return false
}

// unescaped undoes one layer of percent-encoding, wherever there is any.
func unescaped(b []byte) []byte {
	first, rest, more := bytes.Cut(b, []byte("%"))
	out := append(make([]byte, 0, len(b)), first...)
	for more {
		var part []byte
		part, rest, more = bytes.Cut(rest, []byte("%"))
		if n, err := hex.DecodeString(string(part[:min(2, len(part))])); err == nil && len(n) == 1 {
			out = append(append(out, n...), part[2:]...)
		} else {
			out = append(append(out, '%'), part...)
		}
	}
	return out
}

// unquoted undoes the escapes that entries have in quotes: \" and \\,
// \t and its like, \xHH, \u00HH.
func unquoted(b []byte) []byte {
	first, rest, more := bytes.Cut(b, []byte{'\\'})
	if !more {
		return b
	}
	out := append(make([]byte, 0, len(b)), first...)
	for len(rest) > 0 {
		c, digits := rest[0], rest[1:]
		switch {
		case c == 'u' && bytes.HasPrefix(digits, []byte("00")) && len(digits) >= 4:
			digits = digits[2:]
			fallthrough
		case c == 'x' && len(digits) >= 2:
			if n, err := hex.DecodeString(string(digits[:2])); err == nil {
				c, rest = n[0], digits[1:]
			}
		default:
			if i := bytes.IndexByte([]byte("abtnvfr"), c); i >= 0 {
				c = "\a\b\t\n\v\f\r"[i]
			}
		}
		out = append(out, c)
		first, rest, more = bytes.Cut(rest[1:], []byte{'\\'})
		out = append(out, first...)
		if !more {
			break
		}
	}
	return out
}

// needles are the texts, in lower case, by which a value would be seen.
func needles(value string) [][]byte {
	values := []string{value}
	if local, _, isMail := strings.Cut(value, "@"); isMail && len(local) >= leastEncoded {
		values = append(values, local)
	}
	if a, err := netip.ParseAddr(value); err == nil && a.Is4() {
		b := a.As4()
		values = append(values, fmt.Sprintf("::ffff:%x:%x", int(b[0])<<8|int(b[1]), int(b[2])<<8|int(b[3])), strings.ReplaceAll(value, ".", "-"))
	} else if err == nil {
		values = append(values, a.StringExpanded(), strings.ReplaceAll(a.StringExpanded(), ":", ""))
	}
	var all [][]byte
	add := func(s string, least int) {
		if len(s) >= least {
			all = append(all, []byte(strings.ToLower(s)))
		}
	}
	for _, v := range values {
		add(v, 1)
		add(hex.EncodeToString([]byte(v)), leastEncoded)
		add(utf16Of(v), leastEncoded)
	}
	for _, v := range []string{value, strings.ToUpper(value), strings.ToLower(value)} {
		for lead := range 3 {
			padded := append(make([]byte, lead), v...)
			for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
				// The first and the last group depend on the neighbours.
				text := alphabet.EncodeToString(padded)
				if from, to := (lead*8+5)/6, len(text)-2; from < to {
					add(text[from:to], leastEncoded)
				}
			}
		}
	}
	return all
}

// utf16Of is v in UTF-16, and all but the first byte of the other order.
func utf16Of(v string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(v)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return string(b)
}
