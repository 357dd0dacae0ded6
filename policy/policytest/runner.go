package policytest

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"weir/policy"
	"weir/redact"
	"weir/redact/category"
	"weir/redact/keys"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
)

// Config is what a Runner needs.
type Config struct {
	Policy *policy.Policy
	// Service is the name of the service that the exchanges are of.
	Service string
	// Hosts are those that may be written whole.
	Hosts []string
}

// Runner runs samples through a policy. It keeps the compiled policy and the
// engine, and is for one goroutine.
type Runner struct {
	policy *policy.Policy
	engine *redact.Engine
	lines  [record.FormatCount]*lineSink
	asked  *asked
	// decider is asked but for what an entry holds that its retention does not limit;
	// limits says that some of them do.
	decider redact.Decider
	limits  bool
	bodies  bodyScan
}

// unlimited is a policy whose entries hold all that was found, whatever their retention.
type unlimited struct{ *policy.Policy }

// Retentions is of redact.Decider.
func (u unlimited) Retentions() []raw.Retention {
	all := u.Policy.Retentions()
	for i := range all {
		all[i].Only = nil
	}
	return all
}

// New makes a Runner. Its pseudonyms are those of no other.
func New(cfg Config) (*Runner, error) {
	if cfg.Policy == nil || cfg.Service == "" {
		return nil, errors.New("policytest: a policy and the name of a service are needed")
	}
	r := &Runner{policy: cfg.Policy.For(cfg.Service)}
	r.asked = &asked{Policy: r.policy, seed: maphash.MakeSeed()}
	r.decider = r.asked
	r.limits = slices.ContainsFunc(r.policy.Retentions(), func(k raw.Retention) bool { return k.Only != nil })
	engine := redact.Config{Decider: func() redact.Decider { return r.decider }, Service: cfg.Service, Hosts: cfg.Hosts, Keys: keys.NewFleeting()}
	for f := range r.lines {
		r.lines[f] = &lineSink{format: record.Format(f)}
		engine.Sinks = append(engine.Sinks, r.lines[f])
	}
	var err error
	r.engine, err = redact.New(engine)
	return r, err
}

// asked is a policy that notes what the engine asks it. It says of nothing that
// it is settled, so that the engine asks each time.
type asked struct {
	*policy.Policy
	seed    maphash.Seed
	answers []Answer
	covered *Coverage // nil where nothing is counted
}

// Answer is one question of the engine's, and what decided it.
type Answer struct {
	Place *raw.Place
	Index int // of a path segment, or of what stands there several times
	// Category is "" where the question was about what is left beside findings.
	Category   category.Key
	Confidence uint8 // in hundredths
	Decision   transform.Decision
	// Name is the name as it was sent where the policy does not know it, and it may be
	// told; else "".
	Name string

	field uint64 // equal for one field of one exchange, whatever the policy knows of it
}

// Decide is of redact.Decider.
func (a *asked) Decide(q *raw.Question) transform.Decision {
	d := a.Policy.Decide(q)
	answer := Answer{Place: q.Place, Category: q.Category, Confidence: q.Confidence, Decision: d}
	if q.Field != nil {
		answer.Index = q.Field.Index
		answer.field = a.fieldOf(q.Field)
		if q.Place != nil && q.Place.Name == "*" {
			answer.Name = PlainName(q.Field.Name.Peek())
		}
	}
	a.answers = append(a.answers, answer)
	if a.covered != nil {
		a.covered.question(a.Policy, q)
	}
	return d
}

// fieldOf is a hash of where a field stands, so that the name itself is kept nowhere.
func (a *asked) fieldOf(f *raw.Field) uint64 {
	var h maphash.Hash
	h.SetSeed(a.seed)
	_, _ = h.Write([]byte{byte(f.Kind), byte(f.Index), byte(f.Index >> 8), byte(f.Index >> 16)})
	if f.Within != nil {
		_, _ = h.WriteString(f.Within.Text)
	}
	_ = h.WriteByte(0)
	_, _ = h.Write(f.Name.Peek())
	return h.Sum64()
}

// Settled is of redact.Decider.
func (a *asked) Settled(*raw.Place, category.Key, uint8) (d transform.Decision, ok bool) {
	return d, false
}

// lineSink keeps the last line.
type lineSink struct {
	format record.Format
	line   string
	class  string
	keep   time.Duration
}

func (l *lineSink) Format() record.Format { return l.format }
func (l *lineSink) Append(s record.Sealed) {
	l.line, l.class, l.keep = string(s.Line), s.Class, s.Keep
}

