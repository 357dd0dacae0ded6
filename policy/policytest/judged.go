package policytest

import (
	"encoding/json"
	"fmt"
	"strings"

	"weir/policy"
	"weir/policy/source"
	"weir/redact/category"
	"weir/redact/raw"
	"weir/redact/record"
)

// seen is what the policy judges: the exchange and, of what was found in its
// request, categories and places.
func (c *Case) seen(p *policy.Policy, o *Outcome, monitor bool) *policy.Seen {
	s := c.sample.Seen(o)
	s.Monitor = monitor
	if len(c.choices) > 0 {
		s.Consent = p.Consent(&c.sample.exchange.Request)
		for _, choice := range c.choices {
			s.Consent.Choose(choice.purpose, choice.choice, "case")
		}
	}
	for _, k := range c.found {
		s.Categories = with(s.Categories, k)
	}
	for _, k := range c.written {
		s.Written = with(s.Written, k)
	}
	s.Keep = c.keep
	return s
}

// Seen is what the policy judges of a sample that was run.
func (s *Sample) Seen(o *Outcome) *policy.Seen {
	seen := &policy.Seen{Exchange: &s.exchange, Complete: o.Scanned, MoreWritten: o.Unlisted}
	for i := range o.Found {
		f := &o.Found[i]
		if (f.Transform == "keep" || f.Transform == "mask") && !f.Left {
			seen.Written = with(seen.Written, f.Category)
		}
		if !sent(f.Kind) {
			continue
		}
		seen.Categories = with(seen.Categories, f.Category)
		seen.Places = append(seen.Places, policy.Found{Place: f.Place, Category: f.Category, Confidence: f.Confidence})
	}
	return seen
}

// sent reports whether what stands there goes to who receives the request.
func sent(k raw.Kind) bool {
	switch k {
	case raw.ClientAddress, raw.PeerAddress, raw.ClientCertificate, raw.ResponseHeader, raw.ResponseCookie, raw.ResponseTrailer, raw.ResponseBody, raw.LogField:
		return false
	}
	return true
}

func with(all []category.Key, k category.Key) []category.Key {
	for _, have := range all {
		if have == k {
			return all
		}
	}
	return append(all, k)
}

// judged compares what the policy says of the exchange.
func (k *checker) judged(e *expectation) {
	j, by := k.judge, k.egress()
	if j.ToParty {
		k.text("verdict", e.verdict, verdictText(&j.Egress), by)
		k.text("by", e.by, ruleName(j.Egress.By), append([]Decider{by}, k.missed(e.by, "egress")...)...)
	} else {
		k.unjudged("verdict", e.verdict, by)
		k.unjudged("by", e.by, by)
	}
	k.text("reason", e.reason, j.Egress.Reason, by)
	k.categories("strip", e.strip, j.Egress.Strip, by)
	for _, w := range e.rewrite {
		got := "(nothing)"
		for _, r := range j.Egress.Rewrite {
			if r.Place == w.key.Text {
				got = r.Transform
			}
		}
		k.text("rewrite."+w.key.Text, &w.value, got, by)
	}
	k.text("party", e.party, k.party(e.party))
	k.text("tenant", e.tenant, j.Tenant)
	k.categories("excess", e.excess, j.Excess)
	k.response(e)
	k.retention(e.retain)
	k.promises(e)
}

// nobodyElse is what becomes of an exchange that has no other recipient.
const nobodyElse = "nobody else receives this"

// unjudged is what is expected of egress where nobody receives the exchange: it would
// hold or not whatever the rules say.
func (k *checker) unjudged(key string, want *source.Text, by Decider) {
	if want != nil {
		k.differs(key, want.Pos, want.Value, "("+nobodyElse+")", by)
	}
}

// verdictText is what egress decides; what it would do, where it only watches.
func verdictText(e *policy.Egress) string {
	if e.Monitored && e.Verdict != e.Done.Verdict {
		return would + e.Verdict.String()
	}
	return e.Verdict.String()
}

// byDefault stands for a rule where none matched.
const byDefault = "defaults"

func ruleName(r *policy.RuleRef) string {
	if r == nil {
		return byDefault
	}
	return r.Name
}

func decidedBy(of string, r *policy.RuleRef, does string) Decider {
	if r == nil {
		return Decider{Of: of, Does: does}
	}
	return Decider{Of: of, Rule: r.Name, At: r.At, Does: does}
}

func (k *checker) egress() Decider {
	if !k.judge.ToParty {
		return Decider{Of: "egress", Does: nobodyElse + ", so egress decides nothing; `given: {direction: outbound}` has the exchange go out", nobody: true}
	}
	does := verdictText(&k.judge.Egress)
	if k.judge.Egress.By == nil {
		does += " by default"
	}
	return decidedBy("egress", k.judge.Egress.By, does)
}

