package walk

import (
	"bytes"
	"unicode/utf8"
)

// eventsParser walks an event stream (text/event-stream, WHATWG HTML section
// 9.2). The data lines of an event, joined by line feeds, are one value named
// data, or are walked below it where they hold JSON. The values of id, event and
// retry, comments, and whole lines of any other field (named *) are visited too,
// when their line ends. Where data is changed, all of it is written where its
// last line stood.
//
// From the first line of its data to its end, an event has at most Limits.Value
// bytes, as has each line. An event that the stream's end cuts off is visited.
type eventsParser struct {
	o       *outlet
	started bool   // there was a line
	cr      bool   // the last byte was a carriage return: a line feed belongs to it
	line    []byte // what earlier pieces had of the line
	held    []byte // of the event at hand, from its first data line on
	size    int    // of held, as it came
	data    []byte // its data
	lines   []span // its data lines in held, without their ends
	put     []byte // what stands in place of a line
	inner   nested
}

// span is a part of a buffer.
type span struct{ from, to int }

func newEvents(o *outlet) parser { return &eventsParser{o: o} }

func (e *eventsParser) write(p []byte) Reason {
	for len(p) > 0 {
		if e.cr {
			if e.cr = false; p[0] == '\n' {
				e.pass(p[:1])
				p = p[1:]
				continue
			}
		}
		n := 0
		for n < len(p) && p[n] != '\n' && p[n] != '\r' {
			n++
		}
		if len(e.line)+n > e.o.limits.Value {
			return TooLong
		}
		if n == len(p) {
			e.line = append(e.line, p...)
			return Scanned
		}
		line := p[:n]
		if len(e.line) > 0 {
			e.line = append(e.line, line...)
			line = e.line
		}
		if why := e.take(line, p[n:n+1]); why != Scanned {
			return why
		}
		e.line, e.cr = e.line[:0], p[n] == '\r'
		p = p[n+1:]
	}
	return Scanned
}

func (e *eventsParser) close() Reason {
	if len(e.line) > 0 {
		if why := e.take(e.line, nil); why != Scanned {
			return why
		}
	}
	return e.dispatch()
}

// pass lets bytes go on, behind those that are held.
func (e *eventsParser) pass(p []byte) {
	if len(e.lines) > 0 {
		e.held = append(e.held, p...)
	} else {
		e.o.emit(p)
	}
}

// take takes a line and its end.
func (e *eventsParser) take(line, end []byte) Reason {
	if !utf8.Valid(line) {
		return Broken
	}
	if !e.started {
		e.started = true
		if rest, found := bytes.CutPrefix(line, byteOrderMark); found {
			e.pass(byteOrderMark)
			line = rest
		}
	}
	if len(line) == 0 {
		if why := e.dispatch(); why != Scanned {
			return why
		}
		e.pass(end)
		return Scanned
	}
	name, value, colon := bytes.Cut(line, []byte{':'})
	if len(e.lines) > 0 || string(name) == "data" {
		if e.size+len(line) > e.o.limits.Value {
			return TooLong
		}
		e.size += len(line) + len(end)
	}
	switch {
	case string(name) == "data":
		if bytes.HasPrefix(value, []byte{' '}) {
			value = value[1:]
		}
		return e.dataLine(line, value, end)
	case colon && len(name) == 0:
		name = commentName
	case colon && (string(name) == "id" || string(name) == "event" || string(name) == "retry"):
	default:
		name, value = anyKey, line
	}
	if bytes.HasPrefix(value, []byte{' '}) {
		value = value[1:]
	}
	return e.otherLine(line, name, value, end)
}

var (
	dataName    = []byte("data")
	commentName = []byte("comment")
)

// dataLine takes a line of data, of which value is the part behind its name.
func (e *eventsParser) dataLine(line, value, end []byte) Reason {
	if len(e.lines) > 0 {
		e.data = append(e.data, '\n')
	}
	e.data = append(e.data, value...)
	from := len(e.held)
	e.held = append(e.held, line...)
	e.lines = append(e.lines, span{from, len(e.held)})
	e.held = append(e.held, end...)
	return Scanned
}

// otherLine takes any other line, which ends in value.
func (e *eventsParser) otherLine(line, name, value, end []byte) Reason {
	if len(value) > 0 {
		before, why := e.o.enter(name)
		if why != Scanned {
			return why
		}
		put, change, why := e.o.visit(value)
		if why != Scanned {
			return why
		}
		e.o.leave(before)
		if change {
			e.put = append(e.put[:0], line[:len(line)-len(value)]...)
			line = appendOneLine(e.put, put)
			e.put = line
		}
	}
	e.pass(line)
	e.pass(end)
	return Scanned
}

// appendOneLine appends text with its line ends as blanks.
func appendOneLine(dst, text []byte) []byte {
	for _, c := range text {
		if c == '\n' || c == '\r' {
			c = ' '
		}
		dst = append(dst, c)
	}
	return dst
}