// Outcome is what became of a sample. It holds nothing that was not transformed.
type Outcome struct {
	// Lines are the entry in each format, with their line feeds.
	Lines [record.FormatCount]string
	// Entry is the JSON line.
	Entry map[string]any
	Class string
	Keep  time.Duration
	// Answers are what the engine asked, in its order.
	Answers []Answer
	// Found is what was found in the exchange, by place and category, bodies
	// included, in order.
	Found []Found
	// Scanned is set where all that goes to the recipient was looked at: of a request
	// with a body the body too.
	Scanned bool
	// Unlisted is set where more was found in the heads than the entry tells of.
	Unlisted bool
}

// Found is a category that was found at a place.
type Found struct {
	Place      string
	Category   category.Key
	Confidence uint8 // in hundredths
	Rule       string
	Transform  string // "" of a body: nothing of it is written
	Kind       raw.Kind
	// Left says that the entry's retention leaves out the field in which it would stand.
	Left bool
	// Named says that where it stands tells the category, Scanned that its form does.
	// Of heads Answers say so.
	Named, Scanned bool
	// Name is as in Answer, of a body.
	Name string
}

// errNoEntry is a defect: the engine makes an entry of everything.
var errNoEntry = errors.New("the engine made no entry")

// Run redacts a sample.
func (r *Runner) Run(s *Sample) (*Outcome, error) {
	r.asked.answers = nil
	r.write(s)
	o := &Outcome{Answers: r.asked.answers}
	for f, l := range r.lines {
		o.Lines[f] = l.line
	}
	o.Class, o.Keep = r.lines[record.JSON].class, r.lines[record.JSON].keep
	var err error
	if o.Entry, err = entryOf(o.Lines[record.JSON]); err != nil {
		return nil, err
	}
	whole := o.Entry
	if r.limits {
		r.decider = unlimited{r.policy}
		r.write(s)
		r.decider = r.asked
		if whole, err = entryOf(r.lines[record.JSON].line); err != nil {
			return nil, err
		}
	}
	r.gather(s, o, whole)
	return o, nil
}

// entryOf reads a line of JSON.
func entryOf(line string) (entry map[string]any, err error) {
	if err := json.Unmarshal([]byte(line), &entry); err != nil {
		return nil, errNoEntry
	}
	if fault, ok := entry["weir.fault"]; ok && fault != "cut" {
		return nil, fmt.Errorf("%w with details: %v", errNoEntry, fault)
	}
	return entry, nil
}

// write has the engine write the entry of a sample, in each format.
func (r *Runner) write(s *Sample) {
	for _, l := range r.lines {
		l.line = ""
	}
	x := &s.exchange
	verdict, observer := r.engine.Begin(x)
	if taps, ok := observer.(raw.Taps); ok && x.Visibility != raw.SeenTunnel {
		if verdict.Request == raw.Tapped && len(s.request) > 0 {
			taps.RequestBody(s.request)
		}
		if verdict.Response == raw.Tapped && len(s.response) > 0 {
			taps.ResponseBody(s.response)
		}
	}
	observer.Observe(x)
}

// gather notes what was found, in the heads by what whole tells of them: the entry before
// its retention leaves out what it may not hold.
func (r *Runner) gather(s *Sample, o *Outcome, whole map[string]any) {
	list, _ := whole["redacted"].([]any)
	for _, e := range list {
		m, _ := e.(map[string]any)
		text := func(key string) string { t, _ := m[key].(string); return t }
		f := Found{Place: text("field"), Category: category.Key(text("category")), Rule: text("rule"), Transform: text("transform"), Confidence: 100}
		if f.Category == "" {
			continue
		}
		for i := range o.Answers {
			if a := &o.Answers[i]; a.Place != nil && a.Place.Text == f.Place && a.Category == f.Category {
				f.Confidence = a.Confidence
				break
			}
		}
		f.Kind = kindAt(f.Place)
		for key := range whole {
			f.Left = f.Left || o.Entry[key] == nil && madeOf(key).has(f.Kind, f.Place)
		}
		o.Found = append(o.Found, f)
	}
	x := &s.exchange
	o.Unlisted = whole["weir.fault"] != nil || whole["redacted_more"] != nil
	o.Scanned = !s.partly && !o.Unlisted && x.Visibility != raw.SeenTunnel
	for _, b := range []struct {
		kind raw.Kind
		body []byte
		m    *raw.Message
	}{{raw.RequestBody, s.request, &x.Request}, {raw.ResponseBody, s.response, &x.Response}} {
		if b.m.BodyBytes == 0 {
			continue
		}
		found, all := r.bodies.scan(r.policy, x, b.kind, b.body)
		o.Found = append(o.Found, found...)
		if b.kind == raw.RequestBody {
			o.Scanned = o.Scanned && all
		}
	}
}

// kindAt is the kind of field that has a place.
func kindAt(place string) raw.Kind {
	best, length := raw.LogField, -1
	for k := range raw.Kind(raw.KindCount) {
		if p := k.Place(); len(p) > length && (place == p || strings.HasPrefix(place, p+".")) {
			best, length = k, len(p)
		}
	}
	return best
}
