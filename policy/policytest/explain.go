package policytest

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"weir/policy"
	"weir/policy/party"
	"weir/policy/source"
	"weir/redact/category"
	"weir/redact/raw"
)

// Explanation is what a policy makes of one exchange, and why. It holds nothing that
// was sent but what an entry would: categories, places and clean text.
type Explanation struct {
	Policy string `json:"policy"` // the file's name
	// Request is the method, the host and the path as an entry has them.
	Request   string            `json:"request"`
	Direction string            `json:"direction"`
	Service   string            `json:"service"`
	Seen      string            `json:"seen"` // full, headers or tunnel
	At        time.Time         `json:"at"`   // by whose law is judged
	Party     *ExplainedParty   `json:"party,omitempty"`
	Fields    []ExplainedField  `json:"fields"`
	Egress    *ExplainedVerdict `json:"egress,omitempty"`  // nil where nobody else receives anything
	Respond   *ExplainedVerdict `json:"respond,omitempty"` // nil where nothing goes to a browser
	Promises  []ExplainedState  `json:"promises"`
	Retain    ExplainedTerm     `json:"retain"`

	unlisted int // findings that the entry only counts
}

// ExplainedParty is who receives a request.
type ExplainedParty struct {
	Use        string   `json:"use,omitempty"`  // "google/analytics"
	Host       string   `json:"host,omitempty"` // of one that is not declared, its registrable domain
	Source     string   `json:"source"`         // how it was told: see party.Recipient
	Country    string   `json:"country,omitempty"`
	Safeguards []string `json:"safeguards,omitempty"`
	Expires    string   `json:"expires,omitempty"` // the day on which the agreement ends
}

// ExplainedPlace is a rule, a route or a promise and where it stands.
type ExplainedPlace struct {
	Name string `json:"name,omitempty"`
	Says string `json:"says,omitempty"` // what a rule does, as it is written
	jsonPos
}

// ExplainedVerdict is what a section decides.
type ExplainedVerdict struct {
	Verdict string           `json:"verdict,omitempty"`
	Reason  string           `json:"reason,omitempty"`
	By      *ExplainedPlace  `json:"by,omitempty"` // nil where the default decided
	Strip   []category.Key   `json:"strip,omitempty"`
	Rewrite []string         `json:"rewrite,omitempty"` // PLACE: TRANSFORM
	Done    []ExplainedReply `json:"done,omitempty"`    // of respond
	Rules   []ExplainedRule  `json:"rules"`
	// Unseen and Failed are rules that did their `unseen` or their `on_error`.
	Unseen []string `json:"unseen,omitempty"`
	Failed []string `json:"failed,omitempty"`
}

// ExplainedReply is one thing that is done to a response.
type ExplainedReply struct {
	Does string          `json:"does"`
	By   *ExplainedPlace `json:"by,omitempty"`
}

// ExplainedRule is how one rule came to its result.
type ExplainedRule struct {
	ExplainedPlace
	Result    string          `json:"result"` // true, false, unknown or error
	Outranked bool            `json:"outranked,omitempty"`
	Parts     []ExplainedPart `json:"parts,omitempty"`
}

// ExplainedPart is a part of a condition; Reads are the variables in it.
type ExplainedPart struct {
	Text  string          `json:"text"`
	Value string          `json:"value"`
	Reads []ExplainedPart `json:"reads,omitempty"`
}

// ExplainedState is what became of a promise.
type ExplainedState struct {
	ID       string `json:"id"`
	State    string `json:"state"`
	Enforced bool   `json:"enforced,omitempty"`
	jsonPos
}

// ExplainedTerm is how long the entry is kept.
type ExplainedTerm struct {
	Class string          `json:"class"`
	By    *ExplainedPlace `json:"by,omitempty"`
	Law   string          `json:"law,omitempty"`
	Hold  string          `json:"hold,omitempty"`
	Only  []string        `json:"only,omitempty"`
	Rules []ExplainedRule `json:"rules,omitempty"`
}

