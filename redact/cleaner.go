package redact

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"weir/redact/category"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
)

// Cleaner writes what may be written of fields that another program logged, one
// after the other, as the engine does of those of an exchange. It keeps nothing
// of a field once the next one is written, and belongs to one goroutine.
type Cleaner struct {
	state   *state
	part    raw.Exchange // the field at hand, where it is one that is walked
	line    raw.Exchange // what rules can ask of the line that the field stands in
	fill    func(*raw.Exchange)
	filled  bool
	varied  bool
	started time.Time
	settled [settledSlots]settled
}

// settled is what is always answered to a question, or that nothing is.
type settled struct {
	place      *raw.Place
	key        category.Key
	confidence uint8
	always     bool
	decision   transform.Decision
}

const settledSlots = 256

// NewCleaner makes a Cleaner. fill is asked for what the line at hand says of its
// exchange, once, where a rule reads that; it may be nil.
func (e *Engine) NewCleaner(fill func(*raw.Exchange)) *Cleaner {
	c := &Cleaner{fill: fill}
	c.renew(e)
	return c
}

func (c *Cleaner) renew(e *Engine) {
	s := e.states.New().(*state)
	s.decider = e.decider()
	s.detecting(s.decider.Detect())
	s.memo = e.remembered(s.decider)
	s.retention = &retention{Retention: s.decider.Retentions()[0]}
	s.exchange, s.cleaner = &c.line, c
	c.state = s
}

func (c *Cleaner) String() string             { return raw.Placeholder }
func (c *Cleaner) GoString() string           { return raw.Placeholder }
func (c *Cleaner) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, raw.Placeholder) }

// Begin begins a line that was written of what began at started, of which the
// epoch of its pseudonyms depends.
func (c *Cleaner) Begin(started time.Time) {
	c.filled, c.started = false, started
}

// Epoch names the epoch of the line.
func (c *Cleaner) Epoch() string {
	c.state.maker.Begin(c.state.retention.Class, c.started)
	return c.state.maker.Epoch()
}

// Varied reports whether what was written last was decided by more than where the
// field stands and what is in it.
func (c *Cleaner) Varied() bool { return c.varied }

// Tell adds to what the line at hand says of its exchange, where fill was asked
// already.
func (c *Cleaner) Tell(add func(*raw.Exchange)) {
	if c.filled {
		add(&c.line)
	}
}

// Finds reports whether anything is recognised in a text, or not all of it was
// looked through. It lets go of the field before.
func (c *Cleaner) Finds(text []byte) (found bool) {
	found = true
	ok := false
	defer c.recovered(&ok)
	c.open()
	findings, complete := c.state.scanner.Scan(text)
	ok = true
	return len(findings) > 0 || !complete
}

// Done calls yield for each kind of finding in what was written last, with how
// many there were.
func (c *Cleaner) Done(yield func(r *record.Redaction, count int)) {
	for i, r := range c.state.entry.Redacted {
		yield(r, c.state.listed[i].count)
	}
}

// task is one field to write.
type task struct {
	what  what
	kind  raw.Kind
	name  []byte
	text  []byte
	style record.Style
}

type what uint8

const (
	anAddress what = iota
	aTarget
	aHost
	aHeader
	aValue
	aText
)

// Address writes an address, or what stands in the place of one. It writes a dash
// where nothing is left.
func (c *Cleaner) Address(dst []byte, kind raw.Kind, text []byte, style record.Style) []byte {
	return c.write(dst, &task{anAddress, kind, nil, text, style})
}

// Target writes a request target: path and query, or a URL.
func (c *Cleaner) Target(dst, text []byte, style record.Style) []byte {
	return c.write(dst, &task{aTarget, raw.Path, nil, text, style})
}

// Host writes a host, "*" where it is not one that may be written.
func (c *Cleaner) Host(dst, text []byte, style record.Style) []byte {
	return c.write(dst, &task{aHost, raw.Host, nil, text, style})
}

