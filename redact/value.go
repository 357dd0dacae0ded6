package redact

import (
	"bytes"
	"net/netip"
	"unicode/utf8"

	"weir/redact/category"
	"weir/redact/detect"
	"weir/redact/raw"
	"weir/redact/transform"
)

// span is a finding of the value at hand, and what was decided of it.
type span struct {
	start, end int
	category   category.Key
	confidence uint8
	scanned    bool   // by its form, not by its name
	value      []byte // the identifier itself, decoded
	decision   *transform.Decision
}

// write decides on a value and adds what is left of it to the open clean
// value. sound is false where the value could not be decoded: it is dropped.
func (s *state) write(f *raw.Field, p *raw.Place, text []byte, sound bool) {
	if len(text) == 0 {
		return
	}
	done, mine := false, false
	if sound {
		done, mine = s.recall(asValue, f, p, text)
	}
	if done {
		return
	}
	s.byName(f, p, text)
	if !s.scan(text) || !sound {
		s.refuse(p, text)
	} else {
		s.decide(f, p, text)
	}
	if mine {
		s.remember(p)
	}
}

// named begins the findings of a value with the one by its name, if there is one.
func (s *state) named(key category.Key, confidence uint8, length int) {
	s.spans = s.spans[:0]
	s.scanner.In(nil)
	if key != "" {
		s.spans = append(s.spans, span{end: length, category: key, confidence: confidence})
	}
}

// detecting makes set what is looked for, and what is allowed.
func (s *state) detecting(set *detect.Set) {
	s.set = set
	s.scanner.Use(set)
}

// byName begins the findings of a value with what its name says, unless the policy
// allows that value. The scanner is told the name.
func (s *state) byName(f *raw.Field, p *raw.Place, text []byte) {
	if p.Category != "" && s.set.Allows(p.Category, text) {
		s.named("", 0, 0)
	} else {
		s.named(p.Category, p.Confidence, len(text))
	}
	name := f.Name.Peek()
	if f.Kind == raw.Query {
		name, _ = s.decoded(name, true) // what is not ASCII comes escaped
	}
	s.scanner.In(name)
}

// scan adds what the scanner finds, and takes whose pseudonyms are asked for. It
// reports whether the scan was complete.
func (s *state) scan(text []byte) bool {
	complete := s.look(text)
	if s.subjects.asked != nil && len(s.spans) > 0 {
		s.recording.unfit = true
		s.subjects.take(s.spans, text)
	}
	return complete
}

// look adds what the scanner finds. It reports whether the scan was complete.
func (s *state) look(text []byte) bool {
	findings, complete := s.scanner.Scan(text)
	for i := range findings {
		f := &findings[i]
		s.spans = append(s.spans, span{f.Start, f.End, f.Category, f.Confidence, true, f.Value, nil})
	}
	if s.cleaner != nil {
		s.writtenBefore(text)
	}
	return complete
}

// refuse lists the findings of a value that is dropped because it could not be
// decoded or was not wholly seen; without any it lists the place alone.
func (s *state) refuse(p *raw.Place, text []byte) {
	for i := range s.spans {
		s.list(p, s.spans[i].category, transform.Drop(), "")
	}
	if len(s.spans) == 0 {
		s.list(p, "", transform.Drop(), "")
	}
	s.withhold(text)
}

// withhold remembers a value of which nothing is written, and what was found in it.
func (s *state) withhold(text []byte) {
	s.withheld.add(text)
	for i := range s.spans {
		s.withholdSpan(&s.spans[i], text)
	}
}

func (s *state) withholdSpan(sp *span, text []byte) {
	s.untraced(text[min(sp.start, len(text)):min(sp.end, len(text))]) // that of another reading may be longer
	if len(sp.value) >= leastGuarded {
		s.untraced(sp.value)
		s.withheld.add(s.copied(sp.value))
	}
}

// note lists the findings of a value of which nothing is written.
func (s *state) note(p *raw.Place, text []byte) {
	s.noteAs(p, p.Category, p.Confidence, text)
}

