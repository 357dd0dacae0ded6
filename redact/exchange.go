package redact

import (
	"fmt"
	"io"
	"slices"

	"weir/redact/detect"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
	"weir/redact/walk"
)

// state is what the engine holds of one exchange, from Begin until Observe
// returns. It is reused.
type state struct {
	engine      *Engine
	decider     Decider
	memo        *memo
	fingerprint string
	kept        *retentions
	retention   *retention // of kept
	reserved    int        // bytes that each Reserver promised, in each class of kept
	failed      bool       // Begin failed: only facts will be written

	walker  walk.Walker
	items   []item
	urls    []walk.URL
	cut     bool // the walk did not visit everything
	scanner detect.Scanner
	set     *detect.Set // of scanner
	maker   *transform.Maker
	makers  []classMaker // maker is one of them, where there are any
	madeFor *raw.Retention

	exchange  *raw.Exchange
	cleaner   *Cleaner // of whose line the field at hand is, where it is of no exchange
	question  raw.Question
	value     transform.Value
	single    raw.Field // the field at hand where it is none of items
	spans     []span
	answers   []transform.Decision // that are not always the same
	current   []byte               // the value at hand
	checked   bool                 // valid says whether it is UTF-8
	valid     bool
	text      []byte // decoded values, canonical forms: valid until finish
	withheld  withheld
	listed    []listed // of each element of told
	told      []*record.Redaction
	trace     *record.Trace
	recording recording
	subjects  subjects
	tapped    bool    // bodies are walked as they pass
	framed    bool    // the protocol changed to WebSocket
	bodies    *bodies // nil until a policy asks

	known facts
	entry record.Entry
	lines [record.FormatCount][]byte
	marks []record.Mark
	stage Stage
}

// A state is relay's observer, and holds what is raw.
func (s *state) String() string             { return raw.Placeholder }
func (s *state) GoString() string           { return raw.Placeholder }
func (s *state) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, raw.Placeholder) }

// item is a field as the walk gave it, or, where place is nil, the beginning of
// the URL at field.Index.
type item struct {
	field raw.Field
	place *raw.Place
}

// Begin takes the policy that the exchange keeps to its end, and walks what
// there is of the request. The observer that it returns writes the entry; it
// must be called once.
func (e *Engine) Begin(x *raw.Exchange) (raw.Verdict, raw.Observer) {
	s := e.states.Get().(*state)
	var v raw.Verdict
	s.failed = !s.begin(x, &v)
	if len(e.reserve) > 0 && !s.reserve(x) {
		v.Deny, v.Status, v.Reason = true, 503, LogFull
	}
	return v, s
}

// begin reports whether it came to its end.
func (s *state) begin(x *raw.Exchange, v *raw.Verdict) (ok bool) {
	s.stage = Walking
	defer s.recovered(&ok)
	s.kept = s.engine.fallback
	s.retention = &s.kept.all[0]
	s.decider = s.engine.decider()
	s.detecting(s.decider.Detect())
	s.memo = s.engine.remembered(s.decider)
	kept, err := s.engine.retentions(s.decider)
	if err != nil {
		s.engine.metrics.Fault(s.stage)
		return false
	}
	s.kept, s.retention = kept, &kept.all[0]
	s.fingerprint = s.decider.Fingerprint()
	s.cut = !s.walker.Request(x, s)
	s.tapping(x, v)
	return true
}

// recovered counts a panic as a fault and says that the step failed. The
// panic's value may hold something raw: it is let go unread.
func (s *state) recovered(ok *bool) {
	if *ok {
		return
	}
	if recover() != nil {
		s.engine.metrics.Fault(s.stage)
	}
}

// Observe writes the entry of x and ends the use of s.
func (s *state) Observe(x *raw.Exchange) {
	if s.failed || !s.redact(x) {
		s.failed = true
		s.abandon()
		s.bare(x)
	}
	s.deliver(x)
	s.finish()
}

// redact makes the lines of x.
func (s *state) redact(x *raw.Exchange) (ok bool) {
	defer s.recovered(&ok)
	s.stage = Walking
	s.cut = !s.walker.Response(x, s) || s.cut
	s.cut = !s.walker.Trailers(x, s) || s.cut
	s.stage = Redacting
	s.exchange = x
	s.retain(x)
	s.maker.Begin(s.retention.Class, x.Started)
	if k := s.engine.keys; k != nil && k.Version() != s.memo.version {
		s.memo = s.engine.remembered(s.decider) // a key was destroyed while x passed: nothing is written by it from memory
	}
	s.entry.Reset()
	s.facts(x)
	s.addresses(x)
	s.fields()
	s.bodiesEnded(x)
	s.pseudonyms()
	for range s.maker.Failed() {
		s.engine.metrics.Fault(Keying)
	}
	s.seal()
	s.limit()
	s.stage = Encoding
	s.encode()
	return true
}

