package http1

import (
	"bytes"

	"weir/redact/raw"
)

// head is the state of a head, or of a trailer section, that is being read:
// how far it is, and what its lines said about framing.
type head struct {
	lim      *Limits
	m        *raw.Message
	response bool
	trailer  bool
	started  bool   // the start line was read
	skipped  bool   // an empty line before it was
	begin    uint32 // where the section begins in the arena
	line     uint32 // where the line that is not yet whole begins
	end      uint32 // where it ends, as far as it was read
	fields   int

	hosts, lengths, codings int
	host, target            raw.Span // the Host value; the authority of an absolute target
	targetPort              string   // the default port of an absolute target
	length                  int64
	chunked                 bool
	close, keepAlive        bool // Connection
	upgrade, expect         bool
	announced               bool // Trailer names framing fields
}

func (h *head) reset(lim *Limits, m *raw.Message, response bool) {
	at := uint32(m.ArenaLen())
	*h = head{lim: lim, m: m, response: response, begin: at, line: at, end: at}
}

// resume brings the line that is not yet whole to the end of the arena: while a
// trailer section was waited for, others may have put something behind it.
func (h *head) resume() {
	at := uint32(h.m.ArenaLen())
	if at == h.end {
		return
	}
	h.m.Append(h.m.Peek(raw.Span{Start: h.line, End: h.end}))
	h.begin += at - h.line // what stands between does not count
	h.line = at
}

// feed takes win, the bytes read next, and returns how many of them belong to
// the head, and whether it ends there. They are copied to the arena in one
// piece; spans point there. After a refusal h is not fed again.
func (h *head) feed(win []byte) (n int, done bool, why reason) {
	m := h.m
	h.resume()
	defer func() { h.end = uint32(m.ArenaLen()) }()
	at := uint32(m.ArenaLen())
	if h.line < at { // a line begun in an earlier window
		end := bytes.IndexByte(win, '\n') + 1
		if end == 0 {
			m.Append(win)
			return len(win), false, h.measure()
		}
		m.Append(win[:end])
		n = end
		done, why = h.takeLine(m.Peek(raw.Span{Start: h.line, End: uint32(m.ArenaLen())}), h.line)
		at = uint32(m.ArenaLen())
		h.line = at
		win = win[end:]
	}
	start := 0
	for !done && why == 0 && start < len(win) {
		i := bytes.IndexByte(win[start:], '\n')
		if i < 0 {
			break
		}
		done, why = h.takeLine(win[start:start+i+1], at+uint32(start))
		start += i + 1
	}
	h.line = at + uint32(start)
	if !done && why == 0 {
		start = len(win)
	}
	m.Append(win[:start])
	if why == 0 {
		why = h.measure()
	}
	return n + start, done, why
}

// measure compares what was read with the limits.
func (h *head) measure() reason {
	size := h.m.ArenaLen() - int(h.begin)
	switch {
	case h.trailer && size > h.lim.TrailerBytes:
		return trailerTooLarge
	case h.trailer:
		return 0
	case !h.response && !h.started && size > h.lim.URLBytes+64:
		return urlTooLong
	case size > h.lim.HeaderBytes:
		return headerTooLarge
	}
	return 0
}

// takeLine takes one line with its end; at is where it lies in the arena.
func (h *head) takeLine(line []byte, at uint32) (done bool, why reason) {
	if len(line) < 2 || line[len(line)-2] != '\r' {
		return false, bareLF
	}
	line = line[:len(line)-2]
	switch {
	case h.started || h.trailer:
		if len(line) == 0 {
			return true, 0
		}
		return false, h.takeField(line, at)
	case h.response:
		h.started = true
		return false, h.statusLine(line, at)
	case len(line) == 0 && !h.skipped:
		h.skipped = true // RFC 9112 section 2.2
		return false, 0
	}
	h.started = true
	return false, h.requestLine(line, at)
}

// takeField takes one field line.
func (h *head) takeField(line []byte, at uint32) reason {
	if line[0] == ' ' || line[0] == '\t' {
		return lineFolding
	}
	colon := 0
	for colon < len(line) && chars[line[colon]]&isToken != 0 {
		colon++
	}
	if colon == len(line) || line[colon] != ':' || colon == 0 {
		return badName(line, colon)
	}
	start, end := colon+1, len(line)
	for start < end && (line[start] == ' ' || line[start] == '\t') {
		start++
	}
	for start < end && (line[end-1] == ' ' || line[end-1] == '\t') {
		end--
	}
	v := line[start:end]
	if why := value(v); why != 0 {
		return why
	}
	if h.fields++; h.fields > h.lim.HeaderCount {
		if h.trailer {
			return trailerTooLarge
		}
		return tooManyHeaders
	}
	pair := raw.Pair{
		Name:  raw.Span{Start: at, End: at + uint32(colon)},
		Value: raw.Span{Start: at + uint32(start), End: at + uint32(end)},
	}
	if h.trailer {
		if forbiddenInTrailer(line[:colon]) {
			return forbiddenTrailer
		}
		h.m.Trailer = append(h.m.Trailer, pair)
		return 0
	}
	h.m.Header = append(h.m.Header, pair)
	if f := classify(line[:colon]); f != otherField {
		return h.note(f, v, pair.Value)
	}
	return 0
}

// badName says what is wrong with a line whose name ends at i, which is no colon.
func badName(line []byte, i int) reason {
	if i == len(line) {
		return badHeaderName
	}
	switch c := line[i]; {
	case i > 0 && (c == ' ' || c == '\t'):
		return spaceBeforeColon
	case c == '\r':
		return bareCR
	case chars[c]&isValue == 0:
		return controlCharacter
	}
	return badHeaderName
}