// missed says of a rule that was to decide and did not match what its condition came to.
func (k *checker) missed(name *source.Text, section string) []Decider {
	if name == nil {
		return nil
	}
	var out []Decider
	k.of.Trace(k.seen, section, func(t policy.RuleTrace) {
		if t.Rule.Name != name.Value {
			return
		}
		d := decidedBy(section, &t.Rule, "")
		if d.Missed = t.Result != "true"; !d.Missed {
			return
		}
		var parts []string
		for _, p := range t.Parts {
			if p.Branch {
				parts = append(parts, short(p.Text)+" is "+p.Value)
			}
		}
		d.Does = strings.Join(parts, ", ")
		out = append(out, d)
	})
	return out
}

// party is who receives the request, in the words that are expected of it.
func (k *checker) party(want *source.Text) string {
	p := &k.judge.Party
	switch {
	case !k.judge.ToParty:
		return "none"
	case p.Use != "" && (want == nil || want.Value != p.ID):
		return p.Use
	case p.ID != "":
		return p.ID
	case !p.Declared && (want == nil || want.Value != p.Host):
		return "undeclared"
	}
	return p.Host
}

func (k *checker) response(e *expectation) {
	if e.response == nil {
		return
	}
	var got []string
	var deciders []Decider
	for i := range k.judge.Respond {
		r := &k.judge.Respond[i]
		text := responseText(r)
		got = append(got, text)
		if len(deciders) < maxDeciders {
			deciders = append(deciders, decidedBy("respond", r.By, text))
		}
	}
	if len(deciders) == 0 {
		deciders = []Decider{{Of: "respond"}}
	}
	k.sets("response", e.response, got, deciders...)
}

// responseText writes what is done to a response as a rule would.
func responseText(r *policy.Response) string {
	text := r.Kind.String()
	switch r.Kind {
	case policy.StripCookie:
		text += "(" + r.Cookie + ")"
	case policy.CapCookie:
		text += "(" + r.Cookie + ", " + source.FormatDuration(r.MaxAge) + ")"
	case policy.SetHeader:
		text += "(" + r.Header + ", " + r.Value + ")"
	case policy.DropHeader:
		text += "(" + r.Header + ")"
	case policy.DenyResponse:
		text += "(" + r.Reason + ")"
	}
	if r.Monitored {
		return would + text
	}
	return text
}

func (k *checker) retained() Decider {
	r := &k.judge.Retention
	return decidedBy("retain", r.By, r.Class)
}

func (k *checker) retention(w *wantedRetention) {
	if w == nil {
		return
	}
	r, by := &k.judge.Retention, k.retained()
	k.text("retain", w.class, r.Class, by)
	k.text("retain.by", w.by, ruleName(r.By), append([]Decider{by}, k.missed(w.by, "retain")...)...)
	k.text("retain.law", w.law, r.Law, by)
	k.text("retain.hold", w.hold, r.Hold, by)
	k.sets("retain.only", w.only, r.Only, by)
}

func (k *checker) promises(e *expectation) {
	for i := range e.promises {
		w := &e.promises[i]
		got, by := "no such promise", Decider{}
		for _, p := range k.judge.Promises {
			if p.ID != w.key.Text {
				continue
			}
			got = p.State.String()
			if p.Enforced && w.value.Value != policy.Kept.String() {
				got = enforced
			}
			by = Decider{Of: "promise", Rule: p.ID, At: p.At, Does: got}
		}
		if got == w.value.Value {
			continue
		}
		deciders := []Decider{by, k.egress()}
		if by.Rule == "" {
			deciders = nil
		}
		k.differs("promises."+w.key.Text, w.key.Pos, w.value.Value, got, deciders...)
	}
}

// outputs are all that is written of the exchange, by name.
func (k *checker) outputs() map[string]string {
	out := map[string]string{}
	for f := range record.Format(record.FormatCount) {
		out["the "+f.String()+" entry"] = k.out.Lines[f]
	}
	var told strings.Builder
	if b, err := json.Marshal(k.judge); err == nil {
		told.Write(b)
	}
	fmt.Fprintf(&told, "%+v %+v", k.judge.Egress, k.judge.Party)
	for i := range k.judge.Respond {
		told.WriteString(responseText(&k.judge.Respond[i]))
	}
	out["the judgement"] = told.String()
	if k.suite.explains {
		var explained strings.Builder
		e := k.suite.runners[k.test.service].explained(k.suite.Name, k.test.service, k.test.sample, k.out, k.seen)
		if err := e.JSON(&explained); err != nil {
			return nil // which a builder never does
		}
		out["the explanation"] = explained.String()
	}
	return out
}
