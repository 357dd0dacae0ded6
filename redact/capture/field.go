package capture

import (
	"fmt"
	"io"

	"weir/redact/raw"
)

// Role is what a field of a line is, and so how it is read.
type Role uint8

const (
	Ignored   Role = iota // nothing may be written of it
	Time                  // when the exchange began or ended, in a form that is known
	Status                // a status of three digits
	Number                // a size, a duration, a count; or several, divided by commas
	Word                  // one word of a closed list: Field.Words
	Request               // a request line; a Line has its parts in its place
	Method                // of a request
	Protocol              // "HTTP/1.1"
	Target                // path and query, or a URL
	Path                  // a path without a query
	Arguments             // a query without its question mark
	Question              // the question mark before a query, or nothing
	Address               // an address, or the name of a host that is a client
	Host                  // a host, with or without a port
	Header                // the value of a header
	Value                 // any other value
	Text                  // free text
	Element               // the id of an element of structured data (RFC 5424 section 6.3.2)
	Name                  // the name of the value that is next
)

// Field is what a format says of one of its variables.
type Field struct {
	Role Role
	Kind raw.Kind
	Name string // for kinds with names
	// Words are those that a Word can be.
	Words []string
	// List is set where a value holds several, divided by ", " or " : ", also
	// where a space ends values.
	List bool
	// Starts is the byte that a value starts with, if it is always the same and the
	// value is not empty: the one before may then stand without anything between.
	Starts byte
	// Program is set where a value tells of the program that logged, or of where it
	// ran: most say of nobody anything, and one may be a person's name.
	Program bool
	// Digits is the most that a number has, 0 where that is not known: a port has 5,
	// and what has more is a number of another kind.
	Digits int
	// Day is set where a time is as often a day, of a person's birth too: a number
	// that reads as a day and a month is not taken for seconds.
	Day bool

	// Key tells fields apart whose values are not written alike. A template sets it.
	Key uint64

	spelled []byte
}

// Spelled is Name. It must not be changed.
func (f *Field) Spelled() []byte { return f.spelled }

// key is Field.Key.
func (f *Field) key() uint64 {
	h := uint64(f.Role)<<8 | uint64(f.Kind)
	for i := range len(f.Name) {
		h = h*0x100000001B3 ^ uint64(f.Name[i])
	}
	return h * 0x9E3779B97F4A7C15
}

// Span is where a field stands in a line.
type Span struct {
	*Field
	Start, End int
	// Quoted is set where it stands in quotes, and so with escapes.
	Quoted bool
}

// Line is one line taken apart. Its memory is used again for the next.
type Line struct {
	Spans []Span
}

func (l *Line) String() string             { return raw.Placeholder }
func (l *Line) GoString() string           { return raw.Placeholder }
func (l *Line) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, raw.Placeholder) }

func (l *Line) add(f *Field, start, end int, quoted bool) {
	l.Spans = append(l.Spans, Span{Field: f, Start: start, End: end, Quoted: quoted})
}