// ask puts a question to the policy, if it has not always the same answer. What
// it returns must not be changed.
func (s *state) ask(f *raw.Field, p *raw.Place, key category.Key, confidence uint8) *transform.Decision {
	h := s.memo.habit(p)
	switch {
	case key == "" && h.rest != nil:
		return h.rest
	case key == p.Category && confidence == p.Confidence && h.named != nil:
		return h.named
	}
	if s.recording.on && !s.recording.unfit {
		_, always := s.decider.Settled(p, key, confidence)
		s.recording.unfit = !always
	}
	if s.cleaner != nil {
		s.answers = append(s.answers, s.cleaner.ask(f, p, key, confidence))
		return &s.answers[len(s.answers)-1]
	}
	q := &s.question
	q.Exchange, q.Field, q.Place, q.Category, q.Confidence = s.exchange, f, p, key, confidence
	s.answers = append(s.answers, s.decider.Decide(q))
	return &s.answers[len(s.answers)-1]
}

// decide asks for each finding and for the remainder, and writes what is left
// in the order of the text. Findings that overlap are one, under the strictest
// of their transforms.
func (s *state) decide(f *raw.Field, p *raw.Place, text []byte) {
	s.current, s.checked = text, false
	if len(s.spans) == 0 {
		s.plain(f, p, text)
		return
	}
	rest := remainder{state: s, field: f, place: p}
	s.unique()
	for i := range s.spans {
		sp := &s.spans[i]
		sp.decision = s.ask(f, p, sp.category, sp.confidence)
	}
	if s.cutFirst(&rest, text) {
		return
	}
	at := 0
	for i := 0; i < len(s.spans); {
		start, end, j := s.spans[i].start, s.spans[i].end, i+1
		for ; j < len(s.spans) && s.spans[j].start < end; j++ {
			end = max(end, s.spans[j].end)
		}
		rest.write(text[at:start])
		s.group(p, s.spans[i:j], text[start:end])
		at, i = end, j
	}
	rest.write(text[at:])
}

// plain decides on a value in which nothing was found. Most are dropped, and
// need no more than to be withheld.
func (s *state) plain(f *raw.Field, p *raw.Place, text []byte) {
	d := s.ask(f, p, "", 0)
	if d.Transform.Kind() != transform.KindDrop {
		rest := remainder{state: s, field: f, place: p, decision: d}
		rest.write(text)
		return
	}
	s.maker.Skip()
	if !p.Harmless {
		s.withheld.add(text)
	}
}

// unique puts the findings in order and takes out those that another by the
// same category covers exactly.
func (s *state) unique() {
	if len(s.spans) == 1 {
		return
	}
	for i := 1; i < len(s.spans); i++ {
		for j := i; j > 0 && s.spans[j].start < s.spans[j-1].start; j-- {
			s.spans[j], s.spans[j-1] = s.spans[j-1], s.spans[j]
		}
	}
	kept := s.spans[:0]
next:
	for _, sp := range s.spans {
		for i := len(kept) - 1; i >= 0 && kept[i].start == sp.start; i-- {
			k := &kept[i]
			if k.end == sp.end && k.category == sp.category && (k.value == nil || bytes.Equal(k.value, sp.value)) {
				k.confidence = max(k.confidence, sp.confidence)
				k.value, k.scanned = sp.value, k.scanned || sp.scanned
				continue next
			}
		}
		kept = append(kept, sp)
	}
	s.spans = kept
}

// group writes what is left of findings that overlap, whose union is text.
func (s *state) group(p *raw.Place, spans []span, text []byte) {
	best, t := &spans[0], spans[0].decision.Transform
	for i := 1; i < len(spans); i++ {
		t = transform.Stricter(t, spans[i].decision.Transform)
		if spans[i].decision.Transform.Kind() == t.Kind() && best.decision.Transform.Kind() != t.Kind() {
			best = &spans[i]
		}
	}
	for i := range spans {
		t = t.Hiding(text, s.current[spans[i].start:min(spans[i].end, len(s.current))])
	}
	key, value := best.category, identifier(spans, best.category, text)
	done := s.apply(t, key, text, value)
	shown := spans[0].start + len(done.Shown(text))
	if shown < spans[0].start+len(text) {
		s.untraced(text)
	}
	for i := range spans {
		sp := &spans[i]
		rule := best.decision.Rule
		if sp.decision.Transform.Kind() == t.Kind() {
			rule = sp.decision.Rule
		}
		if done != t || best.decision.Transform.Kind() != t.Kind() { // it could not be done, or no rule says it
			rule = ""
		}
		s.list(p, sp.category, done, rule)
		if sp.end > shown && len(sp.value) >= leastGuarded {
			s.untraced(sp.value)
			s.withheld.add(s.copied(sp.value))
		}
	}
}

