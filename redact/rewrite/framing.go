package rewrite

import (
	"bytes"
	"io"
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

// answers sets whether an answer has a body, by its status and by what was asked
// last (RFC 9112 section 6.3): whatever it declares, the next message follows at once.
func (d *dialogue) answers(status []byte) {
	n, _ := digits(status)
	interim := 100 <= n && n < 200 && n != 101
	d.bodiless = interim || n == 204 || n == 304 || d.asked
	if !interim {
		d.asked = false
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