// bare makes the lines of an exchange whose redaction failed: facts only.
func (s *state) bare(x *raw.Exchange) {
	ok := false
	defer s.recovered(&ok)
	s.stage = Encoding
	for i := range s.lines {
		s.lines[i] = s.lines[i][:0]
	}
	s.sparse(x, "redaction")
	for f := range s.lines {
		if s.engine.formats[f] {
			s.lines[f], _ = record.Append(s.lines[f][:0], record.Format(f), &s.entry, nil)
		}
	}
	ok = true
}

// sparse makes an entry of facts only, for which fault is the reason.
func (s *state) sparse(x *raw.Exchange, fault string) {
	s.entry = record.Entry{}
	s.entry.Reset()
	s.outcome(x)
	if t := s.entry.Trace; t != nil && t.Parent != (record.SpanID{}) {
		s.entry.Trace = nil // whom its ids may name was not looked at
	}
	s.entry.Fault = transform.Literal(fault)
	s.entry.Retain = transform.Literal(s.retention.Class)
	s.limit()
}

// deliver gives each sink its line.
func (s *state) deliver(x *raw.Exchange) {
	for _, sink := range s.engine.sinks {
		s.append(sink, x)
	}
	s.release()
	s.engine.metrics.Entry()
	for i, r := range s.told {
		if r.Category != "" {
			s.engine.metrics.Found(r.Category, s.listed[i].count)
		}
		if r.Rule != "" {
			s.engine.metrics.Matched(r.Rule, s.listed[i].count)
		}
	}
}

func (s *state) append(sink Sink, x *raw.Exchange) {
	ok := false
	defer s.recovered(&ok)
	s.stage = Writing
	sealed := record.Sealed{Line: s.lines[sink.Format()], Time: s.entry.Time, Class: s.retention.Class, Keep: s.retention.Keep, Trace: s.trace}
	if s.reserved > 0 {
		s.redeem(sink, x, &sealed)
	}
	sink.Append(sealed) // which counts one without a line as missing
	ok = true
}

// The memory that a state keeps from one exchange to the next, in elements and bytes.
const (
	keepItems = 256
	keepText  = 64 << 10
)

// finish lets go of everything that is the exchange's.
func (s *state) finish() {
	if s.failed {
		return // what failed may be in disorder
	}
	s.exchange, s.decider, s.memo, s.question = nil, nil, nil, raw.Question{}
	s.kept, s.retention, s.told, s.trace = nil, nil, nil, nil
	s.detecting(nil)
	s.value, s.single, s.current = transform.Value{Path: s.value.Path[:0]}, raw.Field{}, nil
	if cap(s.items) > keepItems || cap(s.marks) > keepItems {
		s.items, s.urls, s.spans, s.marks = nil, nil, nil, nil
	}
	if cap(s.answers) > keepItems {
		s.answers = nil
	}
	s.answers = s.answers[:0]
	clear(s.items)
	clear(s.urls)
	clear(s.spans[:cap(s.spans)])
	clear(s.marks)
	s.items, s.urls, s.spans, s.marks = s.items[:0], s.urls[:0], s.spans[:0], s.marks[:0]
	if cap(s.text) > keepText {
		s.text = nil
	}
	s.text, s.listed = s.text[:0], s.listed[:0]
	s.subjects.reset()
	if s.tapped {
		s.bodies.path = nil
		s.bodies.request.reset()
		s.bodies.response.reset()
		s.tapped, s.framed = false, false
	}
	s.withheld.reset()
	s.scanner.Forget()
	for i := range s.lines {
		if cap(s.lines[i]) > keepText {
			s.lines[i] = nil
		}
		s.lines[i] = s.lines[i][:0]
	}
	s.engine.states.Put(s)
}

// Field is the walk's: it finds the field's place and keeps it for Observe.
func (s *state) Field(f *raw.Field) *raw.Place {
	place, n := s.place(f), len(s.items)
	if n == cap(s.items) {
		s.items = slices.Grow(s.items, max(1, n))
	}
	s.items = s.items[:n+1] // an element is as finish left it, and so need not be cleared
	it := &s.items[n]
	it.field, it.place = *f, place
	return place
}

// URL is the walk's.
func (s *state) URL(u *walk.URL) {
	s.items = append(s.items, item{field: raw.Field{Index: len(s.urls), Within: u.Within}})
	s.urls = append(s.urls, *u)
}

// place asks the policy for the place of f. Names in a query are decoded first;
// one that can not be is not known.
func (s *state) place(f *raw.Field) *raw.Place {
	name := f.Name.Peek()
	if f.Kind == raw.Query && len(name) > 0 {
		var ok bool
		if name, ok = s.decoded(name, true); !ok {
			name = nil
		}
	}
	if f.Within == nil {
		return s.decider.Place(f.Kind, name)
	}
	if f.Kind == f.Within.Kind {
		return f.Within // what stands between the URLs of the header
	}
	return s.decider.Within(f.Within, f.Kind, name)
}
