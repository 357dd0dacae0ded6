package policy

import (
	"bytes"
	"strings"
	"sync"
	"sync/atomic"

	"weir/redact/category"
	"weir/redact/detect"
	"weir/redact/raw"
)

// place is a raw.Place and what the policy remembers of it.
type place struct {
	raw.Place
	// open is set where the name is not known: field.name is then what was sent.
	open bool
	// lower is set for headers, whose names' case does not count.
	lower bool
	// category is Place.Category in places.categories.
	category int
	// decided is what was decided here. Places that no rule tells apart share one.
	decided *decisions
	// inside are the places of the parts of a header whose value is a URL.
	inside atomic.Pointer[inside]
}

// decisions holds plans by category and band, once something was decided.
type decisions struct {
	plans atomic.Pointer[[]atomic.Pointer[plan]]
}

// inside is where the parts of a URL stand that a header holds.
type inside struct {
	host, path, fragment, userinfo *place
	query                          *shelf
}

const (
	chunkSize = 128
	maxChunks = 512
)

// places are those of one policy. The names that the policy writes and those of
// the vocabulary bound them; they are made when they are first asked for.
type places struct {
	known      *knowledge
	categories map[category.Key]int
	alike      bool                  // rules tell places apart only by the names that they write
	plain      [raw.KindCount]*place // of kinds without names
	shelves    [raw.KindCount]*shelf // of kinds with names
	inPath     []*place              // of the placeholders of routes

	making sync.Mutex
	count  int
	chunks [maxChunks]atomic.Pointer[[chunkSize]place]
	beyond sync.Map // *raw.Place to *place: those that found no room in chunks
}

// shelf holds the places of one kind with names.
type shelf struct {
	kind       raw.Kind
	prefix     string // "url.query"
	lower      bool
	policy     *index // names that the policy writes
	named      []atomic.Pointer[place]
	vocabulary []atomic.Pointer[block] // of the vocabulary's names, by their numbers
	variants   []atomic.Pointer[place] // by category: the end of the name is known
	other      *place
	alike      *decisions // of the vocabulary's names, where rules do not tell them apart
	below      *shelf     // of a body: places of names behind others, by the last of them
	wild       []*wild
	// lately are places of names that came lately, by their hash: one look finds what
	// needs three, of a name that both policy and vocabulary may know.
	lately [latelySlots]atomic.Pointer[place]
}

const latelySlots = 128

// block holds the places of some names of the vocabulary: few of all that it knows
// are ever asked for.
type block [64]atomic.Pointer[place]

func newPlaces(k *knowledge, categories map[category.Key]int, alike bool) *places {
	ps := &places{known: k, categories: categories, alike: alike}
	for kind := range raw.Kind(raw.KindCount) {
		if kind.Named() {
			ps.shelves[kind] = ps.newShelf(kind, kind.Place())
			if kind.Body() {
				ps.deepen(ps.shelves[kind])
			}
		} else {
			ps.plain[kind] = ps.make(kind, kind.Place(), "", byKind(kind), false)
		}
	}
	return ps
}

// byKind is what the kind of a field alone says of its values.
func byKind(kind raw.Kind) detect.Match {
	switch kind {
	case raw.ClientAddress, raw.PeerAddress:
		return detect.Match{Category: category.IPAddress, Confidence: 100}
	case raw.Userinfo:
		return detect.Match{Category: category.Credentials, Confidence: 100}
	case raw.ClientCertificate:
		return detect.Match{Category: category.UniqueID, Confidence: 100}
	}
	return detect.Match{}
}

func lowerNames(kind raw.Kind) bool {
	switch kind {
	case raw.RequestHeader, raw.RequestTrailer, raw.ResponseHeader, raw.ResponseTrailer:
		return true
	}
	return false
}

func (ps *places) newShelf(kind raw.Kind, prefix string) *shelf {
	s := &shelf{kind: kind, prefix: prefix, lower: lowerNames(kind)}
	s.policy = newIndex(ps.known.namesOf(prefix, s.lower))
	s.named = make([]atomic.Pointer[place], len(s.policy.names))
	s.vocabulary = make([]atomic.Pointer[block], (ps.known.vocabulary.Len()+len(block{})-1)/len(block{}))
	s.variants = make([]atomic.Pointer[place], len(ps.categories))
	s.other = ps.make(kind, prefix, "*", detect.Match{}, true)
	if ps.alike {
		s.alike = &decisions{}
	}
	return s
}

