package walk

import (
	"encoding/base64"
	"io"
	"mime/quotedprintable"

	"weir/redact/raw"
)

// transfer is a Content-Transfer-Encoding of RFC 2045 section 6.
type transfer uint8

const (
	plainTransfer transfer = iota
	inBase64
	inQuotedPrintable
)

func transferOf(name []byte) (transfer, bool) {
	switch {
	case len(name) == 0, raw.EqualFold(name, "7bit"), raw.EqualFold(name, "8bit"), raw.EqualFold(name, "binary"):
		return plainTransfer, true
	case raw.EqualFold(name, "base64"):
		return inBase64, true
	case raw.EqualFold(name, "quoted-printable"):
		return inQuotedPrintable, true
	}
	return 0, false
}

// carried gives its parser a part without its transfer encoding, and has what the
// parser emits go on in it again: base64 in lines of 76 characters,
// quoted-printable with every line end encoded.
type carried struct {
	inner    parser
	transfer transfer
	encoder  io.WriteCloser // nil where nothing is written
	started  bool
	quoted   printable
	held     []byte // of base64, less than four characters
	padded   bool   // the end of base64 was there
	joined   bool   // several texts of base64 may stand behind each other
	text     []byte
}

// newCarried has what o emits go on in the encoding; as one line of base64 where joined is set.
func newCarried(o *outlet, t transfer, joined bool) *carried {
	c := &carried{transfer: t, joined: joined}
	if out := o.out; out != nil {
		switch {
		case joined:
			c.encoder = base64.NewEncoder(base64.StdEncoding, sender(out))
		case t == inBase64:
			c.encoder = base64.NewEncoder(base64.StdEncoding, &folded{out: out})
		default:
			w := quotedprintable.NewWriter(sender(out))
			w.Binary = true
			c.encoder = w
		}
		o.out = func(p []byte) { _, _ = c.encoder.Write(p) }
	}
	return c
}

func (c *carried) write(p []byte) (why Reason) {
	c.text = c.text[:0]
	if c.transfer == inBase64 {
		why = c.base64(p)
	} else {
		c.text, why = c.quoted.decode(c.text, p)
	}
	return c.give(why)
}

// give has the parser walk what was read before why came of what is behind it.
func (c *carried) give(why Reason) Reason {
	if len(c.text) > 0 {
		c.started = true
		if why := c.inner.write(c.text); why != Scanned {
			return why
		}
	}
	return why
}

func (c *carried) close() Reason {
	if len(c.held) > 0 || !c.quoted.ends() {
		return Broken
	}
	if c.started {
		if why := c.inner.close(); why != Scanned {
			return why
		}
	}
	if c.encoder != nil {
		_ = c.encoder.Close()
	}
	return Scanned
}

// base64 reads whole groups. Blanks between them are passed over, nothing may stand
// behind padding.
func (c *carried) base64(p []byte) Reason {
	for _, b := range p {
		if isFold(b) {
			continue
		}
		if c.padded {
			return Broken
		}
		if c.held = append(c.held, b); len(c.held) < 4 {
			continue
		}
		var group [3]byte
		n, err := base64.StdEncoding.Decode(group[:], c.held)
		if err != nil {
			return Broken
		}
		c.text = append(c.text, group[:n]...)
		c.padded, c.held = n < 3 && !c.joined, c.held[:0]
	}
	return Scanned
}

// foldWidth is the longest line of RFC 2045, in characters.
const foldWidth = 76

// folded breaks lines.
type folded struct {
	out    func([]byte)
	column int
}

func (f *folded) Write(p []byte) (int, error) {
	all := len(p)
	for len(p) > 0 {
		if f.column == foldWidth {
			f.out([]byte("\r\n"))
			f.column = 0
		}
		n := min(len(p), foldWidth-f.column)
		f.out(p[:n])
		f.column += n
		p = p[n:]
	}
	return all, nil
}

// printable reads quoted-printable (RFC 2045 section 6.7), strictly.
type printable struct {
	state  printableState
	blanks []byte // that belong to the text unless the line ends
	high   byte
}

type printableState uint8

const (
	printablePlain printableState = iota
	printableReturn
	printableEquals
	printableHex
	printableSoft       // blanks behind =
	printableSoftReturn // CR behind =
)

// maxBlanks is beyond the longest line that RFC 5322 has, in bytes.
const maxBlanks = 1000

// ends reports whether a text may end here.
func (q *printable) ends() bool {
	return q.state == printablePlain || q.state == printableEquals || q.state == printableSoft
}

func (q *printable) decode(text, p []byte) ([]byte, Reason) {
	for _, c := range p {
		blank := c == ' ' || c == '\t'
		switch q.state {
		case printablePlain:
			switch {
			case blank:
				if q.blanks = append(q.blanks, c); len(q.blanks) > maxBlanks {
					return text, Broken
				}
				continue
			case c == '\r':
				q.blanks, q.state = q.blanks[:0], printableReturn
				continue
			}
			text = append(text, q.blanks...)
			q.blanks = q.blanks[:0]
			switch {
			case c == '=':
				q.state = printableEquals
			case c < ' ' || c > '~':
				return text, Broken
			default:
				text = append(text, c)
			}
		case printableReturn, printableSoftReturn:
			if c != '\n' {
				return text, Broken
			}
			if q.state == printableReturn {
				text = append(text, '\r', '\n')
			}
			q.state = printablePlain
		case printableHex:
			if unhex(c) > 15 {
				return text, Broken
			}
			text = append(text, q.high<<4|unhex(c))
			q.state = printablePlain
		default:
			switch {
			case c == '\r':
				q.state = printableSoftReturn
			case blank:
				q.state = printableSoft
			case q.state == printableEquals && unhex(c) <= 15:
				q.high, q.state = unhex(c), printableHex
			default:
				return text, Broken
			}
		}
	}
	return text, Scanned
}
