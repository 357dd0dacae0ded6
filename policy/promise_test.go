package policy_test

import (
	"testing"
	"time"

	"weir/policy"
	"weir/redact/category"
	"weir/redact/raw"
)

const promising = controller + `
defaults: {retain: 30d, egress: allow}
parties:
  news: {name: News, country: US, uses: {letter: {hosts: [news.example], categories: [user.contact.email]}}}
  bank: {name: Bank, country: DK, uses: {pay: {hosts: [bank.example], categories: [user.contact.email]}}}
`

func promised(t *testing.T, text string, s *policy.Seen) map[string]string {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte(promising+text))
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]string)
	for _, s := range p.Judge(s).Promises {
		out[s.ID] = s.State.String()
		if s.Enforced {
			out[s.ID] += " (enforced)"
		}
	}
	return out
}

const mailStays = `
promises:
  - {id: mail, quote: "addresses stay here", holds: '!flow.carries("user.contact.email")'}
  - {id: news, when: 'party.id == "news"', holds: 'consent.given("marketing")'}
`

func TestAPromiseIsKeptBrokenOrUndecided(t *testing.T) {
	for name, c := range map[string]struct {
		seen       *policy.Seen
		mail, news string
	}{
		"without":         {leaving("/", "bank.example"), "kept", "not concerned"},
		"with":            {leaving("/", "bank.example", "user.contact.email"), "broken", "not concerned"},
		"undeclared":      {leaving("/", "other.example", "user.contact.email"), "broken", "not concerned"},
		"no consent":      {leaving("/", "news.example"), "kept", "broken"},
		"not scanned":     {unscanned("news.example"), "undecided", "broken"},
		"partly scanned":  {unscanned("news.example", "user.contact.email"), "broken", "broken"},
		"to the service":  {inbound("user.contact.email"), "not concerned", "not concerned"},
		"within a tunnel": {tunnelled("news.example"), "undecided", "undecided"},
	} {
		t.Run(name, func(t *testing.T) {
			got := promised(t, mailStays, c.seen)
			if got["mail"] != c.mail || got["news"] != c.news {
				t.Errorf("mail is %s, want %s; news is %s, want %s", got["mail"], c.mail, got["news"], c.news)
			}
		})
	}
}

func unscanned(host string, found ...category.Key) *policy.Seen {
	s := leaving("/", host, found...)
	s.Complete = false
	return s
}

func tunnelled(host string) *policy.Seen {
	s := unscanned(host)
	s.Exchange.Visibility = raw.SeenTunnel
	return s
}

func inbound(found ...category.Key) *policy.Seen {
	s := leaving("/", "www.example", found...)
	s.Exchange.Direction = raw.Inbound
	return s
}

