package rewrite

import (
	"bufio"
	"bytes"
	"io"
	"strconv"

	"weir/redact/capture"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/walk"
)

// dialogue writes messages of HTTP/1.x anew, one behind the other, as they would be
// on the wire or as people write them: then a body ends where the next message
// begins. A body that could not be walked is left out. Lengths are right again.
type dialogue struct {
	*lines
	in     *bufio.Reader
	out    *bufio.Writer
	ended  bool
	kept   []byte // a line that was read ahead, with its ending
	head   bytes.Buffer
	seen   []header
	size   int // of the names and values of the header at hand
	body   []byte
	values bodyValues
	inner  walk.Body
	clean  bytes.Buffer
	kind   raw.Kind // of the headers of the message at hand

	bodiless bool   // the message at hand has no body
	interim  bool   // it is an answer before the one that counts
	asked    []bool // of each request that no answer was seen to, whether it was for a header alone
}

// header is a field line of the message at hand.
type header struct{ name, value []byte }

// maxHead is the most bytes, and maxHeaders the most lines, of a header that is
// written: of one that is longer nothing more is.
const (
	maxHead    = 256 << 10
	maxHeaders = 1024
)

// maxBody is the most bytes of a body that is walked.
const maxBody = 8 << 20

// messages writes all messages of a log.
func messages(cfg *Config, f *Format, out io.Writer, in *reader, total *Counts) error {
	d := &dialogue{in: bufio.NewReaderSize(in, 256<<10), out: bufio.NewWriterSize(out, 64<<10)}
	d.lines = newLines(cfg.Engine, f, cfg.Now)
	d.cleaner = cfg.Engine.NewCleaner(d.exchange)
	d.style, d.nothing = record.Line, ""
	d.values.lines = d.lines
	defer d.leave(total)
	for !d.ended {
		line, err := d.next()
		if err != nil {
			return err
		}
		if err := d.message(line); err != nil {
			return err
		}
	}
	return d.out.Flush()
}

// next is the next line with its ending, empty at the end. One that is longer than
// the buffer is read over.
func (d *dialogue) next() ([]byte, error) {
	if d.kept != nil {
		line := d.kept
		d.kept = nil
		return line, nil
	}
	line, err := d.in.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		for err == bufio.ErrBufferFull {
			_, err = d.in.ReadSlice('\n')
		}
		line = nil
		if err == nil || err == io.EOF {
			return []byte("\x00\n"), nil // which is no line of a message
		}
	}
	if err == io.EOF {
		d.ended = len(line) == 0
		err = nil
	}
	return line, err
}

// cut divides a line and its ending.
func cut(line []byte) (text, ending []byte) {
	text = bytes.TrimRight(line, "\r\n")
	return text, line[len(text):]
}

// starts reports whether a line begins a message: exactly a method, a target and a
// version, or a version and a status. A line of another log may well end in a version.
func starts(text []byte) bool {
	first, rest, _ := bytes.Cut(text, []byte{' '})
	second, third, _ := bytes.Cut(rest, []byte{' '})
	if isProtocol(first) {
		return isStatus(second)
	}
	return token(first) && isProtocol(third) && isTarget(second, string(first) == "CONNECT")
}

// isTarget reports whether b has one of the forms of RFC 9112 section 3.2.
func isTarget(b []byte, authority bool) bool {
	if len(b) == 0 || b[0] == '/' || string(b) == "*" {
		return len(b) > 0
	}
	scheme, _, absolute := bytes.Cut(b, []byte("://"))
	return authority || absolute && token(scheme)
}

// opens reports whether a log begins with a message: what stands behind its first
// line is a header's line, an empty one or the end.
func opens(first []byte) bool {
	line, rest, _ := bytes.Cut(bytes.TrimLeft(first, "\r\n"), []byte{'\n'})
	if text, _ := cut(line); !starts(text) {
		return false
	}
	line, _, _ = bytes.Cut(rest, []byte{'\n'})
	text, _ := cut(line)
	name, _, header := bytes.Cut(text, []byte{':'})
	return len(text) == 0 || header && token(name) && 'A' <= name[0]&^0x20 && name[0]&^0x20 <= 'Z'
}

// message writes one message, of which line is the first.
func (d *dialogue) message(line []byte) error {
	text, ending := cut(line)
	if len(text) == 0 {
		_, err := d.out.Write(ending)
		return err
	}
	d.counts.Lines++
	if !starts(text) {
		d.counts.Broken++
		if _, err := d.out.WriteString("# weir: unreadable line\n"); err != nil {
			return err
		}
		return d.skip()
	}
	d.seen, d.line = d.seen[:0], nil
	d.begin(d.now)
	d.head.Reset()
	d.start(text)
	d.head.Write(ending)
	return d.rest()
}

// skip reads over what is not of a message.
func (d *dialogue) skip() error {
	for !d.ended {
		line, err := d.next()
		if err != nil {
			return err
		}
		if text, _ := cut(line); starts(text) {
			d.kept = bytes.Clone(line)
			return nil
		}
	}
	return nil
}

