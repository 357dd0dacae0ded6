package redact

import (
	"bytes"
	"cmp"

	"weir/redact/detect"
	"weir/redact/raw"
	"weir/redact/transform"
	"weir/redact/walk"
)

// faulty is why a body was not wholly walked where that is a defect of ours.
const faulty walk.Reason = "fault"

// maxName bounds the bytes of a name in which words are looked for, its last ones.
const maxName = 512

// bodies are the two of an exchange, as they are walked while they pass. A state has
// them where its policy can use what is in bodies.
type bodies struct {
	path              []byte // of the request
	request, response tap
}

// tap walks one body. It has memory of its own: the other body may be walked at the
// same time.
type tap struct {
	state    *state
	walked   walked // nil: nothing is
	body     walk.Body
	frames   walk.Frames
	told     walk.Reason // of the walk that has ended
	before   walk.Reason // of the body before the protocol changed
	scanner  detect.Scanner
	subjects subjects
	spans    []span
	seen     int64 // bytes of the body
	length   int64 // that it will have, -1 where that is not known
	begun    bool
	failed   bool // by a defect of ours
	cut      bool // a value was not wholly scanned
	codings  []byte
	held     int64 // of the engine's room
	crowded  bool  // there was none left
	// What was found last of a place, for the next value of the same name.
	name  []byte
	place *raw.Place
}

// walked is a body, or the messages of one direction of an upgraded connection.
type walked interface {
	Write(p []byte) (int, error)
	// Over reports whether Write takes nothing more.
	Over() bool
	Close() walk.Reason
}

// tapping gives s what the policy asks of bodies, and says so to the relay.
func (s *state) tapping(x *raw.Exchange, v *raw.Verdict) {
	s.subjects.begin(s.decider.Subjects(), &s.scanner)
	if s.tapped = len(s.subjects.asked) > 0; !s.tapped {
		return
	}
	if s.bodies == nil {
		s.bodies = &bodies{}
	}
	for _, t := range []*tap{&s.bodies.request, &s.bodies.response} {
		t.state = s
		t.subjects.begin(s.subjects.asked, &t.scanner)
		t.scanner.Use(s.decider.DetectInBodies())
	}
	s.exchange, s.bodies.path = x, x.Request.Peek(x.Request.Path)
	s.bodies.request.open(raw.RequestBody, x)
	v.Request, v.Response = raw.Tapped, raw.Tapped
}

// open starts the walk of a body of x. What panics is our fault: the body is given up.
func (t *tap) open(kind raw.Kind, x *raw.Exchange) {
	defer func() {
		if recover() != nil {
			t.fail()
		}
	}()
	t.begun = true
	m := &x.Request
	if kind == raw.ResponseBody {
		m = &x.Response
	}
	if t.length = -1; m.Framing == raw.Length {
		t.length = m.ContentLength
	}
	t.codings = joined(m, "content-encoding")
	t.body.Begin(&walk.BodyConfig{Kind: kind, ContentType: joined(m, "content-type"), ContentEncoding: t.codings,
		Path: t.state.bodies.path, MessageEncoding: joined(m, "grpc-encoding"), Descriptors: t.state.engine.named(), Values: t, Room: t})
	t.walked = &t.body
}

// joined is the value of all field lines of a name, divided by commas.
func joined(m *raw.Message, name string) []byte {
	var all []byte
	lines := 0
	for _, p := range m.Header {
		if !m.Is(p, name) {
			continue
		}
		if lines++; lines == 1 {
			all = m.Peek(p.Value)
			continue
		}
		all = append(append(bytes.Clone(all), ", "...), m.Peek(p.Value)...)
	}
	return all
}

// Upgraded is raw.Taps'. Of what passes after a change of the protocol, the frames of
// WebSockets are known.
func (s *state) Upgraded() bool {
	m := &s.exchange.Response
	to, _ := m.Lookup("upgrade")
	if !raw.EqualFold(m.Peek(to), "websocket") {
		return false
	}
	for kind, t := range map[raw.Kind]*tap{raw.RequestBody: &s.bodies.request, raw.ResponseBody: &s.bodies.response} {
		t.before, t.begun = t.close(true), true
		t.told, t.length = walk.Scanned, -1
		t.frames.Begin(&walk.FramesConfig{Kind: kind, Values: t, Room: t})
		t.walked = &t.frames
	}
	s.framed = true // of what did not begin nothing is claimed
	return true
}

// RequestBody is raw.Taps'.
func (s *state) RequestBody(p []byte) bool { return s.bodies.request.write(p) }

// ResponseBody is raw.Taps'.
func (s *state) ResponseBody(p []byte) bool {
	t := &s.bodies.response
	if !t.begun {
		t.open(raw.ResponseBody, s.exchange)
	}
	return t.write(p)
}

// write walks on. What panics is our fault, and nobody else's: the body is given up.
func (t *tap) write(p []byte) (more bool) {
	defer func() {
		if recover() != nil {
			t.fail()
			more = false
		}
	}()
	if t.seen == 0 && !t.failed {
		t.makeRoom(p)
	}
	if t.seen += int64(len(p)); t.failed || t.crowded || t.walked == nil {
		return false
	}
	_, _ = t.walked.Write(p)
	if t.walked.Over() || t.seen == t.length {
		t.settle() // the exchange may go on for long
		return false
	}
	return true
}

