package walk

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"weir/redact/raw"
)

var defaults = Limits{Body: 8 << 20, Ratio: 100, Depth: 64, Values: 65536, Value: 32 << 10}

// seen is a Values that notes what it is given and changes what change says.
type seen struct {
	values []string
	change func(name, text string) (string, bool)
}

func (s *seen) Value(v *Value) ([]byte, bool) {
	s.values = append(s.values, string(v.Name)+"="+string(v.Text))
	if s.change == nil {
		return nil, false
	}
	put, change := s.change(string(v.Name), string(v.Text))
	return []byte(put), change
}

type format func(*outlet) parser

// walked is what a walk came to.
type walked struct {
	values []string
	out    []byte
	why    Reason
}

// walking walks body in pieces that end where cuts says, as often as it is true.
func walking(f format, limits Limits, body []byte, change func(name, text string) (string, bool), cut func(i int) bool) walked {
	s := &seen{change: change}
	w := walked{}
	o := &outlet{kind: raw.RequestBody, values: s, limits: limits, out: func(p []byte) { w.out = append(w.out, p...) }}
	p := f(o)
	from := 0
	for i := 1; i <= len(body) && w.why == Scanned; i++ {
		if i < len(body) && !cut(i) {
			continue
		}
		piece := bytes.Clone(body[from:i])
		w.why = p.write(piece)
		for i := range piece { // no piece may be kept
			piece[i] = 'Z'
		}
		from = i
	}
	if w.why == Scanned {
		w.why = p.close()
	}
	if w.why == Scanned && (o.depth != 0 || len(o.name) != 0) {
		panic(fmt.Sprintf("depth %d and a name of %d bytes are left", o.depth, len(o.name)))
	}
	w.values = s.values
	return w
}

func whole(int) bool    { return false }
func bytewise(int) bool { return true }

// visits is a case of a table: what a body's walk visits.
type visits struct {
	body string
	why  Reason
	want []string
}

func (c visits) check(t *testing.T, f format, limits Limits) {
	t.Helper()
	for i, cut := range []func(int) bool{whole, bytewise} {
		w := walking(f, limits, []byte(c.body), nil, cut)
		if w.why != c.why {
			t.Errorf("%.80q, %d: %q, want %q", c.body, i, w.why, c.why)
		}
		if c.why == Scanned && string(w.out) != c.body {
			t.Errorf("%.80q, %d: went on as %.80q", c.body, i, w.out)
		}
		if !slices.Equal(w.values, c.want) {
			t.Errorf("%.80q, %d: visited\n%s\nwant\n%s", c.body, i, strings.Join(w.values, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

// rewrite is a case of a table: what a body becomes when each value is changed.
type rewrite struct{ body, put, want string }

func (c rewrite) check(t *testing.T, f format) {
	t.Helper()
	change := func(_, text string) (string, bool) { return c.put, text != "kept" }
	for i, cut := range []func(int) bool{whole, bytewise} {
		if w := walking(f, defaults, []byte(c.body), change, cut); w.why != Scanned || string(w.out) != c.want {
			t.Errorf("%q, %d: became %q %s, want %q", c.body, i, w.out, w.why, c.want)
		}
	}
}
