package record

import (
	"time"

	"weir/redact/transform"
)

// Entry is what may be written of one exchange. It is reused: its clean values
// are valid as long as the sheet that holds them.
type Entry struct {
	Time      time.Time
	Service   transform.Clean
	Direction transform.Clean

	ClientAddress transform.Clean
	PeerAddress   transform.Clean // where it is not the client's
	// ClientCertificate is whom it names, where there is one.
	ClientCertificate transform.Clean

	Method transform.Clean
	Scheme transform.Clean
	Server transform.Clean
	// ServerPort is 0 where none was named.
	ServerPort uint16
	ServerName transform.Clean // of TLS, where it is not Server
	Path       transform.Clean
	HasQuery   bool
	Query      []Parameter
	MoreQuery  bool // there were parameters beyond those in Query

	// Values are those of headers and trailers that something is left of.
	Values []Value

	// Sizes are in bytes; negative is not known.
	RequestSize  int64
	ResponseSize int64
	// RequestUnscanned and ResponseUnscanned say why a body that was to be looked
	// at could not wholly be: a key from a closed list.
	RequestUnscanned  transform.Clean
	ResponseUnscanned transform.Clean
	// Status is 0 where there was no response.
	Status    int
	Duration  time.Duration // negative is not known
	FirstByte time.Duration // 0 where there was no response

	AgentName    transform.Clean
	AgentVersion transform.Clean

	Protocol   transform.Clean // "1.1"
	TLSVersion transform.Clean // "1.3"
	Visibility transform.Clean
	Attempts   int // written where more than 1
	// BytesUp and BytesDown are those of a tunnel; negative is none.
	BytesUp, BytesDown int64
	// Error is the outcome where that is not complete, or the reason of a refusal.
	Error transform.Clean
	// Fault is weir's own failure, which cost the entry its details.
	Fault transform.Clean

	Redacted []*Redaction
	// MoreRedacted counts findings that are not in Redacted.
	MoreRedacted int

	// Subjects are pseudonyms of whom the exchange is about. MoreSubjects counts
	// what was found beyond them.
	Subjects     []transform.Clean
	MoreSubjects int

	// Trace is nil where no spans are made of the exchange.
	Trace *Trace

	Epoch  transform.Clean
	Policy transform.Clean
	Retain transform.Clean
}

// Parameter is one element of a query. Name and Value are percent-encoded.
type Parameter struct {
	Name  transform.Clean
	Value transform.Clean
	Bare  bool // a value with neither name nor "="
}

// Part is the section of a message that a Value stood in.
type Part uint8

const (
	RequestHeader Part = iota
	RequestTrailer
	ResponseHeader
	ResponseTrailer
)

var parts = [...]string{"http.request.header.", "http.request.trailer.", "http.response.header.", "http.response.trailer."}

// Value is one value of a header. Values of one Part and Name are written together.
type Value struct {
	Part Part
	// Name is the header's, in lower case: the policy's or the vocabulary's text.
	Name string
	// Key is the name of a cookie; Cookie says that there is one. The cookies
	// of a request are written as one element.
	Key    transform.Clean
	Cookie bool
	Text   transform.Clean
}

// Reset empties e and keeps its memory.
func (e *Entry) Reset() {
	clear(e.Redacted)
	*e = Entry{
		Query: e.Query[:0], Values: e.Values[:0], Redacted: e.Redacted[:0], Subjects: e.Subjects[:0],
		RequestSize: -1, ResponseSize: -1, BytesUp: -1, BytesDown: -1,
	}
}