// Explain says what a policy makes of one exchange. Where the exchange has no time it is
// judged as of at.
func Explain(by Compared, t *Traffic, at time.Time) (*Explanation, error) {
	r, err := New(Config{Policy: by.Policy, Service: t.Service, Hosts: by.Hosts})
	if err != nil {
		return nil, err
	}
	return r.explain(by.Name, t, at)
}

func (r *Runner) explain(name string, t *Traffic, at time.Time) (*Explanation, error) {
	o, seen, err := r.pass(t, at)
	if err != nil {
		return nil, err
	}
	return r.explained(name, t.Service, t.sample, o, seen), nil
}

// explained explains what was run.
func (r *Runner) explained(name, service string, s *Sample, o *Outcome, seen *policy.Seen) *Explanation {
	x := &s.exchange
	j := r.policy.Judge(seen)
	e := &Explanation{Policy: name, Service: service, Direction: x.Direction.String(), At: x.Started, Seen: "full"}
	switch {
	case x.Visibility == raw.SeenTunnel:
		e.Seen = x.Visibility.String()
	case !o.Scanned:
		e.Seen = raw.SeenHeaders.String()
	}
	e.Request = requestText(o)
	f := fields{policy: r.policy, name: name, sample: s, out: o, judge: j}
	e.Fields = f.explain()
	if more, ok := o.Entry["redacted_more"].(float64); ok {
		e.unlisted = int(more)
	}
	w := judgedOf{name: name, policy: r.policy, seen: seen, judge: j}
	if j.ToParty {
		e.Party = partyOf(&j.Party)
		if !o.tells(e.Party.Host) {
			e.Party.Host = ""
		}
		e.Egress = w.egress()
	}
	if x.Direction == raw.Inbound && !j.ToParty {
		e.Respond = w.respond()
	}
	e.Promises, e.Retain = w.promises(), w.retain()
	return e
}

// tells reports whether the entry has a domain: of one in which something was found it
// may have nothing.
func (o *Outcome) tells(domain string) bool {
	server, _ := o.Entry["server.address"].(string)
	return strings.HasSuffix(server, domain)
}

// requestText is the head line, of what the entry says.
func requestText(o *Outcome) string {
	text := func(key string) string { s, _ := o.Entry[key].(string); return s }
	target := text("url.path")
	if host := text("server.address"); host != "*" {
		target = host + target
	}
	return plainPseudonyms(text("http.request.method") + " " + target)
}

// pseudonym is one of a key that ends with the process: it says nothing to anybody.
var pseudonym = regexp.MustCompile(`\bh1\.[A-Za-z0-9_-]{22}`)

func plainPseudonyms(text string) string { return pseudonym.ReplaceAllString(text, "h1.…") }

func partyOf(p *party.Recipient) *ExplainedParty {
	out := &ExplainedParty{Use: p.Use, Source: p.Source, Country: p.Country, Safeguards: slices.Clone(p.Safeguard)}
	if out.Use == "" {
		if out.Use = p.ID; out.Use == "" {
			out.Host = p.Host
		}
	}
	if !p.Agreement.Expires.IsZero() {
		out.Expires = p.Agreement.Expires.Format(time.DateOnly)
	}
	return out
}

// placeOf is a rule of the policy that name stands for.
func placeOf(name string, r *policy.RuleRef) *ExplainedPlace {
	if r == nil {
		return nil
	}
	return &ExplainedPlace{Name: r.Name, jsonPos: positionIn(name, r.At)}
}

func positionIn(name string, at source.Pos) jsonPos {
	at.File = at.In(name)
	return posOf(at)
}

// where is a position as it is printed.
func (p *jsonPos) where() string {
	if p.Line == 0 {
		return ""
	}
	return whereText(filepath.Base(p.File), p.Line, p.Column)
}
