package raw

// Span is a run of bytes in a message's arena, from Start up to End.
type Span struct{ Start, End uint32 }

// Len is the number of bytes.
func (s Span) Len() int { return int(s.End - s.Start) }

// Pair is one field line, or one trailer line, as it was sent: the name in its
// own case, the value without surrounding white space.
type Pair struct{ Name, Value Span }

// Proto is the protocol a message was sent by.
type Proto uint8

const (
	ProtoUnknown Proto = iota
	HTTP10
	HTTP11
	HTTP2
	ProtoCount int = iota
)

// Framing says how the end of a body is found (RFC 9112 section 6).
type Framing uint8

const (
	NoBody     Framing = iota // no body can follow
	Length                    // as many bytes as Content-Length says
	Chunked                   // HTTP/1.1 chunks
	UntilClose                // an HTTP/1.x response that ends with its connection
	Stream                    // an HTTP/2 stream of unknown length
)

// Message is the head of a request or of a response, and what was counted of
// its body. Everything textual lies in one arena that Reset makes free for the
// next exchange: a Span or a Text of it is valid until then. A body is never
// kept.
//
// A Message belongs to one goroutine at a time.
type Message struct {
	hidden

	Proto Proto

	// Of a request. Target is the request-target as it was sent (RFC 9112
	// section 3.2). Authority is the host and port that it is for, from the
	// target where that is absolute, else from Host or :authority. Path and
	// Query are parts of the target; Query is without its question mark.
	Method    Span
	Target    Span
	Scheme    Scheme
	Authority Span
	Path      Span
	Query     Span
	HasQuery  bool
	// Userinfo is that of an absolute target, without its @. Nothing forwards it.
	Userinfo Span

	// Of a response. Status is 0 as long as there is none.
	Status int
	Reason Span

	Header  []Pair
	Trailer []Pair

	Framing Framing
	// ContentLength is the declared length in bytes, -1 where none is declared.
	ContentLength int64
	// BodyBytes counts the payload that passed, without framing.
	BodyBytes int64
	// Whole says that the body came to the end that its framing has.
	Whole bool

	arena []byte
}

// Scheme is the scheme of a request.
type Scheme uint8

const (
	SchemeUnknown Scheme = iota
	HTTP
	HTTPS
)

func (s Scheme) String() string {
	switch s {
	case HTTP:
		return "http"
	case HTTPS:
		return "https"
	}
	return ""
}

func (p Proto) String() string {
	switch p {
	case HTTP10:
		return "1.0"
	case HTTP11:
		return "1.1"
	case HTTP2:
		return "2"
	}
	return ""
}

// Reset empties m and keeps its memory for the next exchange.
func (m *Message) Reset() {
	*m = Message{Header: m.Header[:0], Trailer: m.Trailer[:0], ContentLength: -1, arena: m.arena[:0]}
}

// Append copies b to the end of the arena and returns its span there.
func (m *Message) Append(b []byte) Span {
	start := len(m.arena)
	m.arena = append(m.arena, b...)
	return Span{uint32(start), uint32(len(m.arena))}
}

// AppendString is Append for a string.
func (m *Message) AppendString(s string) Span {
	start := len(m.arena)
	m.arena = append(m.arena, s...)
	return Span{uint32(start), uint32(len(m.arena))}
}

// Add appends a field line to the header.
func (m *Message) Add(name, value []byte) {
	m.Header = append(m.Header, Pair{m.Append(name), m.Append(value)})
}

// AddTrailer appends a field line to the trailer section.
func (m *Message) AddTrailer(name, value []byte) {
	m.Trailer = append(m.Trailer, Pair{m.Append(name), m.Append(value)})
}

// Peek returns the bytes of a span. They must not be written, kept or changed.
func (m *Message) Peek(s Span) []byte { return m.arena[s.Start:s.End:s.End] }

// Text returns a span as a Text.
func (m *Message) Text(s Span) Text { return Text{b: m.Peek(s)} }

// ArenaLen is the number of bytes that the arena holds.
func (m *Message) ArenaLen() int { return len(m.arena) }

// Lookup returns the value of the first field line of that name, which must be
// given in lower case, and whether there is one.
func (m *Message) Lookup(name string) (Span, bool) {
	for _, p := range m.Header {
		if EqualFold(m.Peek(p.Name), name) {
			return p.Value, true
		}
	}
	return Span{}, false
}

// Is reports whether p's name is the given one, which must be in lower case.
func (m *Message) Is(p Pair, name string) bool { return EqualFold(m.Peek(p.Name), name) }

// Overwrite fills the whole arena, its spare capacity included, with c. Tests
// call it once the observer has returned, to find what was kept too long.
func (m *Message) Overwrite(c byte) {
	a := m.arena[:cap(m.arena)]
	for i := range a {
		a[i] = c
	}
}

// EqualFold compares b with lower, which is in lower case, ignoring ASCII case.
func EqualFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
