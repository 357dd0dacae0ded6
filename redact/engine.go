package redact

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"weir/redact/category"
	"weir/redact/detect"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
	"weir/redact/walk"
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
	// Settled is what Decide answers of every value at a place that it gave, where
	// nothing of the exchange changes it; ok is false where something may.
	Settled(p *raw.Place, key category.Key, confidence uint8) (d transform.Decision, ok bool)
	// Route is the template that a path as it was sent matches, or nil.
	Route(path []byte) *raw.Route
	// Subjects are the categories whose pseudonyms entries hold, with those below
	// them, wherever in the exchange they stand; where there are none bodies are not
	// looked at.
	Subjects() []category.Key
	// Detect is what is looked for in all else; nil is all that is built in.
	Detect() *detect.Set
	// DetectInBodies is what is looked for in bodies; nil is all.
	DetectInBodies() *detect.Set
	// Fingerprint names the policy: "sha256:…".
	Fingerprint() string
	// Hosts are those that the policy declares, in lower case; they may be written whole.
	Hosts() map[string]string
	// Retentions are those that entries can have; the first is that of an entry of
	// which nothing is known.
	Retentions() []raw.Retention
	// Retained is which of Retentions the entry of x has. It is asked once x has
	// ended, where there are several.
	Retained(x *raw.Exchange) int
}

// Sink takes sealed lines of one format. Append must not keep the line; one that
// is empty, which weir could not make, is an entry that is missing.
type Sink interface {
	Format() record.Format
	Append(record.Sealed)
}

// Reserver is a Sink that can promise room for an entry before there is one.
type Reserver interface {
	Sink
	// Reserve promises that an entry of so many bytes will be written. The promise
	// ends with Append of an entry whose Reserved is bytes, or with Release.
	Reserve(class string, keep time.Duration, bytes int) bool
	Release(class string, bytes int)
}

// LogFull is why an exchange is denied where Config.Strict and a sink has no room.
const LogFull = "log_full"

// Metrics counts what the engine does. Nothing that it is told is of an exchange.
type Metrics interface {
	// Entry counts an entry given to the sinks.
	Entry()
	// Fault counts a failure of weir's own.
	Fault(Stage)
	// Guarded counts fields that the leak guard dropped: defects of ours.
	Guarded(fields int)
	// Matched counts what a rule of the policy decided.
	Matched(rule string, n int)
	// Found counts findings of a category, which is the policy's or the binary's.
	Found(key category.Key, findings int)
}

// Stage is where in the engine something failed.
type Stage uint8

const (
	Walking   Stage = iota // the policy at hand, or the walk of the request
	Redacting              // detection, decision or transform
	Encoding               // the line or the guard
	Writing                // a sink
	Keying                 // the key ring had no key: a value was dropped
)

// StageCount is the number of stages.
const StageCount = 5

var stages = [StageCount]string{"walk", "redact", "encode", "sink", "key"}

func (s Stage) String() string { return stages[s] }

// Config is what an Engine needs.
type Config struct {
	// Decider returns the policy in force. It is called once for each exchange,
	// which keeps what it got.
	Decider func() Decider
	// Service is written in each entry and is the domain of pseudonyms.
	Service string
	// Hosts are those that may be written whole, beside those that the policy declares.
	Hosts []string
	// Keys is the ring of pseudonym keys; without one what is to be hashed is dropped.
	Keys  transform.Keys
	Sinks []Sink
	// Strict denies an exchange for which a sink that is a Reserver has no room.
	Strict bool
	// Descriptors returns those that the fields of protobuf are named by; it may be
	// nil, and return nil.
	Descriptors func() *walk.Descriptors
	// Metrics may be nil.
	Metrics Metrics
}

// Engine redacts exchanges. It is safe for concurrent use.
type Engine struct {
	decider  func() Decider
	service  transform.Clean
	keys     transform.Keys
	sinks    []Sink
	reserve  []Reserver // of sinks, in strict mode
	formats  [record.FormatCount]bool
	metrics  Metrics
	named    func() *walk.Descriptors
	room     room
	agents   *transform.Agents
	states   sync.Pool
	memo     atomic.Pointer[memo]
	retained atomic.Pointer[retentions]
	fallback *retentions
	makers   transform.Config
}

// New makes an Engine. The policy must be there when New is called.
func New(cfg Config) (*Engine, error) {
	if cfg.Decider == nil || cfg.Service == "" {
		return nil, errors.New("redact: a policy and the name of the service are needed")
	}
	hosts, err := transform.NewHosts(cfg.Hosts)
	if err != nil {
		return nil, err
	}
	if cfg.Descriptors == nil {
		cfg.Descriptors = func() *walk.Descriptors { return nil }
	}
	if cfg.Metrics == nil {
		cfg.Metrics = uncounted{}
	}
	e := &Engine{
		decider: cfg.Decider, service: transform.Checked(cfg.Service), keys: cfg.Keys,
		sinks: cfg.Sinks, metrics: cfg.Metrics, named: cfg.Descriptors, agents: transform.NewAgents(),
	}
	for _, s := range cfg.Sinks {
		e.formats[s.Format()] = true
		if r, ok := s.(Reserver); ok && cfg.Strict {
			e.reserve = append(e.reserve, r)
		}
	}
	e.room.left.Store(walkRoom)
	if e.fallback, err = e.retentions(cfg.Decider()); err != nil {
		return nil, err
	}
	hosts = hosts.Beside(func() map[string]string { return cfg.Decider().Hosts() })
	e.makers = transform.Config{Keys: cfg.Keys, Service: cfg.Service, Hosts: hosts, Agents: e.agents}
	e.states.New = func() any { return &state{engine: e, maker: transform.NewMaker(e.makers)} }
	return e, nil
}

// uncounted is a Metrics that counts nothing.
type uncounted struct{}

func (uncounted) Entry()                  {}
func (uncounted) Fault(Stage)             {}
func (uncounted) Guarded(int)             {}
func (uncounted) Matched(string, int)     {}
func (uncounted) Found(category.Key, int) {}
