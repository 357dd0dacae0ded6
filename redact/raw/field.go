package raw

import "weir/redact/category"

// Kind is the part of an exchange that a field stands in.
type Kind uint8

const (
	ClientAddress Kind = iota
	PeerAddress
	Method
	Host
	Path
	Query
	Fragment
	Userinfo
	RequestHeader
	RequestCookie
	RequestTrailer
	ResponseHeader
	ResponseCookie
	ResponseTrailer
	ServerName
	ClientCertificate
	RequestBody
	ResponseBody
	LogField      // of a log that another program wrote: what is no part of an exchange
	KindCount int = iota
)

// kinds are the first words of a field's place; a named kind has a name behind it.
var kinds = [KindCount]struct {
	place, kind string
	named       bool
}{
	ClientAddress:     {"client.address", "address", false},
	PeerAddress:       {"network.peer.address", "address", false},
	Method:            {"request.method", "method", false},
	Host:              {"url.host", "host", false},
	Path:              {"url.path", "path", false},
	Query:             {"url.query", "query", true},
	Fragment:          {"url.fragment", "fragment", false},
	Userinfo:          {"url.userinfo", "userinfo", false},
	RequestHeader:     {"request.header", "header", true},
	RequestCookie:     {"request.cookie", "cookie", true},
	RequestTrailer:    {"request.trailer", "trailer", true},
	ResponseHeader:    {"response.header", "header", true},
	ResponseCookie:    {"response.cookie", "cookie", true},
	ResponseTrailer:   {"response.trailer", "trailer", true},
	ServerName:        {"tls.server_name", "host", false},
	ClientCertificate: {"client.certificate", "certificate", false},
	RequestBody:       {"request.body", "body", true},
	ResponseBody:      {"response.body", "body", true},
	LogField:          {"log", "log", true},
}

// Place is the kind's place, as in "url.query": the words before a name.
func (k Kind) Place() string { return kinds[k].place }

// String is what a rule reads as field.kind.
func (k Kind) String() string { return kinds[k].kind }

// Named reports whether fields of this kind have a name behind their place.
func (k Kind) Named() bool { return kinds[k].named }

// Body reports whether fields of this kind stand in a body. Their names are keys
// joined by dots.
func (k Kind) Body() bool { return k == RequestBody || k == ResponseBody }

// Place is what the policy and the vocabulary know of where a field stands. It
// holds nothing of an exchange. Places are made when a policy is compiled; the
// same pointer means the same place.
type Place struct {
	// ID numbers the places of one policy from 0, without gaps.
	ID   int
	Kind Kind
	// Text is the place as rules and the log name it, "url.query.email"; for
	// places that nobody knows it ends in "*".
	Text string
	// Name is the last part, "email", in lower case but for cookies, query keys and
	// the keys of bodies, which keep theirs; "*" where the name is not known.
	Name string
	// Category is what the policy or the vocabulary says of every value here;
	// "" where they say nothing. Confidence is in hundredths.
	Category   category.Key
	Confidence uint8
	// Harmless is set where the vocabulary knows the name as one that
	// holds nothing personal by itself. It does not make a value written.
	Harmless bool
}

// Field is one place of an exchange that holds a value, as a walk visits it.
type Field struct {
	hidden

	Kind Kind
	// Name is the name as it was sent, empty where the kind has none. Of a body it is
	// the keys that lead to the value, joined by dots.
	Name Text
	// Index counts fields of one kind and name: path segments, elements of a
	// list, repeated keys.
	Index int
	Value Text
	// Within is the header that this field is a part of, where a header's value
	// is itself a URL (Referer, Location): Kind is then Host, Path, Query,
	// Fragment or Userinfo, and Within says whose. Nil for the request's own.
	Within *Place
}