// get returns the place of a name as it was sent.
func (ps *places) get(s *shelf, name []byte) *place {
	if s.below != nil && (len(name) > maxBodyName || bytes.IndexByte(name, '.') >= 0) {
		return ps.inBody(s, name)
	}
	h := hashName(name)
	slot := &s.lately[h%latelySlots]
	if p := slot.Load(); p != nil && s.is(p, name) {
		return p
	}
	p := ps.find(s, name, h)
	if !p.open && s.is(p, name) {
		slot.Store(p)
	}
	return p
}

// is reports whether a place's name is the one that was sent.
func (s *shelf) is(p *place, name []byte) bool {
	if s.lower {
		return equalFold(name, p.Name)
	}
	return p.Name == string(name)
}

func (ps *places) find(s *shelf, name []byte, h uint32) *place {
	if i := s.policy.find(h, name, s.lower); i >= 0 {
		return ps.once(&s.named[i], s, func() (string, detect.Match) {
			m, _ := ps.known.vocabulary.Lookup(name)
			return s.policy.names[i], m
		})
	}
	m, found := ps.known.vocabulary.Lookup(name)
	switch {
	case !found:
		return s.other
	case m.Exact:
		return ps.spelled(s, m)
	}
	return ps.variant(s, m)
}

// variant is the place of names of which only an end is known: it has a category,
// but is not written.
func (ps *places) variant(s *shelf, m detect.Match) *place {
	c, ok := ps.categories[m.Category]
	if !ok || m.Category == "" {
		return s.other
	}
	m.Harmless = false
	return ps.once(&s.variants[c], s, func() (string, detect.Match) { return "*", m })
}

// spelled returns the place of a name of the vocabulary.
func (ps *places) spelled(s *shelf, m detect.Match) *place {
	in := &s.vocabulary[m.Number/len(block{})]
	if in.Load() == nil {
		in.CompareAndSwap(nil, new(block))
	}
	at := &in.Load()[m.Number%len(block{})]
	if p := at.Load(); p != nil {
		return p
	}
	// The policy may write the same name: then it is its place.
	name := []byte(m.Name)
	if j := s.policy.find(hashName(name), name, s.lower); j >= 0 {
		p := ps.once(&s.named[j], s, func() (string, detect.Match) { return s.policy.names[j], m })
		at.Store(p)
		return p
	}
	return ps.once(at, s, func() (string, detect.Match) { return m.Name, m })
}

// once returns what at holds, made when it is first asked for.
func (ps *places) once(at *atomic.Pointer[place], s *shelf, what func() (string, detect.Match)) *place {
	if p := at.Load(); p != nil {
		return p
	}
	ps.making.Lock()
	defer ps.making.Unlock()
	if p := at.Load(); p != nil {
		return p
	}
	name, m := what()
	p := ps.makeLocked(s.kind, s.prefix, name, m, name == "*")
	if vocabulary := name != "*" && s.policy.find(hashName(name), []byte(name), s.lower) < 0; vocabulary && s.alike != nil {
		p.decided = s.alike
	}
	at.Store(p)
	return p
}

func (ps *places) make(kind raw.Kind, prefix, name string, m detect.Match, open bool) *place {
	ps.making.Lock()
	defer ps.making.Unlock()
	return ps.makeLocked(kind, prefix, name, m, open)
}

// makeLocked makes a place. One beyond the bound is no less right, but nothing
// that is decided of it is remembered. The policy's category goes before the
// vocabulary's.
func (ps *places) makeLocked(kind raw.Kind, prefix, name string, m detect.Match, open bool) *place {
	p, id := ps.room()
	text := prefix
	if name != "" {
		text += "." + name
	}
	p.Place = raw.Place{ID: id, Kind: kind, Text: text, Name: name, Category: m.Category, Confidence: m.Confidence, Harmless: m.Harmless}
	p.open, p.lower = open, lowerNames(kind)
	if kind.Body() {
		p.Name = name[strings.LastIndexByte(name, '.')+1:]
	}
	// What stands below "**" stands below many: which they are was asked before.
	if c, ok := ps.known.categoryOf(text); ok && !strings.HasSuffix(prefix, anyDepth) {
		p.Category, p.Confidence, p.Harmless = c, 100, false
	}
	p.category = ps.categories[p.Category]
	p.decided = &decisions{}
	if id < 0 {
		ps.beyond.Store(&p.Place, p)
	}
	return p
}

