package walk

import "bytes"

// dispatch ends an event, if one with data is at hand.
func (e *eventsParser) dispatch() Reason {
	if len(e.lines) == 0 {
		return Scanned
	}
	before, why := e.o.enter(dataName)
	if why != Scanned {
		return why
	}
	put, change, why := e.inner.value(e.o, e.data)
	if why != Scanned {
		return why
	}
	e.o.leave(before)
	if change {
		e.rewrite(put)
	} else {
		e.o.emit(e.held)
	}
	e.held, e.size, e.data, e.lines = e.held[:0], 0, e.data[:0], e.lines[:0]
	return Scanned
}

// rewrite writes the event at hand with put as its data. An empty line may follow
// the last line of data, and must not become the end of another line: that is
// where the data goes.
func (e *eventsParser) rewrite(put []byte) {
	from := 0
	for i, l := range e.lines {
		e.o.emit(e.held[from:l.from])
		end := lineEndAt(e.held, l.to)
		if from = l.to + len(end); i == len(e.lines)-1 {
			e.put = appendData(e.put[:0], put, end)
			e.o.emit(e.put)
		}
	}
	e.o.emit(e.held[from:])
}

// appendData appends data as lines of it, each with its end: a line feed where
// the stream broke off before one.
func appendData(dst, data, end []byte) []byte {
	for {
		n := bytes.IndexAny(data, "\r\n")
		if n < 0 {
			n = len(data)
		}
		dst = append(dst, "data: "...)
		dst = append(dst, data[:n]...)
		if data = data[n:]; len(data) == 0 {
			return append(dst, end...)
		}
		if len(end) == 0 {
			dst = append(dst, '\n')
		}
		dst = append(dst, end...)
		data = data[len(lineEndAt(data, 0)):]
	}
}

// lineEndAt is the end of line that stands in b at i.
func lineEndAt(b []byte, i int) []byte {
	switch b = b[i:]; {
	case bytes.HasPrefix(b, []byte("\r\n")):
		return b[:2]
	case len(b) > 0 && (b[0] == '\r' || b[0] == '\n'):
		return b[:1]
	}
	return nil
}
