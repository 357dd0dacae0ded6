package rewrite

import (
	"bytes"
	"time"

	"weir/redact/capture"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/walk"
)

// objects is how a line that is a JSON object is walked.
var objects = []byte("application/json")

// object writes a line that is a JSON object. All but values stays as it is: a
// text of which nothing is left is empty, a number null.
func (w *lines) object(dst, line []byte) ([]byte, bool) {
	if trimmed := bytes.TrimSpace(line); len(trimmed) < 2 || trimmed[0] != '{' {
		return dst, false
	}
	w.style, w.nothing, w.line = record.Bare, "", line
	w.begin(w.named())
	w.clean.Reset()
	w.body.Begin(&walk.BodyConfig{Kind: raw.LogField, ContentType: objects, Values: w, Known: w.known, Out: &w.clean, Limits: walk.Limits{Value: MaxLine}})
	_, _ = w.body.Write(line) // which never fails
	if w.body.Close() != walk.Scanned {
		return dst, false
	}
	return append(dst, w.clean.Bytes()...), true
}

// Value is the walk's: it writes a value anew.
func (w *lines) Value(v *walk.Value) (put []byte, change bool) {
	if w.unknown {
		w.unknown = false
		return anyName, true
	}
	sp := capture.Span{Field: w.member(v.Name)}
	if sp.Role == capture.Request {
		w.put = w.request(w.put[:0], v.Text)
	} else {
		w.put = w.field(w.put[:0], v.Text, &sp)
	}
	return w.put, !bytes.Equal(w.put, v.Text)
}

// anyName stands for a name that nobody knows.
var anyName = []byte{'*'}

// known reports whether a key may stay: not one that came from the exchange, as
// that of a header, unless the policy or the vocabulary knows it. It is visited
// next.
func (w *lines) known(name []byte) bool {
	if bytes.ContainsAny(name, " ,;\"'<>()=&?%\t\r\n") { // no program's: a person and where they live, a query
		w.unknown = true
		return false
	}
	f := w.member(name)
	if len(f.Name) == 0 || f.Role != capture.Header && f.Kind != raw.RequestCookie && f.Kind != raw.Query {
		return true
	}
	w.put = w.cleaner.Name(w.put[:0], f.Kind, f.Spelled())
	w.unknown = string(w.put) == "*"
	return !w.unknown
}

// request writes a request line that is one value. The line that it stands in stays
// the one at hand: that is what rules ask about.
func (w *lines) request(dst, text []byte) []byte {
	capture.RequestLine(text, &w.spare)
	at := 0
	for i := range w.spare.Spans {
		sp := &w.spare.Spans[i]
		dst = append(dst, text[at:sp.Start]...)
		dst = w.field(dst, text[sp.Start:sp.End], sp)
		at = sp.End
	}
	return append(dst, text[at:]...)
}

// member is the field under a name. Names are remembered as long as the chunk at
// hand.
func (w *lines) member(name []byte) *capture.Field {
	if f := w.members[string(name)]; f != nil {
		return f
	}
	f := capture.Member(string(name))
	if len(w.members) < maxMembers {
		w.members[string(name)] = f
	}
	return f
}

const maxMembers = 1024

// times are the names under which an object has the time, as they stand in a line.
var times = [][]byte{[]byte(`"time":`), []byte(`"ts":`), []byte(`"@timestamp":`), []byte(`"timestamp":`), []byte(`"start_time":`), []byte(`"StartUTC":`)}

// named is the time that the object at hand has, else now. It says of which epoch
// pseudonyms are, and no more.
func (w *lines) named() time.Time {
	for _, name := range times {
		at := bytes.Index(w.line, name)
		if at < 0 {
			continue
		}
		b := bytes.TrimLeft(w.line[at+len(name):], ` "`)
		if end := bytes.IndexAny(b, `",}`); end >= 0 {
			if t, ok := readTime(b[:end]); ok {
				return w.dated(t, b)
			}
		}
	}
	return w.now
}

// collector tells what an object says of its exchange, for the rules.
type collector struct {
	w *lines
	x *raw.Exchange
}

func (c collector) Value(v *walk.Value) ([]byte, bool) {
	if len(v.Text) > 0 {
		c.w.tell(c.x, &c.x.Request, c.w.member(v.Name), v.Text)
	}
	return nil, false
}

// collect walks the object at hand once more.
func (w *lines) collect(x *raw.Exchange) bool {
	var b walk.Body
	b.Begin(&walk.BodyConfig{Kind: raw.LogField, ContentType: objects, Values: collector{w, x}, Limits: walk.Limits{Value: MaxLine}})
	_, _ = b.Write(w.line)
	return b.Close() == walk.Scanned
}

// syslog writes a line of syslog.
func (w *lines) syslog(dst, line []byte) ([]byte, bool) {
	if !capture.Syslog(line, &w.parsed) {
		return dst, false
	}
	return w.spans(dst, line), true
}
