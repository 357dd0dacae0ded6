package policy

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types/ref"

	"weir/redact"
	"weir/redact/raw"
)

// counting counts how often a program of a rule is run.
type counting struct {
	cel.Program
	runs *int
}

func (c counting) Eval(vars any) (ref.Val, *cel.EvalDetails, error) {
	*c.runs++
	return c.Program.Eval(vars)
}

// counted has p count the evaluations of all parts of its rules.
func counted(p *Policy) *int {
	runs := new(int)
	var take func(c *condition)
	take = func(c *condition) {
		if c.op == isAtom {
			c.atom.program, c.atom.compared = counting{c.atom.program, runs}, nil
		}
		for _, below := range c.below {
			take(below)
		}
	}
	for _, r := range p.rules {
		take(r.condition)
		r.choose = counting{r.choose, runs}
	}
	return runs
}

// grown is a policy of n rules that no rule's condition makes request-dependent,
// but for the rules in more.
func grown(t *testing.T, n int, more ...string) *Policy {
	t.Helper()
	text := "controller: {name: Nordhost ApS, country: DK, contact: privacy@nordhost.example}\ndefaults: {retain: 30d}\nredact:\n"
	rule := func(i int, when, then string) {
		text += fmt.Sprintf("  - {name: rule %d, when: '%s', then: '%s'}\n", i, when, then)
	}
	for i, when := range more {
		rule(-1-i, when, "keep()")
	}
	for i := range n - len(more) - 2 {
		rule(i, []string{
			fmt.Sprintf(`field.category.within("x.c%d")`, i),
			fmt.Sprintf(`field.place == "url.query.key%d"`, i),
			fmt.Sprintf(`field.name == "x-name-%d" && service == "www"`, i),
			fmt.Sprintf(`field.kind == "cookie" && field.category == "x.c%d" && field.confidence > 0.8`, i),
		}[i%4], "keep()")
	}
	rule(n, `field.category.within("user.device.ip_address")`, "truncate(24, 48)")
	rule(n+1, `field.category.within("user.contact") || field.category.within("user.device.cookie_id")`, "hash()")
	p, err := Parse("policy.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p.For("www")
}

func browsing() *raw.Exchange {
	x := &raw.Exchange{Started: time.Unix(1790000000, 0)}
	x.Reset()
	x.Client = raw.AddressOf(netip.MustParseAddrPort("203.0.113.77:51234"))
	m := &x.Request
	m.Method, m.Path = m.AppendString("GET"), m.AppendString("/device/7f3a9c")
	m.Authority, m.HasQuery = m.AppendString("www.nordhost.example"), true
	m.Query = m.AppendString("email=anna%40example.dk&page=2&q=jakke&unknown=1")
	for line := range strings.SplitSeq("Host: www.nordhost.example\nUser-Agent: curl/8.14.1\nAccept: */*\nCookie: sid=4f9a7b; theme=dark\n"+
		"X-Forwarded-For: 198.51.100.23\nReferer: https://www.nordhost.example/?page=1\nX-Unknown: a", "\n") {
		name, value, _ := strings.Cut(line, ": ")
		m.Add([]byte(name), []byte(value))
	}
	x.Response.Status = 200
	x.Response.Add([]byte("Content-Type"), []byte("text/html"))
	return x
}

// evaluations are those of one exchange, once the policy has seen such a one.
func evaluations(t *testing.T, p *Policy) int {
	t.Helper()
	runs := counted(p)
	e, err := redact.New(redact.Config{Decider: func() redact.Decider { return p }, Service: "www"})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		*runs = 0
		x := browsing()
		_, o := e.Begin(x)
		o.Observe(x)
	}
	return *runs
}

func TestNothingIsEvaluatedAgainHoweverManyRulesThereAre(t *testing.T) {
	for _, n := range []int{10, 100, 1000} {
		if runs := evaluations(t, grown(t, n)); runs != 0 {
			t.Errorf("%d evaluations with %d rules", runs, n)
		}
	}
}

// What the request decides is evaluated for the fields that it decides of: once
// for page in the query and once for X-Unknown, whose name is asked for as well.
func TestWhatARequestDecidesCostsTheSameHoweverManyRulesThereAre(t *testing.T) {
	for _, n := range []int{10, 100, 1000} {
		p := grown(t, n, `field.place == "url.query.page" && request.method == "POST"`, `field.place == "request.header.*" && response.status > 400`)
		if runs := evaluations(t, p); runs != 2 {
			t.Errorf("%d evaluations with %d rules", runs, n)
		}
	}
}