// room is where the next place lies, and its number: -1 where there are too many.
func (ps *places) room() (*place, int) {
	chunk, id := ps.count/chunkSize, ps.count
	if chunk == maxChunks {
		return new(place), -1
	}
	if ps.chunks[chunk].Load() == nil {
		ps.chunks[chunk].Store(new([chunkSize]place))
	}
	ps.count++
	return &ps.chunks[chunk].Load()[id%chunkSize], id
}

// of returns the place that a raw.Place is a part of, nil where it is not one of
// these.
func (ps *places) of(r *raw.Place) *place {
	if r == nil || r.ID < 0 || r.ID >= maxChunks*chunkSize {
		return nil
	}
	chunk := ps.chunks[r.ID/chunkSize].Load()
	if chunk == nil {
		return nil
	}
	if p := &chunk[r.ID%chunkSize]; &p.Place == r {
		return p
	}
	return nil
}

// within returns the places inside of a header.
func (ps *places) within(p *place) *inside {
	if in := p.inside.Load(); in != nil {
		return in
	}
	in := &inside{
		host:     ps.make(raw.Host, p.Text+".host", "", detect.Match{}, false),
		path:     ps.make(raw.Path, p.Text+".path", "", detect.Match{}, false),
		fragment: ps.make(raw.Fragment, p.Text+".fragment", "", detect.Match{}, false),
		userinfo: ps.make(raw.Userinfo, p.Text+".userinfo", "", byKind(raw.Userinfo), false),
	}
	in.query = ps.newShelf(raw.Query, p.Text+".query")
	if !p.inside.CompareAndSwap(nil, in) {
		return p.inside.Load()
	}
	return in
}

// Place is what is known of where a field stands; never nil. Names that nobody
// knows share the kind's place, whose Name is "*". It does not allocate but for
// the first field of each known name.
func (p *Policy) Place(kind raw.Kind, name []byte) *raw.Place {
	if s := p.places.shelves[kind]; s != nil {
		return &p.places.get(s, name).Place
	}
	return &p.places.plain[kind].Place
}

// Within is the place of a part of a header whose value is a URL, such as
// request.header.referer.query.email. A part that is no part of a URL is the
// header itself.
func (p *Policy) Within(header *raw.Place, kind raw.Kind, name []byte) *raw.Place {
	outer := p.places.of(header)
	if outer == nil {
		found, ok := p.places.beyond.Load(header)
		if !ok {
			return p.Place(kind, name)
		}
		outer = found.(*place)
	}
	if !outer.Kind.Named() || outer.Kind == raw.Query {
		return header
	}
	in := p.places.within(outer)
	switch kind {
	case raw.Host:
		return &in.host.Place
	case raw.Path:
		return &in.path.Place
	case raw.Fragment:
		return &in.fragment.Place
	case raw.Userinfo:
		return &in.userinfo.Place
	case raw.Query:
		return &p.places.get(in.query, name).Place
	}
	return header
}

// parsePlace takes the text of a place apart: the prefix of its shelf and the
// name on it, "" for a kind without names. ok is false for what is no place.
func parsePlace(text string) (prefix, name string, ok bool) {
	for kind := range raw.Kind(raw.KindCount) {
		if !kind.Named() {
			if text == kind.Place() {
				return text, "", true
			}
			continue
		}
		rest, found := strings.CutPrefix(text, kind.Place()+".")
		if !found || rest == "" {
			continue
		}
		if kind == raw.RequestHeader || kind == raw.ResponseHeader {
			for _, part := range []string{".host", ".path", ".fragment", ".userinfo"} {
				if header, found := strings.CutSuffix(rest, part); found && header != "" {
					return text, "", true
				}
			}
			if header, key, found := strings.Cut(rest, ".query."); found && header != "" && key != "" {
				return kind.Place() + "." + header + ".query", key, true
			}
		}
		return kind.Place(), rest, true
	}
	return "", "", false
}

// placeOf is the place that a text names, nil for what is none.
func (p *Policy) placeOf(text string) *raw.Place {
	prefix, name, ok := parsePlace(text)
	if !ok {
		return nil
	}
	for kind := range raw.Kind(raw.KindCount) {
		if kind.Place() == prefix {
			return p.Place(kind, []byte(name))
		}
	}
	return nil
}
