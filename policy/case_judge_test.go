package policy_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"weir/policy"
	"weir/redact/category"
	"weir/redact/raw"
)

// Lines of a case that set up what is judged, and what is asked of it:
//
//	send URL           an exchange that leaves; `header` is of its request
//	answer SET-COOKIE  a cookie that the response sets; reply NAME VALUE is another header
//	seen full|headers|tunnel [part]    how it was seen; part: not all of it was scanned
//	found CATEGORY …   in what goes to the recipient
//	at DATE
//	egress => VERDICT by RULE …
//	respond => what is done, each after a semicolon
//	trace SECTION: RULE => RESULT; PART: VALUE, VARIABLE = VALUE …
func setUp(t *testing.T, s *policy.Seen, line string) bool {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "send":
		u, err := url.Parse(rest)
		if err != nil {
			t.Fatal(err)
		}
		*s = policy.Seen{Exchange: newExchange(u.RequestURI(), u.Host), Complete: true}
		s.Exchange.Direction, s.Exchange.Visibility = raw.Outbound, raw.SeenFull
	case "reply":
		name, value, _ := strings.Cut(rest, " ")
		s.Exchange.Response.Add([]byte(name), []byte(value))
	case "answer":
		s.Exchange.Response.Add([]byte("Set-Cookie"), []byte(rest))
	case "seen":
		how, part, _ := strings.Cut(rest, " ")
		for v := range raw.SeenTunnel + 1 {
			if v.String() == how {
				s.Exchange.Visibility = v
			}
		}
		s.Complete = part == ""
	case "found":
		s.Categories = nil
		for k := range strings.FieldsSeq(rest) {
			s.Categories = append(s.Categories, category.Key(k))
		}
	case "at":
		at, err := time.Parse(time.DateOnly, rest)
		if err != nil {
			t.Fatal(err)
		}
		s.At = at
	default:
		return false
	}
	return true
}

// judged is the whole line of what a judgement says.
func judged(p *policy.Policy, s *policy.Seen, line string) (string, bool) {
	left, _, asks := strings.Cut(line, " =>")
	if !asks {
		return "", false
	}
	switch left {
	case "egress":
		return left + " => " + describeEgress(p.Judge(s)), true
	case "respond":
		var all []string
		for _, r := range p.Judge(s).Respond {
			all = append(all, describeResponse(&r))
		}
		return left + " => " + strings.Join(all, "; "), true
	}
	if section, rule, is := strings.Cut(strings.TrimPrefix(left, "trace "), ": "); is {
		var all []string
		p.Trace(s, section, func(r policy.RuleTrace) {
			if r.Rule.Name == rule {
				all = append(all, describeTrace(r))
			}
		})
		return left + " => " + strings.Join(all, " | "), true
	}
	return "", false
}

func describeEgress(j *policy.Judgement) string {
	e := &j.Egress
	out := e.Ruling.Verdict.String()
	if e.Monitored {
		out = "would " + out + ", does " + e.Done.Verdict.String()
	}
	if e.By != nil {
		out += fmt.Sprintf(" by %s (%d:%d)", e.By.Name, e.By.At.Line, e.By.At.Column)
	}
	if e.Reason != "" {
		out += ": " + e.Reason
	}
	for _, k := range e.Strip {
		out += " -" + string(k)
	}
	for _, r := range e.Rewrite {
		out += " " + r.Place + "=" + r.Transform
	}
	for _, list := range []struct {
		name string
		all  []policy.RuleRef
	}{{"matched", e.Matched}, {"unseen", e.Unseen}, {"failed", e.Failed}} {
		for i, r := range list.all {
			if i == 0 {
				out += "; " + list.name
			}
			out += " " + r.Name
		}
	}
	return out
}

func describeTrace(r policy.RuleTrace) string {
	out := r.Result
	if r.Outranked {
		out += ", outranked"
	}
	for _, p := range r.Parts {
		if p.Branch {
			out += fmt.Sprintf("; %d:%d %s: %s", p.At.Line, p.At.Column, p.Text, p.Value)
		} else {
			out += fmt.Sprintf(", %s = %s", p.Text, p.Value)
		}
	}
	return out
}

func describeResponse(r *policy.Response) string {
	out := r.Kind.String()
	if r.Monitored {
		out = "would " + out
	}
	if r.Cookie != "" {
		out += " " + r.Cookie
	}
	if r.MaxAge > 0 {
		out += " " + r.MaxAge.String()
	}
	if r.Header != "" {
		out += " " + r.Header
	}
	if r.Value != "" {
		out += "=" + r.Value
	}
	if r.Reason != "" {
		out += ": " + r.Reason
	}
	if r.By != nil {
		out += " by " + r.By.Name
	}
	return out
}
