package walk

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// charset is how characters are bytes.
type charset uint8

const (
	undeclared charset = iota // told by the first bytes, UTF-8 where they tell nothing
	eight                     // UTF-8
	sixteen                   // UTF-16 of either order, which the first bytes tell
	sixteenBig
	sixteenLittle
	latin1
	windows1252
	ascii
)

// charsets are the names (IANA's, in lower case) of those that are known.
var charsets = map[string]charset{
	"": undeclared, "utf-8": eight, "utf8": eight, "utf-16": sixteen, "utf-16be": sixteenBig, "utf-16le": sixteenLittle,
	"iso-8859-1": latin1, "iso8859-1": latin1, "iso_8859-1": latin1, "latin1": latin1, "l1": latin1,
	"windows-1252": windows1252, "cp1252": windows1252, "us-ascii": ascii, "ascii": ascii,
}

// decoder gives its parser the bytes of a charset as UTF-8, whole characters at a
// time, and what the parser emits goes on in the charset. A byte order mark goes on
// as it came.
type decoder struct {
	o       *outlet
	inner   parser
	charset charset
	escape  bool   // a character that the charset can not hold is written as JSON's escape, not as ?
	begun   bool   // the charset is settled
	held    []byte // of a character, or of the first ones
	text    []byte // UTF-8, for the parser
	out     func([]byte)
	code    []byte // of the charset, to go on
	rest    []byte // of a character that was emitted in part
}

// newCharset makes the parser of a form of text in the charset that is named.
func newCharset(o *outlet, f form, name string) (parser, Reason) {
	c, known := charsets[strings.ToLower(name)]
	if !known {
		return nil, UnknownCharset
	}
	return &decoder{o: o, inner: o.text(f), charset: c, escape: f == asJSON || f == asLines, out: o.out}, Scanned
}

// longestMark is how many bytes tell what begin asks, at most.
const longestMark = 3

func (d *decoder) write(p []byte) Reason {
	if !d.begun {
		if len(d.held) > 0 || len(p) < longestMark {
			if d.held = append(d.held, p...); len(d.held) < longestMark {
				return Scanned
			}
			p, d.held = d.held, nil
		}
		var why Reason
		if p, why = d.begin(p); why != Scanned {
			return why
		}
	}
	return d.feed(p)
}

func (d *decoder) close() Reason {
	if !d.begun {
		p, why := d.begin(d.held)
		d.held = nil
		if why == Scanned {
			why = d.feed(p)
		}
		if why != Scanned {
			return why
		}
	}
	if len(d.held) > 0 {
		return Broken
	}
	why := d.inner.close()
	d.o.out = d.out
	return why
}

var (
	markEight  = []byte("\xEF\xBB\xBF")
	markBig    = []byte("\xFE\xFF")
	markLittle = []byte("\xFF\xFE")
)

// begin settles the charset by the first bytes of the text: a byte order mark, or,
// where the text does not say its charset or its order, the zero of an ASCII
// character in UTF-16 (which RFC 4627 section 3 shows for JSON).
func (d *decoder) begin(p []byte) ([]byte, Reason) {
	d.begun = true
	mark := 0
	open := d.charset == undeclared || d.charset == sixteen
	switch {
	case bytes.HasPrefix(p, markEight) && (d.charset == undeclared || d.charset == eight):
		mark, d.charset = 3, eight
	case bytes.HasPrefix(p, markBig) && (open || d.charset == sixteenBig):
		mark, d.charset = 2, sixteenBig
	case bytes.HasPrefix(p, markLittle) && (open || d.charset == sixteenLittle):
		mark, d.charset = 2, sixteenLittle
	case open && len(p) > 1 && p[0] == 0 && p[1] != 0:
		d.charset = sixteenBig
	case open && len(p) > 1 && p[0] != 0 && p[1] == 0:
		d.charset = sixteenLittle
	case d.charset == sixteen && len(p) > 0:
		return nil, UnknownCharset
	case open:
		d.charset = eight
	}
	if mark > 0 {
		d.o.emit(p[:mark])
	}
	if d.out != nil && d.charset != eight {
		d.o.out = d.encode
	}
	return p[mark:], Scanned
}

