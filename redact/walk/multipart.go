package walk

import "bytes"

// multipart walks multipart/* (RFC 2046 section 5.1) as it passes. The name of a
// part is that of its Content-Disposition; below it stand what the part's own
// type gives, `filename`, and the part's other header fields by their names. A
// part without a type is text, one of a type that is not walked goes on as it
// is, and is told of.
//
// Where readers differ it does not guess: a line that begins as a delimiter and goes
// on as none would be one to some is Broken, as are line ends without CR around
// delimiters and in headers. A line that begins with the delimiter and goes on with
// another character of a boundary is content, as everywhere.
type multipart struct {
	o      *outlet
	dash   []byte // a line feed, two hyphens, the boundary
	state  multipartState
	held   []byte // of what was given, what is not told yet
	from   []byte // the memory that held is the end of
	sent   int    // bytes of held that went on before
	part   part
	looked int  // bytes of held that hold no end of a header
	dirty  bool // there are bytes before the first delimiter, or behind the last
}

type multipartState uint8

const (
	inPreamble multipartState = iota
	inHead
	inPart
	inEpilogue
)

// maxBoundary is in bytes, of RFC 2046; maxPadding bounds the blanks behind a delimiter.
const (
	maxBoundary = 70
	maxPadding  = 256
)

func newMultipart(o *outlet, boundary string) (parser, Reason) {
	if boundary == "" || len(boundary) > maxBoundary || bytes.ContainsAny([]byte(boundary), "\r\n") {
		return nil, Broken
	}
	m := &multipart{o: o, dash: append([]byte("\n--"), boundary...)}
	m.virtual()
	return m, Scanned
}

// virtual has a delimiter be told that stands where a line begins without one
// having ended: at the start of the body and of a part.
func (m *multipart) virtual() {
	m.held = []byte("\r\n")
	m.sent = 2
}

func (m *multipart) write(p []byte) Reason {
	m.from = append(append(m.from[:0], m.held...), p...)
	m.held = m.from
	return m.walk(false)
}

func (m *multipart) close() Reason {
	if why := m.walk(true); why != Scanned {
		return why
	}
	if m.state != inEpilogue {
		return Broken
	}
	if m.dirty {
		m.o.miss(UnknownType)
	}
	return Scanned
}

// walk reads what is held as far as it tells.
func (m *multipart) walk(last bool) Reason {
	for {
		var more bool
		var why Reason
		switch m.state {
		case inHead:
			more, why = m.head()
		case inEpilogue:
			m.stray(m.held)
			m.pass(len(m.held))
			return Scanned
		default:
			more, why = m.content(last)
		}
		if !more || why != Scanned {
			return why
		}
	}
}

// content reads to the next delimiter.
func (m *multipart) content(last bool) (more bool, why Reason) {
	at := bytes.Index(m.held, m.dash)
	if at < 0 {
		return false, m.give(len(m.held) - m.open())
	}
	end, closes, told := delimiter(m.held[at+len(m.dash):], last)
	line := at
	if at > 0 && m.held[at-1] == '\r' {
		line--
	}
	switch {
	case told == tellsLater:
		return false, m.give(line)
	case told == tellsNone:
		return true, m.give(at + len(m.dash))
	case told == tellsBroken, line == at:
		return false, Broken
	}
	if why := m.give(line); why != Scanned {
		return false, why
	}
	if m.state == inPart {
		if why := m.part.close(m.o); why != Scanned {
			return false, why
		}
	}
	m.pass(at - line + len(m.dash) + end)
	if m.state = inHead; closes {
		m.state = inEpilogue
	}
	return true, Scanned
}

// open is how many bytes at the end of what is held may begin a delimiter.
func (m *multipart) open() int {
	for n := min(len(m.held), len(m.dash)-1); n > 0; n-- {
		if bytes.HasPrefix(m.dash, m.held[len(m.held)-n:]) {
			if n < len(m.held) && m.held[len(m.held)-n-1] == '\r' {
				n++
			}
			return n
		}
	}
	if bytes.HasSuffix(m.held, []byte{'\r'}) {
		return 1
	}
	return 0
}

type tells uint8

const (
	tellsDelimiter tells = iota
	tellsLater           // when there is more
	tellsNone
	tellsBroken
)

// delimiter reads what stands behind a boundary: n bytes belong to the delimiter's line.
func delimiter(rest []byte, last bool) (n int, closes bool, told tells) {
	if len(rest) > 0 && rest[0] == '-' {
		switch {
		case len(rest) == 1 && !last:
			return 0, false, tellsLater
		case len(rest) == 1 || rest[1] != '-':
			return 0, false, tellsNone
		}
		n, closes = 2, true
	}
	for n < len(rest) && (rest[n] == ' ' || rest[n] == '\t') {
		n++
	}
	switch {
	case n > maxPadding:
		return n, closes, tellsBroken
	case bytes.HasPrefix(rest[n:], []byte("\r\n")):
		return n + 2, closes, tellsDelimiter
	case !last && (n == len(rest) || len(rest) == n+1 && rest[n] == '\r'):
		return n, closes, tellsLater
	case n == len(rest) && closes:
		return n, true, tellsDelimiter
	case n == 0 && len(rest) > 0 && rest[0] != '\r' && rest[0] != '\n':
		return 0, false, tellsNone
	}
	return n, closes, tellsBroken
}

// head reads the header of a part.
func (m *multipart) head() (more bool, why Reason) {
	n := -1
	if bytes.HasPrefix(m.held, []byte("\r\n")) {
		n = 2
	} else if i := bytes.Index(m.held[m.looked:], []byte("\r\n\r\n")); i >= 0 {
		n = m.looked + i + 4
	}
	m.looked = max(len(m.held)-3, 0)
	if max(n, len(m.held)) > m.o.limits.Value && (n < 0 || n > m.o.limits.Value) {
		return false, TooLong
	}
	if n < 0 {
		return false, Scanned
	}
	if why := m.part.open(m.o, m.held[:n], m.dash); why != Scanned {
		return false, why
	}
	// The line end of the header may be that of a delimiter too.
	m.held, m.looked = m.held[n-2:], 0
	m.sent = 2
	m.state = inPart
	return true, Scanned
}

// give has n bytes be content.
func (m *multipart) give(n int) (why Reason) {
	if n <= 0 {
		return Scanned
	}
	if content := m.held[min(m.sent, n):n]; len(content) > 0 {
		if m.state == inPart {
			why = m.part.write(m.o, content)
		} else {
			m.stray(content)
			m.o.emit(content)
		}
	}
	m.drop(n)
	return why
}

// pass has n bytes go on as they are.
func (m *multipart) pass(n int) {
	m.o.emit(m.held[min(m.sent, n):n])
	m.drop(n)
}

func (m *multipart) drop(n int) {
	m.sent = max(m.sent-n, 0)
	m.held = m.held[n:]
}

// stray looks at bytes that belong to no part.
func (m *multipart) stray(p []byte) {
	m.dirty = m.dirty || len(bytes.Trim(p, "\r\n")) > 0
}