// identifier is what a pseudonym of the group is made of: the identifier itself
// where exactly one was recognised by its form, else the whole text.
func identifier(spans []span, key category.Key, text []byte) []byte {
	var only []byte
	for i := range spans {
		if sp := &spans[i]; sp.scanned && sp.category == key {
			if only != nil {
				return text
			}
			only = sp.value
		}
	}
	if len(only) == 0 {
		return text
	}
	return only
}

// apply writes what t leaves of text, whose identifier is value, and remembers
// what is held back.
func (s *state) apply(t transform.Transform, key category.Key, text, value []byte) transform.Transform {
	s.value.Category, s.value.Text = key, text
	t = s.again(t, text)
	switch t.Kind() {
	case transform.KindDrop:
		s.withheld.add(text)
		return s.maker.Apply(t, &s.value)
	case transform.KindHash, transform.KindDomain, transform.KindPhoneCountry, transform.KindBucket, transform.KindCoordinates:
		start := len(s.text)
		s.text = s.scanner.Canonical(s.text, key, value)
		s.value.Canonical = s.text[start:]
	case transform.KindTruncate, transform.KindEncrypt, transform.KindEncryptPrefix:
		s.value.Address = netip.Addr{} // what was there is another value's
		if a, ok := detect.Address(value); ok {
			s.value.Address = a.Addr()
		}
	case transform.KindYear, transform.KindMonth:
		start := len(s.text)
		s.text = detect.Canonical(s.text, category.Remainder, value)
		d, _ := detect.DateOf(key, s.text[start:])
		s.value.Year, s.value.Month = d.Year, d.Month
	case transform.KindTemplate:
		s.value.Path = s.templateOf(s.value.Path[:0], text)
	}
	if t.Kind() >= transform.KindMask && !s.readable() {
		t = transform.Drop()
	}
	done := s.maker.Apply(t, &s.value)
	if len(done.Shown(text)) < len(text) {
		s.withheld.add(text)
	}
	return done
}

// readable reports whether the whole of the value at hand is UTF-8. Of one that
// is not, no part is written: nobody could say what it is.
func (s *state) readable() bool {
	if !s.checked {
		s.valid, s.checked = utf8.Valid(s.current), true
	}
	return s.valid
}

// remainder writes what is left beside the findings of a value. The policy is
// asked once, and only if there is any.
type remainder struct {
	state    *state
	field    *raw.Field
	place    *raw.Place
	listed   bool
	shown    bool                // something of it is written
	decision *transform.Decision // nil: not asked yet
}

func (r *remainder) write(text []byte) {
	if len(text) == 0 {
		return
	}
	s := r.state
	if r.decision == nil {
		r.decision = s.ask(r.field, r.place, "", 0)
	}
	// What is harmless by its name, and in which nothing was found, is no
	// secret that the guard should look for elsewhere.
	secret := !r.place.Harmless || len(s.spans) > 0
	mark := s.withheld.len()
	t := r.decision.Transform
	if r.shown && t.Kind().Once() {
		t = transform.Drop() // what it shows of a value it shows once, however many pieces that is in
	}
	done := s.apply(t, "", text, text)
	r.shown = r.shown || done.Kind() != transform.KindDrop
	if !secret {
		s.withheld.cutTo(mark)
	}
	if r.listed || done == r.decision.Transform && (done.Kind() == transform.KindDrop || done.Kind() == transform.KindKeep) {
		return
	}
	r.listed = true
	rule := r.decision.Rule
	if done != r.decision.Transform {
		rule = ""
	}
	s.list(r.place, "", done, rule)
}
