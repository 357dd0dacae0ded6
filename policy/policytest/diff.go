package policytest

import (
	"cmp"
	"slices"
	"time"

	"weir/policy"
	"weir/redact/category"
	"weir/redact/transform"
)

// Comparison is what a new policy does otherwise than an old one with the same
// exchanges. It holds categories, places and counts.
type Comparison struct {
	Old       string   `json:"old"` // the policies' files
	New       string   `json:"new"`
	Exchanges int      `json:"exchanges"`
	Skipped   int      `json:"skipped"` // lines of logs that tell of no exchange
	Changes   []Change `json:"changes"` // the most dangerous first
}

// Turn is in which direction something changed, the worst first.
type Turn string

const (
	Leaves   Turn = "leaves"   // somebody else newly receives it, or more of it
	Written  Turn = "written"  // the log newly holds it, or more of it
	Longer   Turn = "longer"   // the log holds the entry for longer
	Withheld Turn = "withheld" // less of it leaves, or is written
	Shorter  Turn = "shorter"  // the log holds the entry for less long
)

// Change is one thing that is otherwise, over all exchanges.
type Change struct {
	Turn Turn `json:"change"`
	// To is who receives it: a party's use, the domain of one that is not declared, or the
	// visitor's browser. "" is the log.
	To       string       `json:"to,omitempty"`
	Category category.Key `json:"category,omitempty"` // "" of what is not recognised
	Place    string       `json:"place,omitempty"`    // as the new policy knows it
	Was      string       `json:"was"`
	Is       string       `json:"is"`
	// By is the rule of the new policy that decided, nil where none did.
	By        *ExplainedPlace `json:"by,omitempty"`
	Exchanges int             `json:"exchanges"`
	First     string          `json:"first"` // the first of them, by its file and where it stands in it

	shows int // how much of it is left, for the order
}

// Leaks reports whether anything newly leaves or is newly written. What is only kept for
// longer does neither.
func (c *Comparison) Leaks() bool {
	return slices.ContainsFunc(c.Changes, func(x Change) bool { return x.Turn == Leaves || x.Turn == Written })
}

// Compared is one of two policies.
type Compared struct {
	Name   string // its file
	Policy *policy.Policy
	Hosts  []string // that may be written whole

	runners map[string]*Runner
}

// Comparer runs exchanges through two policies, one after the other. It is for one
// goroutine.
type Comparer struct {
	before, after Compared
	at            time.Time
	differ        differ
}

// NewComparer begins a comparison. Exchanges that have no time are judged as of at.
func NewComparer(before, after Compared, at time.Time) *Comparer {
	c := &Comparison{Old: before.Name, New: after.Name, Changes: []Change{}}
	return &Comparer{before, after, at, differ{comparison: c, at: map[changeKey]int{}}}
}

// Add runs one exchange.
func (c *Comparer) Add(t *Traffic) error {
	a, err := c.before.pass(t, c.at, nil)
	if err != nil {
		return err
	}
	b, err := c.after.pass(t, c.at, a.runner)
	if err != nil {
		return err
	}
	d := &c.differ
	d.comparison.Exchanges++
	d.old, d.new, d.traffic, d.told = a, b, t, map[changeKey]bool{}
	d.written()
	d.hosts()
	d.subjects()
	d.leaves()
	d.answers()
	d.retention()
	return nil
}

// Skip counts lines that tell of no exchange.
func (c *Comparer) Skip(lines int) { c.differ.comparison.Skipped += lines }

// Comparison is what was otherwise. Nothing may be added behind it.
func (c *Comparer) Comparison() *Comparison {
	all := c.differ.comparison
	slices.SortStableFunc(all.Changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(order(a.Turn), order(b.Turn)), cmp.Compare(gravity(b.Category), gravity(a.Category)), cmp.Compare(b.shows, a.shows),
			cmp.Compare(b.Exchanges, a.Exchanges), cmp.Compare(a.To, b.To), cmp.Compare(a.Place, b.Place))
	})
	return all
}

func order(t Turn) int { return slices.Index([]Turn{Leaves, Written, Longer, Withheld, Shorter}, t) }

// grave are categories whose leak harms most: Art. 9 and 10 GDPR, and what opens doors
// or purses.
var grave = []category.Key{"user.health_and_medical", "user.biometric", "user.government_id", "user.financial", "user.authorization", "user.payment",
	"user.demographic", "user.criminal_history", "user.location.precise"}

func gravity(k category.Key) int {
	switch {
	case k == "":
		return 0
	case slices.ContainsFunc(grave, func(g category.Key) bool { return k.Within(g) }):
		return 2
	}
	return 1
}

// passed is what one of the policies makes of an exchange.
type passed struct {
	name   string
	policy *policy.Policy
	runner *Runner
	out    *Outcome
	judge  *policy.Judgement
	fields fields
}

func (c *Compared) pass(t *Traffic, at time.Time, beside *Runner) (*passed, error) {
	r := c.runners[t.Service]
	if r == nil {
		var err error
		if r, err = New(Config{Policy: c.Policy, Service: t.Service, Hosts: c.Hosts}); err != nil {
			return nil, err
		}
		if c.runners == nil {
			c.runners = map[string]*Runner{}
		}
		c.runners[t.Service] = r
	}
	if beside != nil {
		r.asked.seed = beside.asked.seed // fields are told by it
	}
	o, seen, err := r.pass(t, at)
	if err != nil {
		return nil, err
	}
	p := &passed{name: c.Name, policy: r.policy, runner: r, out: o, judge: r.policy.Judge(seen)}
	p.fields = fields{policy: r.policy, name: c.Name, sample: t.sample, out: o, judge: p.judge}
	p.fields.know()
	return p, nil
}

// differ notes what is otherwise.
type differ struct {
	comparison *Comparison
	at         map[changeKey]int // in comparison.Changes
	told       map[changeKey]bool

	traffic  *Traffic
	old, new *passed
}

type changeKey struct {
	turn          Turn
	to            string
	category      category.Key
	place         string
	was, is, rule string
}

// note counts a change, of one exchange once.
func (d *differ) note(c Change) {
	key := changeKey{c.Turn, c.To, c.Category, c.Place, c.Was, c.Is, ""}
	if c.By != nil {
		key.rule = c.By.Name
	}
	if d.told[key] {
		return
	}
	d.told[key] = true
	i, known := d.at[key]
	if !known {
		i = len(d.comparison.Changes)
		d.at[key], c.First = i, d.traffic.Name
		d.comparison.Changes = append(d.comparison.Changes, c)
	}
	d.comparison.Changes[i].Exchanges++
}

// turned says whether more or less is shown under b than under a; "" is that neither is so.
func turned(a, b transform.Transform, more Turn) Turn {
	switch {
	case a == b || !shows(a) && !shows(b):
		return ""
	case !shows(b) || shows(a) && transform.Stricter(a, b) == b:
		return Withheld
	}
	return more
}

// shows reports whether a transform leaves anything that comes of the value.
func shows(t transform.Transform) bool { return t.Kind() > transform.KindType }
