package rewrite

import (
	"bytes"
	"io"
	"slices"
	"strconv"

	"weir/redact/raw"
)

// framing is how the end of a body is found (RFC 9112 section 6).
type framing struct {
	length  int64 // -1 where none is declared
	chunked bool
	ending  []byte // of the line that said so
}

// read takes a field line that says where the body ends, and reports whether it
// was one.
func (f *framing) read(name, value []byte) bool {
	switch {
	case raw.EqualFold(name, "content-length"):
		if n, err := strconv.ParseInt(string(value), 10, 64); err == nil && n >= 0 {
			f.length = n
		}
		return true
	case raw.EqualFold(name, "transfer-encoding"):
		f.chunked = true
		return true
	}
	return false
}

// maxAsked bounds the requests that are remembered until they are answered.
const maxAsked = 256

// asks remembers a request, of which the oldest are answered first (RFC 9112 section
// 9.3.2).
func (d *dialogue) asks(header bool) {
	if len(d.asked) == maxAsked {
		d.asked = d.asked[:copy(d.asked, d.asked[1:])]
	}
	d.asked = append(d.asked, header)
}

// answers sets whether an answer has a body, by its status (RFC 9112 section 6.3):
// whatever it declares, the next message follows at once. It may have none as well
// where a request for a header alone is open.
func (d *dialogue) answers(status []byte) {
	n, _ := digits(status)
	d.interim = 100 <= n && n < 200 && n != 101
	d.bodiless = d.interim || n == 204 || n == 304
}

// answered takes the request that was answered from those that are open, and reports
// whether it was for a header alone, so that what is declared is no body. Logs have
// not all answers, or not in order: there has to be the next message, or the end.
func (d *dialogue) answered(f *framing) bool {
	declares := !d.bodiless && (f.length > 0 || f.chunked)
	first := slices.Index(d.asked, true)
	header := declares && first >= 0 && d.starting()
	switch {
	case d.interim || len(d.asked) == 0:
		return false
	case !declares:
		first = 0
	case !header:
		if first = slices.Index(d.asked, false); first < 0 {
			return false // nobody asked for what is here
		}
	}
	d.asked = slices.Delete(d.asked, first, first+1)
	return header
}

// starting reports whether a message begins here, or the log ends. Empty lines may
// stand before it, where people wrote it.
func (d *dialogue) starting() bool {
	for n := 1; ; n = d.in.Buffered() + 1 {
		b, err := d.in.Peek(n)
		b = bytes.TrimLeft(b, "\r\n")
		if line, _, whole := bytes.Cut(b, []byte{'\n'}); whole || err != nil {
			text, _ := cut(line)
			return starts(text) || len(b) == 0
		}
	}
}

// token reports whether b can be the name of a header (RFC 9110 section 5.6.2).
func token(b []byte) bool {
	for _, c := range b {
		if c <= ' ' || c >= 0x7F || bytes.IndexByte([]byte(`"(),/:;<=>?@[\]{}`), c) >= 0 {
			return false
		}
	}
	return len(b) > 0
}

// read takes the body of a message into d.body, and reports whether it is whole
// and no longer than maxBody.
func (d *dialogue) read(f *framing) (whole bool, err error) {
	d.body = d.body[:0]
	if d.kind == raw.ResponseHeader && d.answered(f) {
		d.bodiless = true
	}
	switch {
	case d.bodiless:
		return true, nil
	case f.chunked:
		return d.chunks()
	case f.length >= 0:
		return d.exactly(f.length)
	}
	whole = true
	for !d.ended {
		line, err := d.next()
		if err != nil {
			return false, err
		}
		if text, _ := cut(line); starts(text) {
			d.kept = bytes.Clone(line)
			break
		}
		if len(d.body)+len(line) > maxBody {
			whole = false
			continue
		}
		d.body = append(d.body, line...)
	}
	return whole, nil
}

// exactly reads n bytes.
func (d *dialogue) exactly(n int64) (whole bool, err error) {
	start := len(d.body)
	if int64(start)+n > maxBody {
		_, err = io.CopyN(io.Discard, d.in, n)
	} else {
		d.body = append(d.body, make([]byte, n)...)
		var got int
		got, err = io.ReadFull(d.in, d.body[start:])
		whole = got == int(n)
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		d.ended, err = true, nil
	}
	return whole, err
}

// chunks reads chunks and the trailer, of which nothing is written.
func (d *dialogue) chunks() (whole bool, err error) {
	whole = true
	for !d.ended {
		line, err := d.next()
		if err != nil {
			return false, err
		}
		text, _ := cut(line)
		size, _, _ := bytes.Cut(text, []byte{';'})
		n, err := strconv.ParseUint(string(bytes.TrimSpace(size)), 16, 31)
		if err != nil {
			return false, nil
		}
		if n == 0 {
			for !d.ended {
				if line, err = d.next(); err != nil {
					return false, err
				}
				if text, _ := cut(line); len(text) == 0 {
					break
				}
			}
			return whole, nil
		}
		ok, err := d.exactly(int64(n))
		if err != nil {
			return false, err
		}
		whole = whole && ok
		if _, err := d.next(); err != nil {
			return false, err
		}
	}
	return false, nil
}