// Header writes the value of a header: raw.RequestHeader or raw.ResponseHeader.
// Several lines of one header may have been joined by commas.
func (c *Cleaner) Header(dst []byte, kind raw.Kind, name, text []byte, style record.Style) []byte {
	return c.write(dst, &task{aHeader, kind, name, text, style})
}

// Value writes one value of any other kind. That of raw.Query is percent-encoded.
func (c *Cleaner) Value(dst []byte, kind raw.Kind, name, text []byte, style record.Style) []byte {
	return c.write(dst, &task{aValue, kind, name, text, style})
}

// Text writes free text. What stands behind a name that is known in it
// (password=…, "email": …) is a finding.
func (c *Cleaner) Text(dst []byte, kind raw.Kind, name, text []byte, style record.Style) []byte {
	return c.write(dst, &task{aText, kind, name, text, style})
}

func (c *Cleaner) write(dst []byte, t *task) (out []byte) {
	out = dst
	ok := false
	defer c.recovered(&ok)
	c.open()
	c.decide(t)
	for range c.state.maker.Failed() {
		c.state.engine.metrics.Fault(Keying)
	}
	out = c.encode(dst, t)
	ok = true
	return out
}

// recovered drops a field that the engine failed at, and all that it held.
func (c *Cleaner) recovered(ok *bool) {
	if *ok {
		return
	}
	e := c.state.engine
	c.state.recovered(ok)
	c.renew(e)
}

// open lets go of the field before.
func (c *Cleaner) open() {
	s := c.state
	s.stage, c.varied = Redacting, false
	s.items, s.urls, s.answers, s.marks = s.items[:0], s.urls[:0], s.answers[:0], s.marks[:0]
	if cap(s.text) > keepText {
		s.text = nil
	}
	s.text, s.listed, s.cut = s.text[:0], s.listed[:0], false
	s.withheld.reset()
	s.maker.Begin(s.retention.Class, c.started)
	s.entry.Reset()
}

// Forget lets go of all that was read.
func (c *Cleaner) Forget() {
	c.open()
	s := c.state
	clear(s.items[:cap(s.items)])
	clear(s.urls[:cap(s.urls)])
	clear(s.spans[:cap(s.spans)])
	clear(s.marks[:cap(s.marks)])
	s.question, s.value, s.single, s.current = raw.Question{}, transform.Value{}, raw.Field{}, nil
	s.scanner.Forget()
	c.part.Reset()
	c.line.Reset()
}

func (c *Cleaner) decide(t *task) {
	s := c.state
	switch t.what {
	case anAddress:
		s.maker.Open(transform.Plain)
		s.logged(t.kind, t.text)
		s.entry.ClientAddress = s.maker.Close()
	case aTarget:
		c.part.Reset()
		c.target(&c.part.Request, t.text)
		s.walker.Request(&c.part, s)
		s.fields()
	case aHeader:
		c.part.Reset()
		if t.kind == raw.ResponseHeader {
			c.part.Response.Add(t.name, t.text)
			s.walker.Response(&c.part, s)
		} else {
			c.part.Request.Add(t.name, t.text)
			s.walker.Request(&c.part, s)
		}
		s.fields()
	default:
		c.single(t)
	}
}

// single writes a field that is not walked.
func (c *Cleaner) single(t *task) {
	s := c.state
	it := item{field: raw.Field{Kind: t.kind, Name: raw.Of(t.name), Value: raw.Of(t.text)}}
	it.place = s.place(&it.field)
	s.single = it.field
	switch {
	case t.what == aHost:
		s.maker.Open(transform.Plain)
		s.host(&s.single, it.place)
	case t.what == aText:
		s.maker.Open(transform.Plain)
		s.prose(&s.single, it.place, t.text)
	case t.kind == raw.Query:
		s.maker.Open(transform.Query)
		s.queryValue(&it)
	default:
		s.maker.Open(transform.Plain)
		s.write(&s.single, it.place, t.text, true)
	}
	if !s.maker.Empty() {
		s.entry.Values = append(s.entry.Values, record.Value{Text: s.maker.Close()})
	}
}

