package rewrite

import (
	"bytes"
	"time"

	"weir/redact"
	"weir/redact/capture"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/walk"
)

// MaxLine is the most bytes of a line that is read, without its line feed.
const MaxLine = 1 << 20

// lines writes lines anew, one after the other. It belongs to one goroutine.
type lines struct {
	format  *Format
	cleaner *redact.Cleaner
	counts  Counts
	now     time.Time // of lines that name no time

	line    []byte // at hand
	parsed  capture.Line
	memory  *memory
	epoch   string
	salt    uint64 // of the epoch, in what fields are remembered by
	done    []tally
	plain   []byte // the field at hand without its escapes
	query   []byte // the field at hand behind a question mark, or without what divides its digits
	told    []byte // another field of the line without its escapes
	spare   capture.Line
	asked   capture.Line // a request line of which the rules are told
	nothing string       // what stands where nothing is left of a field
	style   record.Style // of fields without quotes
	members map[string]*capture.Field
	body    walk.Body
	unknown bool // the value that is visited next is a name that nobody knows
	put     []byte
	clean   bytes.Buffer
	clock   [26]byte
	started time.Time // what clock says
	began   time.Time // the line at hand
	probe   raw.Exchange
}

func newLines(e *redact.Engine, f *Format, now time.Time) *lines {
	w := &lines{format: f, now: now, memory: newMemory(), nothing: "-", members: make(map[string]*capture.Field)}
	w.cleaner = e.NewCleaner(func(x *raw.Exchange) { w.exchange(x) })
	return w
}

// rewrite appends what is left of whole lines. The last one may lack its line feed.
func (w *lines) rewrite(dst, src []byte) []byte {
	for len(src) > 0 {
		end := bytes.IndexByte(src, '\n')
		line, ending := src, src[len(src):]
		if end >= 0 {
			line, ending = src[:end], src[end:end+1]
			src = src[end+1:]
		} else {
			src = nil
		}
		if n := len(line); n > 0 && line[n-1] == '\r' && end >= 0 {
			line, ending = line[:n-1], line[n-1:n+1:n+1]
		}
		w.counts.Lines++
		if len(line) > 0 {
			dst = w.one(dst, line)
		}
		dst = append(dst, ending...)
	}
	clear(w.members) // names in an object may be of the one that it is about
	return dst
}

// forget lets go of all that was read.
func (w *lines) forget() {
	w.memory.forget(&w.counts)
	w.cleaner.Forget()
	w.line = nil
	w.clean.Reset()
	for _, b := range [...][]byte{w.put, w.plain, w.query, w.told} {
		clear(b[:cap(b)])
	}
	clear(w.parsed.Spans[:cap(w.parsed.Spans)])
}

// one writes a line, which is not empty.
func (w *lines) one(dst, line []byte) []byte {
	if bytes.Equal(line, w.format.unreadable) {
		return append(dst, line...) // weir's own, of a log that it wrote before
	}
	if len(line) <= MaxLine {
		if out, ok := w.format.write(w, dst, line); ok {
			return out
		}
	}
	w.counts.Broken++
	return append(dst, w.format.unreadable...)
}

// templated writes a line that is of one of the format's templates.
func (w *lines) templated(dst, line []byte) ([]byte, bool) {
	if !w.parse(line) {
		return dst, false
	}
	return w.spans(dst, line), true
}

// parse takes a line apart by the first of the format's templates that it is of.
func (w *lines) parse(line []byte) bool {
	for _, t := range w.format.templates {
		if t.Parse(line, &w.parsed) {
			return true
		}
	}
	return false
}

// spans writes a line that was taken apart: what stands between the fields is the
// format's.
func (w *lines) spans(dst, line []byte) []byte {
	w.line = line
	w.begin(w.time())
	at := 0
	for i := range w.parsed.Spans {
		sp := &w.parsed.Spans[i]
		dst = append(dst, line[at:sp.Start]...)
		dst = w.field(dst, line[sp.Start:sp.End], sp)
		at = sp.End
	}
	return append(dst, line[at:]...)
}

// keyOf tells fields apart that are not written alike: of other lines too, as those
// within an object, and of other epochs.
func (w *lines) keyOf(sp *capture.Span) uint64 {
	h := uint64(w.style) << 2
	if sp.Quoted {
		h |= 1
	}
	if w.nothing != "" {
		h |= 2
	}
	const prime = 0x100000001b3 // FNV's
	return (sp.Key ^ w.salt ^ h*0x9e3779b97f4a7c15) * prime
}

// time is the one that the line at hand names, else now.
func (w *lines) time() time.Time {
	for i := range w.parsed.Spans {
		sp := &w.parsed.Spans[i]
		if sp.Role != capture.Time {
			continue
		}
		b := w.line[sp.Start:sp.End]
		if string(b) == string(w.clock[:]) {
			return w.started
		}
		if t, ok := readTime(b); ok {
			t = w.dated(t, b)
			if len(b) == len(w.clock) {
				copy(w.clock[:], b)
				w.started = t
			}
			return t
		}
	}
	return w.now
}

