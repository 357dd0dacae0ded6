package redact

import (
	"time"

	"weir/redact/category"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
)

// Decider is one compiled policy: immutable, safe for concurrent use.
type Decider interface {
	// Place is what is known of where a field stands; never nil. A name that is
	// not known gives the kind's "*" place.
	Place(kind raw.Kind, name []byte) *raw.Place
	// Within is the place of a part of a header whose value is a URL:
	// request.header.referer.query.email.
	Within(header *raw.Place, kind raw.Kind, name []byte) *raw.Place
	// Decide answers for one finding, or for the remainder. q is valid during the call.
	Decide(q *raw.Question) transform.Decision
	// Route is the template that a path as it was sent matches, or nil.
	Route(path []byte) *raw.Route
	// Fingerprint names the policy: "sha256:…".
	Fingerprint() string
	// Retain is the retention class of entries, "30d", and its length.
	Retain() (class string, keep time.Duration)
}

// Sink takes sealed lines of one format. Append must not keep the line.
type Sink interface {
	Format() record.Format
	Append(record.Sealed)
}

// Metrics counts what the engine does.
type Metrics interface {
	// Entry counts an entry given to the sinks.
	Entry()
	// Fault counts a failure of weir's own; the stage is from the closed list Stages.
	Fault(stage string)
	// Guarded counts fields that the leak guard dropped: defects of ours.
	Guarded(fields int)
	// Found counts findings of a category of the policy or the binary.
	Found(key category.Key, findings int)
}
