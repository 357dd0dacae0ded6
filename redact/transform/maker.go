package transform

import (
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"time"
	"unicode/utf8"

	"weir/redact/category"
	"weir/redact/keys"
)

// Value is what a transform is applied to. Only the fields that the transform
// asks for need be set.
type Value struct {
	Category category.Key
	Text     []byte
	// Canonical is the category's canonical form of the value: for Hash, Domain,
	// PhoneCountry, Bucket and Coordinates.
	Canonical []byte
	// Address is the address that the value is: for Truncate, Encrypt and
	// EncryptPrefix.
	Address netip.Addr
	// Year and Month are those of the date that the value is, 0 where they are not
	// known: for Year and Month.
	Year, Month int
	// Path is the template of the path that the value is or that the URL which it
	// is has, made of words of the policy and the vocabulary alone: for Template.
	Path []byte
}

func (v *Value) String() string             { return hidden }
func (v *Value) GoString() string           { return hidden }
func (v *Value) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, hidden) }
func (m *Maker) String() string             { return hidden }
func (m *Maker) GoString() string           { return hidden }
func (m *Maker) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, hidden) }

// hidden is what a Value and a Maker print as: both hold raw text.
const hidden = "[raw]"

// Maker makes the clean values of one exchange after the other. It belongs to
// one goroutine at a time.
type Maker struct {
	sheet   Sheet
	hosts   *Hosts
	pen     pen
	hashing hashing
	agents  *Agents
	scratch []byte
	own     bool // what Apply wrote is the policy's own text
}

// Config is what a Maker needs.
type Config struct {
	// Keys is the ring of keys; without one Hash and Encrypt drop.
	Keys Keys
	// Service is the domain of the pseudonyms: two services can't be joined by them.
	Service string
	// Hosts may be written whole; nil is none.
	Hosts *Hosts
	// Agents remembers user agents; nil remembers none.
	Agents *Agents
}

// NewMaker makes a Maker.
func NewMaker(cfg Config) *Maker {
	if cfg.Hosts == nil {
		cfg.Hosts = &Hosts{}
	}
	return &Maker{hosts: cfg.Hosts, hashing: hashing{ring: cfg.Keys, domain: cfg.Service}, agents: cfg.Agents}
}

// Begin starts an exchange of a retention class that began at start. All clean
// values made before are invalid.
func (m *Maker) Begin(class string, start time.Time) {
	if cap(m.sheet.buf) > maxSheet || cap(m.sheet.pieces) > maxPieces {
		m.sheet = Sheet{}
	}
	if cap(m.scratch) > maxSheet {
		m.scratch = nil
	}
	m.sheet.Reset()
	m.hashing.begin(class, start)
	m.pen = pen{}
}

// maxSheet and maxPieces are the most bytes and pieces whose memory is kept from
// one exchange to the next.
const (
	maxSheet  = 64 << 10
	maxPieces = 1 << 10
)

// Epoch is the epoch of the exchange's pseudonyms, "2026-11-22".
func (m *Maker) Epoch() string { return m.hashing.current() }

// Failed is the number of values since Begin that the key ring could not give
// a key for, and which were dropped.
func (m *Maker) Failed() int { return m.hashing.failed }

// pen is where the Maker writes at.
type pen struct {
	first    uint32 // piece of the open Clean
	value    int    // first piece of the value at hand
	encoding Encoding
	gap      bool // a piece was dropped since the last one that was not
}

// Encoding is how text is written into a Clean.
type Encoding uint8

const (
	Plain   Encoding = iota
	Segment          // percent-encoded for one segment of a path
	Query            // percent-encoded for a name or a value of a query
)

// Open begins a Clean whose transformed pieces are written in an encoding.
func (m *Maker) Open(e Encoding) {
	n := len(m.sheet.pieces)
	m.pen = pen{first: uint32(n), value: n, encoding: e}
}

// Encoding begins another value within the open Clean, in an encoding.
func (m *Maker) Encoding(e Encoding) {
	m.pen.encoding, m.pen.gap, m.pen.value = e, false, len(m.sheet.pieces)
}

// Empty reports whether there is nothing yet in the open Clean.
func (m *Maker) Empty() bool { return int(m.pen.first) == len(m.sheet.pieces) }

// Len is the number of bytes of the open Clean.
func (m *Maker) Len() int { return m.Close().Len() }

// Close ends the Clean that Open began.
func (m *Maker) Close() Clean {
	return Clean{sheet: &m.sheet, first: m.pen.first, last: uint32(len(m.sheet.pieces))}
}

// Literal adds text of the policy's or the binary's own, not encoded.
func (m *Maker) Literal(s string) {
	start := len(m.sheet.buf)
	m.sheet.buf = append(m.sheet.buf, s...)
	m.piece(start, Source{})
}

// Name adds a name that the policy knows, encoded.
func (m *Maker) Name(s string) {
	start := len(m.sheet.buf)
	m.sheet.buf = appendEncodedString(m.sheet.buf, s, m.pen.encoding)
	m.piece(start, Source{})
}