// dated gives a time that was written without a year the latest one in which it is
// not ahead, and one without a date today's.
func (w *lines) dated(t time.Time, written []byte) time.Time {
	if t.Year() != 0 {
		return t
	}
	now := w.now.UTC()
	if '0' <= written[0] && written[0] <= '9' { // no month
		return time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	}
	latest := now.Add(24 * time.Hour)
	for year := latest.Year(); ; year-- { // not each has a 29th of February
		in := time.Date(year, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
		if !in.After(latest) && in.Day() == t.Day() {
			return in
		}
	}
}

// begin begins a line. A time that can not be is not asked the keys for: those of
// each day follow from the day's before.
func (w *lines) begin(started time.Time) {
	if started.After(w.now) {
		if latest := w.latest(); started.After(latest) {
			started = latest
		}
	}
	w.cleaner.Begin(started)
	w.memory.tend(&w.counts)
	if started.Equal(w.began) {
		return // and so of the same epoch
	}
	w.began = started
	if epoch := w.cleaner.Epoch(); epoch != w.epoch {
		w.epoch, w.salt = epoch, w.memory.salt(epoch)
	}
}

// field writes one field; a dash where nothing is left of it.
func (w *lines) field(dst, text []byte, sp *capture.Span) []byte {
	if len(text) == 0 || len(text) == 1 && text[0] == '-' {
		return append(dst, text...)
	}
	fact := false
	switch sp.Role {
	case capture.Time:
		fact = string(text) == string(w.clock[:])
		if !fact {
			var t time.Time
			t, fact = readTime(text)
			if _, ok := unixTime(text); ok && (t.After(w.latest()) || w.isPersons(text, t, sp.Day)) {
				fact = false // a number of another kind
			}
		}
	case capture.Status:
		fact = isStatus(text)
	case capture.Number:
		fact = w.isNumber(text) && (sp.Digits == 0 || countDigits(text) <= sp.Digits)
	case capture.Method:
		fact = isMethod(text)
		if !fact {
			return append(dst, "_OTHER"...)
		}
	case capture.Protocol:
		fact = isProtocol(text)
	case capture.Question:
		fact = string(text) == "?"
	case capture.Word:
		for _, word := range sp.Words {
			fact = fact || word == string(text)
		}
	case capture.Element:
		fact = isElement(text) && !w.cleaner.Finds(text)
	case capture.Name:
		w.put = w.cleaner.Name(w.put[:0], sp.Kind, text)
		fact = string(w.put) != "*"
	case capture.Ignored:
	case capture.Text:
		return w.said(dst, text, sp)
	default:
		return w.remembered(dst, text, sp)
	}
	if fact {
		return append(dst, text...)
	}
	return append(dst, w.nothing...)
}

// isPersons reports whether seconds are rather the number of a person, as those of the
// north begin with a day and a month. Whole seconds do so for twenty weeks in three years
// (in 2017, 2020, 2023 and 2027). Where a time is expected they are one all the same
// if they are of a log of this year, or no check digit holds.
func (w *lines) isPersons(text []byte, t time.Time, day bool) bool {
	if !looksDated(text) {
		return false
	}
	return day || t.Before(w.latest().AddDate(-1, 0, 0)) && holdsCPR(text)
}

// isNumber reports whether text is a number that tells of nobody.
func (w *lines) isNumber(text []byte) bool {
	ok, many := isNumber(text)
	if !ok || !many {
		return ok
	}
	if looksDated(text) || text[0] == '+' || text[0] == '0' && len(text) > 1 && text[1] != '.' {
		return false
	}
	if w.cleaner.Finds(text) {
		return false
	}
	if bytes.IndexByte(text, '.') >= 0 || !bytes.ContainsAny(text, ",:") {
		return true
	}
	w.query = w.query[:0] // groups of one number may look like several
	for _, c := range text {
		if '0' <= c && c <= '9' {
			w.query = append(w.query, c)
		}
	}
	return !looksDated(w.query) && !w.cleaner.Finds(w.query)
}

// latest is after any time that a line can have: logs are not written ahead, but
// by clocks that are.
func (w *lines) latest() time.Time {
	at := w.now
	if now := time.Now(); now.After(at) {
		at = now // a log may be followed for days
	}
	return at.Add(24 * time.Hour)
}

// remembered writes a field that the policy decides on, from memory where it was
// written lately.
func (w *lines) remembered(dst, text []byte, sp *capture.Span) []byte {
	hash := w.memory.hash(w.keyOf(sp), text)
	if slot := w.memory.find(hash); slot != nil {
		return w.memory.append(dst, slot)
	}
	start := len(dst)
	dst = w.decide(dst, text, sp)
	w.done = w.done[:0]
	w.cleaner.Done(w.note)
	if len(dst) == start || w.nothing == "" && len(dst) == start+1 && dst[start] == '-' {
		dst = append(dst[:start], w.nothing...)
	}
	if set := w.memory.found(w.done, &w.counts); !w.cleaner.Varied() {
		w.memory.keep(hash, dst[start:], set)
	}
	return dst
}

func (w *lines) note(r *record.Redaction, count int) {
	w.done = append(w.done, tally{r, count})
}

// decide has a field written by the policy.
func (w *lines) decide(dst, text []byte, sp *capture.Span) []byte {
	style := w.style
	if sp.Quoted {
		style = record.Quoted
		text = unescaped(&w.plain, text)
	}
	switch c := w.cleaner; sp.Role {
	case capture.Address:
		return c.Address(dst, sp.Kind, text, style)
	case capture.Host:
		return c.Host(dst, hostOf(text), style)
	case capture.Header:
		return c.Header(dst, sp.Kind, sp.Spelled(), text, style)
	case capture.Target:
		return c.Target(dst, text, w.style)
	case capture.Path:
		return c.Target(dst, text, style)
	case capture.Arguments:
		return w.arguments(dst, text, style)
	default:
		return c.Value(dst, sp.Kind, w.placed(sp.Field, text), text, style)
	}
}
