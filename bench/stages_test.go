package bench

import (
	"testing"

	"weir/policy"
	"weir/redact/category"
	"weir/redact/detect"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
	"weir/redact/walk"
)

// The stages of one typical exchange, each by itself and each for all fields of
// the exchange. What joins them is in BenchmarkExchange alone.

// walked keeps what a walk visits.
type walked struct {
	policy *policy.Policy
	fields []raw.Field
	places []*raw.Place
}

func (w *walked) Field(f *raw.Field) *raw.Place {
	p := w.place(f)
	w.fields, w.places = append(w.fields, *f), append(w.places, p)
	return p
}

func (w *walked) URL(*walk.URL) {}

func (w *walked) place(f *raw.Field) *raw.Place {
	switch {
	case f.Within == nil:
		return w.policy.Place(f.Kind, f.Name.Peek())
	case f.Within.Kind == f.Kind:
		return f.Within
	}
	return w.policy.Within(f.Within, f.Kind, f.Name.Peek())
}

func visit(tb testing.TB) (*walked, *raw.Exchange) {
	tb.Helper()
	w, x := &walked{policy: decider(tb)}, parsed(tb, typical)
	var walker walk.Walker
	if !walker.Request(x, w) || !walker.Response(x, w) || !walker.Trailers(x, w) {
		tb.Fatal("not all of it was visited")
	}
	return w, x
}

// blind is a visitor that looks at nothing.
type blind struct{ place raw.Place }

func (b *blind) Field(*raw.Field) *raw.Place { return &b.place }
func (b *blind) URL(*walk.URL)               {}

func BenchmarkWalk(b *testing.B) {
	x, v := parsed(b, typical), &blind{}
	var w walk.Walker
	b.ReportAllocs()
	for b.Loop() {
		w.Request(x, v)
		w.Response(x, v)
		w.Trailers(x, v)
	}
}

// BenchmarkPlace finds what the policy and the vocabulary know of each field.
func BenchmarkPlace(b *testing.B) {
	w, _ := visit(b)
	b.ReportAllocs()
	for b.Loop() {
		for i := range w.fields {
			w.place(&w.fields[i])
		}
	}
}

func BenchmarkDetect(b *testing.B) {
	w, _ := visit(b)
	var s detect.Scanner
	b.ReportAllocs()
	for b.Loop() {
		for i := range w.fields {
			s.Scan(w.fields[i].Value.Peek())
		}
	}
}

// BenchmarkDecide asks for what each field's name says, and for the remainder.
func BenchmarkDecide(b *testing.B) {
	w, x := visit(b)
	q := raw.Question{Exchange: x}
	b.ReportAllocs()
	for b.Loop() {
		for i, p := range w.places {
			q.Field, q.Place, q.Category, q.Confidence = &w.fields[i], p, "", 0
			w.policy.Decide(&q)
			if p.Category != "" {
				q.Category, q.Confidence = p.Category, p.Confidence
				w.policy.Decide(&q)
			}
		}
	}
}

// decision is what is done to one value.
type decision struct {
	transform transform.Transform
	category  category.Key
	text      []byte
}

// decisions are those that leave anything of the exchange's fields.
func decisions(tb testing.TB, w *walked, x *raw.Exchange) (made []decision) {
	tb.Helper()
	for i, p := range w.places {
		q := raw.Question{Exchange: x, Field: &w.fields[i], Place: p, Category: p.Category, Confidence: p.Confidence}
		if d := w.policy.Decide(&q); d.Transform != transform.Drop() {
			made = append(made, decision{d.Transform, p.Category, w.fields[i].Value.Peek()})
		}
	}
	if len(made) == 0 {
		tb.Fatal("all is dropped")
	}
	return made
}

// desk is where the clean value of each decision is made.
type desk struct {
	*transform.Maker
	made      []decision
	class     string
	canonical []byte
	clean     []transform.Clean
}

func newDesk(tb testing.TB, w *walked, x *raw.Exchange) *desk {
	tb.Helper()
	hosts, err := transform.NewHosts([]string{"www.nordhost.example"})
	if err != nil {
		tb.Fatal(err)
	}
	class, _ := w.policy.Retain()
	m := transform.NewMaker(transform.Config{Keys: ring(tb, w.policy), Service: "www", Hosts: hosts})
	return &desk{Maker: m, made: decisions(tb, w, x), class: class}
}

func (d *desk) work(x *raw.Exchange) {
	d.Begin(d.class, x.Started)
	d.clean = d.clean[:0]
	for i := range d.made {
		at := &d.made[i]
		v := transform.Value{Category: at.category, Text: at.text}
		switch at.transform.Kind() {
		case transform.KindHash:
			d.canonical = detect.Canonical(d.canonical[:0], at.category, at.text)
			v.Canonical = d.canonical
		case transform.KindTruncate:
			a, _ := detect.Address(at.text)
			v.Address = a.Addr()
		}
		d.Open(transform.Plain)
		d.Apply(at.transform, &v)
		d.clean = append(d.clean, d.Close())
	}
}

func BenchmarkTransform(b *testing.B) {
	w, x := visit(b)
	d := newDesk(b, w, x)
	b.ReportAllocs()
	for b.Loop() {
		d.work(x)
	}
}

// BenchmarkEncode writes the line of an entry with the clean values of the exchange.
func BenchmarkEncode(b *testing.B) {
	w, x := visit(b)
	d := newDesk(b, w, x)
	d.work(x)
	word := transform.Literal
	var e record.Entry
	e.Reset()
	e.Time, e.Service, e.Direction, e.Method, e.Scheme = x.Started, word("www"), word("inbound"), word("GET"), word("https")
	e.Server, e.Path, e.HasQuery = word("www.nordhost.example"), word("/device/{id}"), true
	e.Status, e.Duration, e.FirstByte = x.Response.Status, x.Duration, x.FirstByte
	e.AgentName, e.AgentVersion, e.Protocol, e.Visibility = word("Firefox"), word("145"), word("1.1"), word("headers")
	e.Epoch, e.Policy, e.Retain = word(d.Epoch()), word(w.policy.Fingerprint()), word(d.class)
	for i, c := range d.clean {
		e.Query = append(e.Query, record.Parameter{Name: word("name"), Value: c})
		e.Values = append(e.Values, record.Value{Part: record.RequestHeader, Name: "cookie", Key: word("name"), Cookie: true, Text: c})
		e.Redacted = append(e.Redacted, record.NewRedaction("url.query.name", d.made[i].category, d.made[i].transform,
			"people we recognise again for a day"))
	}
	for f := range record.FormatCount {
		b.Run(record.Format(f).String(), func(b *testing.B) {
			var line []byte
			var marks []record.Mark
			b.ReportAllocs()
			for b.Loop() {
				line, marks = record.Append(line[:0], record.Format(f), &e, marks[:0])
			}
		})
	}
}