func TestWhatEgressHoldsBackIsKept(t *testing.T) {
	const deny = "egress: [{name: d, when: 'flow.carries(\"user.contact\")', then: 'deny(\"no\")'}]\n"
	const strip = "egress: [{name: s, when: 'true', then: 'strip([\"user.contact\"])'}]\n"
	const rewrite = "egress: [{name: r, when: 'true', then: 'rewrite({\"url.query.m\": drop(), \"url.query.n\": hash()})'}]\n"
	mail := leaving("/", "bank.example", "user.contact.email")
	at := func(places ...string) *policy.Seen {
		s := leaving("/", "bank.example", "user.contact.email")
		for _, p := range places {
			s.Places = append(s.Places, policy.Found{Place: p, Category: "user.contact.email", Confidence: 95})
		}
		return s
	}
	partly := unscanned("bank.example", "user.contact.email")
	watched := leaving("/", "bank.example", "user.contact.email")
	watched.Monitor = true
	for name, c := range map[string]struct {
		rules string
		seen  *policy.Seen
		want  string
	}{
		"stripped, not all seen": {strip, partly, "undecided"},
		"denied":                 {deny, mail, "kept (enforced)"},
		"would be denied":        {"mode: monitor\n" + deny, mail, "broken"},
		"only watched":           {deny, watched, "broken"},
		"not carried at all":     {deny, leaving("/", "bank.example"), "kept"},
		"stripped":               {strip, mail, "kept (enforced)"},
		"dropped":                {rewrite, at("url.query.m"), "kept (enforced)"},
		"a pseudonym":            {rewrite, at("url.query.n"), "broken"},
		"elsewhere too":          {rewrite, at("url.query.m", "url.query.o"), "broken"},
		"nobody knows where":     {rewrite, mail, "broken"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := promised(t, mailStays+c.rules, c.seen)["mail"]; got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestAPromiseOfEntriesIsAboutEveryExchange(t *testing.T) {
	const text = `
promises:
  - {id: addresses, holds: '!written.carries("user.device.ip_address")'}
  - {id: month, holds: 'retain.keep <= days(30)'}
  - {id: week, when: 'flow.direction == "inbound"', holds: 'retain.keep <= duration("168h")'}
  - {id: safe, when: 'flow.direction == "inbound"', holds: 'request.tls != ""'}
`
	s := inbound()
	s.Exchange.Started = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	got := promised(t, text, s)
	if got["addresses"] != "kept" || got["month"] != "kept" || got["week"] != "broken" || got["safe"] != "kept" {
		t.Error(got)
	}
	s.Written = []category.Key{category.IPAddress}
	if got := promised(t, text, s); got["addresses"] != "broken" {
		t.Error(got)
	}
	if got := promised(t, text, leaving("/", "bank.example")); got["week"] != "not concerned" || got["safe"] != "not concerned" {
		t.Error(got)
	}
}

func TestATenantIsToldOnlyAsThePolicyWritesIt(t *testing.T) {
	const by = `tenant: {by: 'request.header["x-tenant"]', controllers: {acme: {name: Acme, country: DK, contact: p@acme.example}}}` + "\n"
	const rule = "egress: [{name: d, when: 'tenant == \"acme\"', then: deny(\"theirs\")}]\n"
	for name, c := range map[string]struct{ text, sent, want string }{
		"declared":  {by, "acme", "acme"},
		"another":   {by, "anna@example.dk", "*"},
		"none":      {by, "", ""},
		"no tenant": {"", "acme", ""},
		"literal":   {`tenant: 'request.header["x-tenant"].startsWith("a") ? "theirs" : ""'` + "\n", "acme", "theirs"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := policy.Parse("policy.yaml", []byte(promising+c.text+rule))
			if err != nil {
				t.Fatal(err)
			}
			s := leaving("/", "bank.example")
			s.Exchange.Request.Add([]byte("X-Tenant"), []byte(c.sent))
			j := p.Judge(s)
			if j.Tenant != c.want || (j.Egress.Verdict == policy.Deny) != (c.want == "acme") {
				t.Errorf("tenant %q and %s, want %q", j.Tenant, j.Egress.Verdict, c.want)
			}
			if controller, ok := p.TenantController("acme"); ok != (c.text == by) || ok && controller.Country != "DK" {
				t.Errorf("%v %v", controller, ok)
			}
		})
	}
}

func TestAPromiseOfWhatComesInIsAskedOfWhatReachesNobodyElse(t *testing.T) {
	const text = `
promises:
  - {id: none, when: 'flow.direction == "inbound"', holds: '!flow.carries("user.government_id")'}
  - {id: out, holds: '!flow.carries("user.government_id")'}
`
	s := inbound()
	s.Complete = false
	if got := promised(t, text, s); got["none"] != "undecided" || got["out"] != "not concerned" {
		t.Error(got)
	}
	s.Complete = true
	if got := promised(t, text, s); got["none"] != "kept" {
		t.Error(got)
	}
	s.Categories = []category.Key{category.NationalNumber}
	if got := promised(t, text, s); got["none"] != "broken" || got["out"] != "not concerned" {
		t.Error(got)
	}
	if got := promised(t, text, leaving("/", "bank.example", category.NationalNumber)); got["none"] != "not concerned" || got["out"] != "broken" {
		t.Error(got)
	}
}