// start writes the first line of a message.
func (d *dialogue) start(text []byte) {
	d.kind = raw.RequestHeader
	if bytes.HasPrefix(text, []byte("HTTP/")) {
		d.kind = raw.ResponseHeader
		fields := bytes.SplitN(text, []byte{' '}, 3)
		d.head.Write(fields[0])
		d.bodiless = false
		if len(fields) > 1 && isStatus(fields[1]) {
			d.answers(fields[1])
			d.head.WriteByte(' ')
			d.head.Write(fields[1])
			if len(fields) > 2 {
				d.head.WriteByte(' ') // the reason phrase is the server's text
			}
		}
		return
	}
	d.counts.Requests++
	d.bodiless = false
	d.asks(bytes.HasPrefix(text, []byte("HEAD ")))
	text = bytes.Clone(text)
	capture.RequestLine(text, &d.parsed)
	d.seen = append(d.seen, header{nil, text})
	d.style = record.Word
	d.put = d.request(d.put[:0], text)
	d.style = record.Line
	d.head.Write(d.put)
}

// rest reads the header and the body, and writes the message.
func (d *dialogue) rest() error {
	f := framing{length: -1}
	over := false
	d.size = 0
	for {
		line, err := d.next()
		if err != nil {
			return err
		}
		text, ending := cut(line)
		if len(text) == 0 {
			if over {
				d.counts.Broken++
			}
			return d.finish(&f, bytes.Clone(ending))
		}
		name, value, ok := bytes.Cut(text, []byte{':'})
		if !ok || !token(name) {
			d.counts.Broken++
			continue
		}
		name, value, ending = bytes.Clone(name), bytes.Clone(bytes.TrimSpace(value)), bytes.Clone(ending)
		frames := f.read(name, value)
		if frames {
			f.ending = ending
		}
		if d.size += len(name) + len(value); d.size > maxHead || len(d.seen) == maxHeaders {
			over = true
			continue
		}
		d.seen = append(d.seen, header{name, value})
		d.cleaner.Tell(func(x *raw.Exchange) { d.add(x, &d.seen[len(d.seen)-1]) }) // rules see the lines so far
		if frames {
			continue
		}
		d.head.Write(d.cleaner.Name(d.put[:0], d.kind, name))
		d.head.WriteString(": ")
		d.put = d.field(d.put[:0], value, &capture.Span{Field: headerField(d.kind, name)})
		d.head.Write(d.put)
		d.head.Write(ending)
	}
}

// finish reads the body of a message and writes all of it. blank is the ending of
// the empty line behind the header.
func (d *dialogue) finish(f *framing, blank []byte) error {
	whole, err := d.read(f)
	if err != nil {
		return err
	}
	d.clean.Reset()
	if len(d.body) > 0 && whole {
		whole = d.walk()
	}
	if !whole {
		d.clean.Reset()
		d.counts.Broken++
	}
	if !d.bodiless && (f.length >= 0 || f.chunked) {
		d.head.WriteString("Content-Length: " + strconv.Itoa(d.clean.Len()))
		d.head.Write(f.ending)
	}
	_, _ = d.out.Write(d.head.Bytes())
	_, _ = d.out.Write(blank)
	_, err = d.out.Write(d.clean.Bytes())
	return err
}

// walk writes the body at hand into d.clean, and reports whether it could.
func (d *dialogue) walk() bool {
	kind := raw.RequestBody
	if d.kind == raw.ResponseHeader {
		kind = raw.ResponseBody
	}
	tail := len(d.body) - len(bytes.TrimRight(d.body, "\r\n"))
	cfg := walk.BodyConfig{Kind: kind, Values: &d.values, Out: &d.clean, Limits: walk.Limits{Body: maxBody}}
	for _, h := range d.seen {
		switch {
		case raw.EqualFold(h.name, "content-type"):
			cfg.ContentType = h.value
		case raw.EqualFold(h.name, "content-encoding"):
			cfg.ContentEncoding = h.value
		}
	}
	body, rest := d.body, d.body[len(d.body):]
	if len(cfg.ContentEncoding) == 0 {
		body, rest = d.body[:len(d.body)-tail], d.body[len(d.body)-tail:]
	}
	d.inner.Begin(&cfg)
	_, _ = d.inner.Write(body)
	ok := d.inner.Close() == walk.Scanned
	d.clean.Write(rest)
	return ok
}

// exchange tells what the message at hand said so far.
func (d *dialogue) exchange(x *raw.Exchange) {
	for i := range d.seen {
		d.add(x, &d.seen[i])
	}
}

// add tells one line of the message at hand.
func (d *dialogue) add(x *raw.Exchange, h *header) {
	switch {
	case h.name == nil:
		for i := range d.parsed.Spans {
			sp := &d.parsed.Spans[i]
			d.tell(x, &x.Request, sp.Field, h.value[sp.Start:sp.End])
		}
	case d.kind == raw.ResponseHeader:
		x.Response.Add(h.name, h.value)
	default:
		x.Request.Add(h.name, h.value)
		if raw.EqualFold(h.name, "host") {
			x.Request.Authority = x.Request.Append(h.value)
		}
	}
}
