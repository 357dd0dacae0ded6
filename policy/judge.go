package policy

import (
	"time"

	"weir/policy/party"
	"weir/policy/source"
	"weir/redact/category"
	"weir/redact/raw"
)

// Seen is one exchange as the policy judges it: its heads, and of all else
// categories and places, never values.
type Seen struct {
	Exchange *raw.Exchange // may be made up, as that of a case is
	// At is the time by whose law and agreements is judged; where it is zero, that
	// of the exchange's start.
	At time.Time

	// Categories are those found in what goes to the recipient: the request.
	Categories []category.Key
	Places     []Found // where they were found, in order
	// Complete says that all of the request was scanned. What was not is unknown.
	Complete bool

	// Written are the categories of which the entry holds values that can be read:
	// kept or masked.
	Written []category.Key
	// MoreWritten says that there may be more of them.
	MoreWritten bool

	// Keep is how long the entry is kept where that is not as `retain` says, but by an
	// older policy or another instance; 0 else.
	Keep time.Duration

	Consent *Consent    // nil: read from the exchange as `consent.read` says
	Cookies []SetCookie // nil: those that the response sets
	Monitor bool        // as if the whole policy were in monitor mode
}

// Found is a place in which a category was found. Confidence is in hundredths.
type Found struct {
	Place      string
	Category   category.Key
	Confidence uint8
}

// SetCookie is one cookie that a response sets (RFC 6265bis section 5).
type SetCookie struct {
	Name   raw.Text
	Domain raw.Text      // as it is sent, empty where it is not
	MaxAge time.Duration // from now; 0 or less deletes it
	// Session says that it goes when the browser closes; then MaxAge is 0.
	Session bool
}

// RuleRef names a rule and where it stands.
type RuleRef struct {
	Name    string
	At      source.Pos
	Section string // "egress", "respond", "retain" …
}

// Judgement is all that the policy says of one exchange. It holds no value of it.
type Judgement struct {
	// Party is who receives what was sent, ToParty whether anybody does: who calls
	// a reverse listener is none, nor is the service itself.
	Party     party.Recipient
	ToParty   bool
	Direction raw.Direction
	// Excess are the categories that were found and are not declared for this use;
	// there may be more where ExcessKnown is false.
	Excess      []category.Key
	ExcessKnown bool

	Egress    Egress
	Respond   []Response
	Promises  []PromiseState
	Retention Retention
	Tenant    string
}

// Verdict is what becomes of a request that leaves, in order of strength.
type Verdict uint8

const (
	Allow Verdict = iota
	Alert
	Strip
	Rewrite
	Deny
	VerdictCount int = iota
)

var verdicts = [VerdictCount]string{"allow", "alert", "strip", "rewrite", "deny"}

func (v Verdict) String() string { return verdicts[v] }

// Egress is what `egress` says. Ruling is what the rules come to. Where Monitored
// is set some of them only watch: then Done is what is carried out, else both are
// equal.
type Egress struct {
	Ruling
	Monitored bool
	Done      Ruling
	// Matched are the rules that matched and did not decide, in the file's order.
	Matched []RuleRef
	// Unseen are the rules that asked for what was not seen, and did their
	// `unseen`; Failed those that could not be evaluated, and did their `on_error`.
	Unseen, Failed []RuleRef
}

// Ruling is what several rules come to together.
type Ruling struct {
	Verdict Verdict
	Reason  string   // of alert and deny, as the rule says
	By      *RuleRef // nil where no rule matched and the default decided
	// Strip and Rewrite add up over all rules that match; both may be filled under
	// Strip and under Rewrite.
	Strip   []category.Key
	Rewrite []Rewriting
}

// Rewriting is a transform for one place of a request.
type Rewriting struct {
	Place     string
	Transform string // as the policy writes it: "truncate(24, 48)"
}

// ResponseKind is what is done to a response.
type ResponseKind uint8

const (
	StripCookie ResponseKind = iota
	CapCookie
	SetHeader
	DropHeader
	DenyResponse
	AlertResponse
	ResponseCount int = iota
)

var responses = [ResponseCount]string{"strip_cookie", "cap_cookie", "set_header", "drop_header", "deny", "alert"}

func (k ResponseKind) String() string { return responses[k] }

// Response is one thing that `respond` does to a response.
type Response struct {
	Kind ResponseKind
	// Cookie is the name of a cookie that `cookies` declares, "*" of another;
	// Index is that of the cookie in Seen.Cookies. Both are of cookies only.
	Cookie string
	Index  int
	MaxAge time.Duration // of CapCookie

	Header string // of SetHeader and DropHeader, in lower case
	Value  string // of SetHeader, as the rule says
	Reason string // of DenyResponse

	By        *RuleRef // nil where the default decided
	Monitored bool     // it would be done

	number int // of the rule, in the file's order
}

// State is what became of a promise.
type State uint8

const (
	NotConcerned State = iota // the exchange is none of those that it speaks of
	Kept
	Broken
	Undecided      // what it asks for was not seen
	StateCount int = iota
)

var states = [StateCount]string{"not concerned", "kept", "broken", "undecided"}

func (s State) String() string { return states[s] }

// PromiseState is what one exchange says of one promise.
type PromiseState struct {
	ID       string
	State    State
	Enforced bool // it is kept because the request was not let through
	At       source.Pos
}

// Retention is how long an entry is kept, and why.
type Retention struct {
	Class string // "30d"; entries of one class lie in one folder
	Keep  time.Duration
	By    *RuleRef // nil: the default
	Law   string   // that asks for it: Art. 6(1)(c) GDPR
	Hold  string   // why it is kept beyond its time: Art. 17(3) GDPR
	Only  []string // the places that such an entry may hold, nil where all
}

// RuleTrace is how one rule came to its result: "true", "false", "unknown" or "error".
type RuleTrace struct {
	Rule   RuleRef
	Result string
	Parts  []PartTrace
	// Outranked says that the rule matched and a stronger one left nothing of what it
	// says. What adds up is not outranked, nor what says the same as the one that decided.
	Outranked bool
}

// PartTrace is a part of a condition, as it is written. Value is "true", "false",
// "unknown", "error", a number or a text of the policy; of a personal value
// it is its category.
type PartTrace struct {
	Text  string
	Value string
	At    source.Pos
	// Branch says that the condition turns on it; else it is a variable in such a part.
	Branch bool
}