// feed gives the parser the whole characters of what is held and p, up to what is none.
func (d *decoder) feed(p []byte) Reason {
	if len(d.held) > 0 {
		p = append(d.held, p...)
		d.held = nil
	}
	var n int
	var why Reason
	text := p
	switch d.charset {
	case eight:
		n, why = wholeRunes(p)
		text = p[:n]
	case sixteenBig, sixteenLittle:
		n, why = d.units(p)
		text = d.text
	default:
		n, why = d.bytes(p)
		text = d.text
	}
	if len(text) > 0 {
		if why := d.inner.write(text); why != Scanned {
			return why
		}
	}
	if why == Scanned && n < len(p) {
		d.held = append([]byte(nil), p[n:]...)
	}
	return why
}

// wholeRunes is how much of p is whole characters of UTF-8. Broken is that others follow.
func wholeRunes(p []byte) (n int, why Reason) {
	if utf8.Valid(p) {
		return len(p), Scanned
	}
	for n < len(p) {
		r, size := utf8.DecodeRune(p[n:])
		if r == utf8.RuneError && size < 2 {
			if utf8.FullRune(p[n:]) {
				return n, Broken
			}
			break
		}
		n += size
	}
	return n, Scanned
}

// units reads UTF-16. Half a pair is Broken.
func (d *decoder) units(p []byte) (n int, why Reason) {
	d.text = d.text[:0]
	for ; n+1 < len(p); n += 2 {
		r := d.unit(p[n:])
		if utf16.IsSurrogate(r) {
			if n+3 >= len(p) {
				if r >= 0xDC00 {
					return n, Broken
				}
				return n, Scanned
			}
			if r = utf16.DecodeRune(r, d.unit(p[n+2:])); r == utf8.RuneError {
				return n, Broken
			}
			n += 2
		}
		d.text = utf8.AppendRune(d.text, r)
	}
	return n, Scanned
}

func (d *decoder) unit(p []byte) rune {
	if d.charset == sixteenLittle {
		return rune(p[1])<<8 | rune(p[0])
	}
	return rune(p[0])<<8 | rune(p[1])
}

// bytes reads a charset of one byte a character.
func (d *decoder) bytes(p []byte) (n int, why Reason) {
	d.text = d.text[:0]
	for i, c := range p {
		n = i
		switch {
		case c < utf8.RuneSelf:
			d.text = append(d.text, c)
		case d.charset == ascii:
			return n, Broken
		case d.charset == windows1252:
			d.text = utf8.AppendRune(d.text, fromWindows(c))
		default:
			d.text = utf8.AppendRune(d.text, rune(c))
		}
	}
	return len(p), Scanned
}

// fromWindows reads windows-1252. The five bytes that it leaves open are control characters,
// as browsers have it.
func fromWindows(c byte) rune {
	if r := charmap.Windows1252.DecodeByte(c); r != utf8.RuneError {
		return r
	}
	return rune(c)
}

// encode sends UTF-8 on in the charset.
func (d *decoder) encode(p []byte) {
	if len(d.rest) > 0 {
		p = append(d.rest, p...)
		d.rest = nil
	}
	d.code = d.code[:0]
	for len(p) > 0 {
		if !utf8.FullRune(p) {
			d.rest = append([]byte(nil), p...)
			break
		}
		r, n := utf8.DecodeRune(p)
		p = p[n:]
		d.char(r)
	}
	d.out(d.code)
}

func (d *decoder) char(r rune) {
	var one byte
	held := false
	switch d.charset {
	case sixteenBig, sixteenLittle:
		d.pair(r)
		return
	case windows1252:
		one, held = charmap.Windows1252.EncodeRune(r)
		if !held && r < 0xA0 && fromWindows(byte(r)) == r {
			one, held = byte(r), true
		}
	case latin1:
		one, held = byte(r), r <= 0xFF
	case ascii:
		one, held = byte(r), r < utf8.RuneSelf
	}
	switch {
	case held:
		d.code = append(d.code, one)
	case !d.escape:
		d.code = append(d.code, '?')
	case r > 0xFFFF:
		high, low := utf16.EncodeRune(r)
		d.escaped(high)
		d.escaped(low)
	default:
		d.escaped(r)
	}
}

func (d *decoder) escaped(unit rune) {
	const hex = "0123456789abcdef"
	d.code = append(d.code, '\\', 'u', hex[unit>>12&15], hex[unit>>8&15], hex[unit>>4&15], hex[unit&15])
}

func (d *decoder) pair(r rune) {
	units := [2]rune{r}
	n := 1
	if r > 0xFFFF {
		units[0], units[1] = utf16.EncodeRune(r)
		n = 2
	}
	for _, u := range units[:n] {
		if d.charset == sixteenLittle {
			d.code = append(d.code, byte(u), byte(u>>8))
		} else {
			d.code = append(d.code, byte(u>>8), byte(u))
		}
	}
}
