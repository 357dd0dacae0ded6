package policytest

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/redact/raw"
)

func TestNamesHostsAndTermsAreCompared(t *testing.T) {
	declared := strings.Replace(mailchimp, `"*.api.mailchimp.com"`, `"us1.api.mailchimp.com"`, 1)
	held := strings.Replace(mailchimp, "retain: [", `retain: [{name: held, when: "true", then: "keep_for(days(30)).hold('a case')"}, `, 1)
	longer := strings.Replace(mailchimp, "retain: [", `retain: [{name: long, when: "true", then: "keep_for(days(90))"}, `, 1)
	for _, test := range []struct {
		name, old, new string
		want           []string
		leaks          bool
	}{
		{"a host", mailchimp, declared, []string{`1 written  url.host to "": its domain, written by no rule`}, true},
		{"a host no longer", declared, mailchimp, []string{`1 withheld  url.host to "": written, its domain by no rule`}, false},
		{"longer", mailchimp, longer, []string{`1 longer   to "": 30d, 90d by long`}, false},
		{"shorter", longer, mailchimp, []string{`1 shorter   to "": 90d, 30d by no rule`}, false},
		{"held", mailchimp, held, []string{`1 longer   to "": 30d, 30d, held by held`}, false},
		{"held no longer", held, longer, []string{`1 shorter   to "": 30d, held, 90d by long`}, false},
	} {
		c := compared(t, test.old, test.new, subscribing)
		if got := told(c); !slices.Equal(got, test.want) || c.Leaks() != test.leaks {
			t.Errorf("%s: %q, leaks: %v", test.name, got, c.Leaks())
		}
	}
}

func TestALineOfALogIsAnExchange(t *testing.T) {
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	logged := func(target, query, host string, direction raw.Direction) *Traffic {
		return Logged("access.log:1", "www", Given{Client: netip.MustParseAddr("192.0.2.7")}, func(x *raw.Exchange) {
			m := &x.Request
			x.Started, x.Direction, x.Response.Status = at, direction, 200
			m.Method, m.Target, m.Authority = m.AppendString("GET"), m.AppendString(target), m.AppendString(host)
			m.Path = m.Target
			if query != "" {
				m.Query, m.HasQuery = m.AppendString(query), true
			}
		})
	}
	for _, test := range []struct {
		target, query, host string
		direction           raw.Direction
		want                string
	}{
		{"/a?b=c", "", "www.example", raw.Inbound, "inbound www.example /a b=c"},
		{"/a", "b=c", "www.example", raw.Outbound, "outbound www.example /a b=c"},
		{"https://api.example/a?b=c", "", "", raw.Inbound, "outbound api.example /a b=c"},
	} {
		x := logged(test.target, test.query, test.host, test.direction).sample.Exchange()
		m := &x.Request
		got := x.Direction.String() + " " + string(m.Peek(m.Authority)) + " " + string(m.Peek(m.Path)) + " " + string(m.Peek(m.Query))
		if got != test.want || !x.Started.Equal(at) || x.Client.Peek().Addr() != netip.MustParseAddr("192.0.2.7") {
			t.Errorf("%s: %s", test.target, got)
		}
	}
	if logged("ftp://a.example/b", "", "", raw.Inbound) != nil || logged("nowhere", "", "", raw.Inbound) != nil {
		t.Error("what is no target is one")
	}
	o, err := runner(t, mailchimp).Run(logged("/a", "", "www.example", raw.Inbound).sample)
	if err != nil || o.Scanned {
		t.Errorf("all was seen of what a line tells a part of, or: %v", err)
	}
}