// settle ends the walk, once, and gives back the room that it had.
func (t *tap) settle() {
	defer t.give()
	if t.walked != nil {
		t.told = t.walked.Close()
		t.walked = nil
	}
}

// Take is walk.Room's: what a walk takes it has until it is over.
func (t *tap) Take(n int64) bool {
	if !t.state.engine.room.take(n) {
		return false
	}
	t.held += n
	return true
}

// Give is walk.Room's.
func (t *tap) Give(n int64) {
	t.state.engine.room.give(n)
	t.held -= n
}

func (t *tap) give() {
	t.state.engine.room.give(t.held)
	t.held = 0
}

// makeRoom takes room for what a body that begins so may ask for. More than that it does
// not get.
func (t *tap) makeRoom(first []byte) {
	n, outermost := decoding(t.codings, first)
	if n == 0 {
		return
	}
	if t.crowded = !t.state.engine.room.take(n); t.crowded {
		return
	}
	if t.held += n; outermost > 0 {
		t.body.Window(outermost)
	}
}

// fail gives the body up after a panic.
func (t *tap) fail() {
	t.state.engine.metrics.Fault(Walking)
	failed := t.walked
	t.failed, t.walked = true, nil
	defer t.give()
	if failed != nil {
		defer func() { _ = recover() }() // as before: it is one fault
		failed.Close()                   // a decoder may be waiting for more
	}
}

// Value is walk.Values': it takes whose pseudonyms are asked for.
func (t *tap) Value(v *walk.Value) (put []byte, change bool) {
	if t.place == nil || !bytes.Equal(t.name, v.Name) {
		t.name = append(t.name[:0], v.Name...)
		t.place = t.state.decider.Place(v.Kind, v.Name)
	}
	if v.Redact && t.place.Category == "" {
		return nil, false // of what its own file hides, nothing is made by its looks
	}
	t.spans = t.spans[:0]
	if p := t.place; p.Category != "" && !t.state.set.Allows(p.Category, v.Text) {
		t.spans = append(t.spans, span{end: len(v.Text), category: p.Category, confidence: p.Confidence})
	}
	t.scanner.In(v.Name[max(0, len(v.Name)-maxName):])
	findings, complete := t.scanner.Scan(v.Text)
	for i := range findings {
		f := &findings[i]
		t.spans = append(t.spans, span{f.Start, f.End, f.Category, f.Confidence, true, f.Value, nil})
	}
	t.cut = t.cut || !complete
	t.subjects.take(t.spans, v.Text)
	return nil, false
}

// close ends the walk and says why it was not of the whole body, which has been
// seen to its end where whole is set.
func (t *tap) close(whole bool) (why walk.Reason) {
	defer func() {
		if recover() != nil {
			t.fail()
			why = faulty
		}
	}()
	t.codings = nil
	t.settle()
	switch why = cmp.Or(t.before, t.told); {
	case t.failed:
		return faulty
	case t.crowded:
		return walk.Busy
	case why != walk.Scanned:
		return why
	case !whole:
		return walk.Broken
	case t.cut:
		return walk.TooMany
	}
	return walk.Scanned
}

// reset lets go of all that is an exchange's.
func (t *tap) reset() {
	t.subjects.reset()
	t.scanner.Forget()
	clear(t.spans[:cap(t.spans)])
	clear(t.name[:cap(t.name)])
	t.walked, t.place, t.seen, t.before, t.told = nil, nil, 0, walk.Scanned, walk.Scanned
	t.begun, t.failed, t.cut, t.crowded = false, false, false, false
	t.spans, t.name = t.spans[:0], t.name[:0]
	if cap(t.spans) > keepItems {
		t.spans = nil
	}
}

// bodiesEnded writes of the two bodies what is to be written: whose pseudonyms are
// asked for, and how much of them was seen.
func (s *state) bodiesEnded(x *raw.Exchange) {
	if !s.tapped {
		return
	}
	q, p := &s.bodies.request, &s.bodies.response
	// What passed of frames was seen wherever it ended.
	request := q.close(s.framed || x.Request.Framing == raw.NoBody || x.Request.Whole && q.seen == x.Request.BodyBytes)
	response := p.close(s.framed || x.Response.Status == 0 || x.Response.Whole && p.seen == x.Response.BodyBytes)
	if x.Upgraded && !s.framed {
		request, response = walk.UnknownType, walk.UnknownType
	}
	if x.Visibility == raw.SeenTunnel {
		return
	}
	s.entry.RequestUnscanned = transform.Literal(string(request))
	s.entry.ResponseUnscanned = transform.Literal(string(response))
	if request == walk.Scanned && response == walk.Scanned && x.Outcome == raw.Complete {
		s.entry.Visibility = transform.Literal(raw.SeenFull.String())
	}
	s.subjects.join(&s.bodies.request.subjects)
	s.subjects.join(&s.bodies.response.subjects)
}

// abandon ends walks that were not closed: of an exchange that failed.
func (s *state) abandon() {
	if s.tapped {
		s.bodies.request.close(false)
		s.bodies.response.close(false)
	}
}
