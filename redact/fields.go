package redact

import (
	"bytes"
	"net/netip"

	"weir/redact/category"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
)

// maxValues bounds the values of headers that are written.
const maxValues = 128

// address is the category of an address where the policy has none for its place.
const address = category.IPAddress

// fields decides on everything that was walked, in the order of the walk.
func (s *state) fields() {
	for i := 0; i < len(s.items); {
		it := &s.items[i]
		switch {
		case it.place == nil:
			i = s.own(i)
			continue
		case i+1 < len(s.items) && s.items[i+1].field.Within != nil:
			i = s.reference(i)
			continue
		case it.field.Kind == raw.Method:
			s.method(it)
		case it.field.Kind == raw.ServerName:
			s.serverName(it)
		case it.field.Kind == raw.ClientCertificate:
			s.certificate(it)
		case it.field.Kind == raw.RequestCookie || it.field.Kind == raw.ResponseCookie:
			s.cookie(it)
		default:
			s.header(it)
		}
		i++
	}
}

// addresses decides on the client's address, and the peer's where that is another.
func (s *state) addresses(x *raw.Exchange) {
	client, peer := x.Client, x.Peer
	if !client.Known() {
		client = peer
	}
	s.entry.ClientAddress = s.address(raw.ClientAddress, client.Peek().Addr())
	if peer.Known() && peer.Peek().Addr() != client.Peek().Addr() {
		s.entry.PeerAddress = s.address(raw.PeerAddress, peer.Peek().Addr())
	}
}

func (s *state) address(kind raw.Kind, a netip.Addr) transform.Clean {
	if !a.IsValid() {
		return transform.Clean{}
	}
	start := len(s.text)
	s.text = a.AppendTo(s.text)
	text := s.text[start:len(s.text):len(s.text)]
	p := s.decider.Place(kind, nil)
	s.single = raw.Field{Kind: kind, Value: raw.Of(text)}
	key, confidence := p.Category, p.Confidence
	if key == "" {
		key, confidence = address, 100
	}
	s.maker.Open(transform.Plain)
	done, mine := s.recall(asValue, &s.single, p, text)
	if done {
		return s.maker.Close()
	}
	s.named(key, confidence, len(text))
	if s.subjects.asked != nil {
		s.recording.unfit = true
		s.subjects.take(s.spans, text)
	}
	s.decide(&s.single, p, text)
	if mine {
		s.remember(p)
	}
	return s.maker.Close()
}

// method writes a method that is known, else a word for all others.
func (s *state) method(it *item) {
	name, known := knownMethod(it.field.Value.Peek())
	s.entry.Method = s.known.method.of(name)
	if !known {
		s.note(it.place, it.field.Value.Peek())
	}
}

// serverName writes the name that TLS was asked for, where it is not the host.
func (s *state) serverName(it *item) {
	for i := range s.urls {
		if u := &s.urls[i]; u.Within == nil && bytes.EqualFold(it.field.Value.Peek(), u.Host.Peek()) {
			return
		}
	}
	s.maker.Open(transform.Plain)
	s.host(&it.field, it.place)
	s.entry.ServerName = s.maker.Close()
}

// certificate writes whom the client's certificate names: somebody, by default,
// whom a rule has to say something of.
func (s *state) certificate(it *item) {
	s.maker.Open(transform.Plain)
	s.write(&it.field, it.place, it.field.Value.Peek(), true)
	s.entry.ClientCertificate = s.maker.Close()
}

// header writes one value of a header or a trailer, if anything is left of it.
func (s *state) header(it *item) {
	value := it.field.Value.Peek()
	if it.field.Kind == raw.RequestHeader && isUserAgent(it.field.Name.Peek()) {
		s.agent(value)
	}
	s.maker.Open(transform.Plain)
	s.write(&it.field, it.place, value, true)
	if !s.maker.Empty() {
		s.keepValue(it, record.Value{Text: s.maker.Close()})
	}
}

// cookie writes one cookie, if anything is left of its value.
func (s *state) cookie(it *item) {
	s.maker.Open(transform.Plain)
	s.write(&it.field, it.place, it.field.Value.Peek(), true)
	if s.maker.Empty() {
		return
	}
	v := record.Value{Cookie: true, Text: s.maker.Close()}
	if it.field.Name.Peek() != nil {
		v.Key = transform.Literal(it.place.Name)
	}
	s.keepValue(it, v)
}

// keepValue puts v into the entry under the name that is known of its place.
func (s *state) keepValue(it *item, v record.Value) {
	if v.Text.Empty() {
		return
	}
	if len(s.entry.Values) == maxValues {
		s.cut = true
		return
	}
	v.Name = it.place.Name
	switch it.field.Kind {
	case raw.RequestHeader:
		v.Part = record.RequestHeader
	case raw.RequestCookie:
		v.Part, v.Name = record.RequestHeader, "cookie"
	case raw.RequestTrailer:
		v.Part = record.RequestTrailer
	case raw.ResponseHeader:
		v.Part = record.ResponseHeader
	case raw.ResponseCookie:
		v.Part, v.Name = record.ResponseHeader, "set-cookie"
	case raw.ResponseTrailer:
		v.Part = record.ResponseTrailer
	default:
		return
	}
	s.entry.Values = append(s.entry.Values, v)
}