// Number adds a number, which is a fact.
func (m *Maker) Number(n int) {
	start := len(m.sheet.buf)
	m.sheet.buf = strconv.AppendInt(m.sheet.buf, int64(n), 10)
	m.piece(start, Source{})
}

// Word adds a path segment that the caller found in the vocabulary of common
// words, in lower case: it is the vocabulary's text and tells of nobody.
func (m *Maker) Word(segment []byte) {
	start := len(m.sheet.buf)
	for _, c := range segment {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		m.sheet.buf = append(m.sheet.buf, c)
	}
	m.piece(start, Source{})
}

// Skip is Apply of a Drop.
func (m *Maker) Skip() { m.pen.gap = len(m.sheet.pieces) > m.pen.value }

// Apply adds what t leaves of v, and says which transform was done: Drop where
// t does not apply to v. Between two pieces that are left a space stands where
// one was dropped.
func (m *Maker) Apply(t Transform, v *Value) Transform {
	if t.kind == KindDrop {
		m.Skip()
		return t
	}
	mark := len(m.sheet.buf)
	if m.pen.gap {
		m.sheet.buf = append(m.sheet.buf, ' ')
	}
	start := len(m.sheet.buf)
	m.own = false
	if !m.write(t, v) || len(m.sheet.buf) == start {
		m.sheet.buf = m.sheet.buf[:mark]
		m.Skip()
		return Drop()
	}
	if t.kind != KindTemplate || m.pen.encoding != Query { // its braces stay, as in a path
		m.encode(mark)
	}
	if m.pen.gap {
		space := mark + 1
		if m.pen.encoding != Plain {
			space = mark + len("%20")
		}
		m.sheet.pieces = append(m.sheet.pieces, piece{uint32(mark), uint32(space), Source{}})
		mark = space
	}
	m.pen.gap = false
	source := sourceOf(t)
	if m.own {
		source = Source{}
	}
	m.piece(mark, source)
	return t
}

func (m *Maker) piece(start int, s Source) {
	if end := len(m.sheet.buf); end > start {
		m.sheet.pieces = append(m.sheet.pieces, piece{uint32(start), uint32(end), s})
	}
}

// encode writes the sheet from mark on in the pen's encoding.
func (m *Maker) encode(mark int) {
	if m.pen.encoding == Plain || !needsEncoding(m.sheet.buf[mark:], m.pen.encoding) {
		return
	}
	m.scratch = append(m.scratch[:0], m.sheet.buf[mark:]...)
	m.sheet.buf = appendEncoded(m.sheet.buf[:mark], m.scratch, m.pen.encoding)
}

// write appends what t leaves of v to the sheet, and reports whether t applies.
func (m *Maker) write(t Transform, v *Value) (ok bool) {
	buf, text := &m.sheet.buf, v.Text
	switch t.kind {
	case KindHash:
		return m.hash(v)
	case KindReplace:
		*buf = append(*buf, t.text...)
		return true
	case KindType:
		*buf = appendType(*buf, v.Category)
		return true
	case KindTruncate:
		return m.truncate(t, v.Address)
	case KindEncrypt:
		return m.encrypt(keys.Deterministic, v.Address)
	case KindEncryptPrefix:
		return m.encrypt(keys.Prefix, v.Address)
	}
	if !utf8.Valid(text) {
		return false
	}
	switch t.kind {
	case KindShorten:
		if v.Category.Within(category.IPAddress) {
			return false // its first characters can be all of it
		}
		*buf = append(*buf, t.Shown(text)...)
	case KindKeep:
		*buf = append(*buf, text...)
	case KindMask:
		*buf = appendMasked(*buf, text, int(t.a), int(t.b))
	default:
		return m.generalise(t, v)
	}
	return true
}

// generalise is write of a transform that generalises.
func (m *Maker) generalise(t Transform, v *Value) (ok bool) {
	buf := &m.sheet.buf
	switch t.kind {
	case KindFamily:
		*buf, ok = m.agents.Find(v.Text).append(*buf)
	case KindPhoneCountry:
		*buf, ok = appendPhoneCountry(*buf, v.Canonical)
	case KindYear:
		*buf, ok = appendDate(*buf, v.Year, 0)
	case KindMonth:
		*buf, ok = appendDate(*buf, v.Year, v.Month)
		ok = ok && v.Month != 0
	case KindBucket:
		*buf, ok = appendBucket(*buf, v.Canonical, int64(t.a))
	case KindCoordinates:
		*buf, ok = appendCoordinates(*buf, v.Canonical, int(t.a))
	case KindDomain:
		return m.mailDomain(v.Canonical)
	case KindOrigin:
		return m.origin(v.Text)
	case KindTemplate:
		return m.template(v)
	case KindNoQuery:
		var scheme, rest []byte
		scheme, rest, ok = WithoutQuery(v.Text)
		*buf = append(append(*buf, scheme...), rest...)
	}
	return ok
}

// truncate appends the network of a, without zone.
func (m *Maker) truncate(t Transform, a netip.Addr) bool {
	if !a.IsValid() {
		return false
	}
	network, ok := networkOf(a.Unmap().WithZone(""), int(t.a), int(t.b))
	if ok {
		m.sheet.buf = network.AppendTo(m.sheet.buf)
	}
	return ok
}