// logged decides on what stands in the place of an address: one, or a name.
func (s *state) logged(kind raw.Kind, text []byte) {
	p := s.decider.Place(kind, nil)
	s.single = raw.Field{Kind: kind, Value: raw.Of(text)}
	key, confidence := p.Category, p.Confidence
	if key == "" {
		key, confidence = address, 100
	}
	s.named(key, confidence, len(text))
	s.decide(&s.single, p, text)
}

// target reads a request target as RFC 9112 section 3.2 has it.
func (c *Cleaner) target(m *raw.Message, text []byte) {
	for _, scheme := range [...]struct {
		prefix string
		scheme raw.Scheme
	}{{"http://", raw.HTTP}, {"https://", raw.HTTPS}} {
		if len(text) > len(scheme.prefix) && raw.EqualFold(text[:len(scheme.prefix)], scheme.prefix) {
			m.Scheme, text = scheme.scheme, text[len(scheme.prefix):]
			end := bytes.IndexAny(text, "/?")
			if end < 0 {
				end = len(text)
			}
			authority := text[:end]
			if at := bytes.LastIndexByte(authority, '@'); at >= 0 {
				m.Userinfo, authority = m.Append(authority[:at]), authority[at+1:]
			}
			m.Authority, text = m.Append(authority), text[end:]
			c.state.entry.Scheme = transform.Literal(scheme.scheme.String())
			break
		}
	}
	path, query, has := bytes.Cut(text, []byte{'?'})
	m.Path, m.Query, m.HasQuery = m.Append(path), m.Append(query), has
}

// ask puts a question to the policy whose answer is not always the same at a
// place. What the line says of its exchange is read only where it matters.
func (c *Cleaner) ask(f *raw.Field, p *raw.Place, key category.Key, confidence uint8) transform.Decision {
	s := c.state
	known := &c.settled[(uint(p.ID)*16+uint(len(key))+uint(confidence))%settledSlots]
	if known.place != p || known.key != key || known.confidence != confidence {
		d, ok := s.decider.Settled(p, key, confidence)
		*known = settled{p, key, confidence, ok, d}
	}
	if known.always {
		return known.decision
	}
	c.varied = true
	if !c.filled {
		c.filled = true
		c.line.Reset()
		c.line.Started = c.started
		if c.fill != nil {
			c.fill(&c.line)
		}
	}
	q := &s.question
	q.Exchange, q.Field, q.Place, q.Category, q.Confidence = s.exchange, f, p, key, confidence
	return s.decider.Decide(q)
}

// encode appends what is left, and has it looked through as an entry is: what
// stands in it that was withheld costs it the field, and counts as a defect.
func (c *Cleaner) encode(dst []byte, t *task) []byte {
	s, start := c.state, len(dst)
	s.stage = Encoding
	dst = c.append(dst, t)
	if len(s.marks) == 0 || len(s.withheld.values) == 0 {
		return dst
	}
	s.decodeWithheld()
	s.spareNetworks()
	s.withheld.prepare()
	if hits := s.guard(dst); hits > 0 {
		s.engine.metrics.Guarded(hits)
		s.marks = s.marks[:0]
		dst = c.append(dst[:start], t)
	}
	return dst
}

func (c *Cleaner) append(dst []byte, t *task) []byte {
	s := c.state
	switch t.what {
	case anAddress:
		dst, s.marks = record.AppendClient(dst, &s.entry, t.style, s.marks)
	case aTarget:
		dst, s.marks = record.AppendTarget(dst, &s.entry, t.style, s.marks)
	default:
		dst, s.marks = record.AppendValues(dst, &s.entry, t.style, s.marks)
	}
	return dst
}

// Name writes a name as it was sent where the policy or the vocabulary knows it,
// else "*".
func (c *Cleaner) Name(dst []byte, kind raw.Kind, name []byte) []byte {
	if p := c.state.decider.Place(kind, name); p.Name == "*" {
		return append(dst, '*')
	}
	return append(dst, name...)
}
