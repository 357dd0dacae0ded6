package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/policy"
	"weir/redact/raw"
)

const day = 24 * time.Hour

func retaining(t *testing.T, rules ...string) *policy.Policy {
	t.Helper()
	text := "controller: {name: N, country: DK, contact: p@n.example}\ndefaults: {retain: 30d}\nroutes: [{at: '/orders/{id}'}]\n"
	if len(rules) > 0 {
		text += "retain:\n"
	}
	for i, r := range rules {
		when, then, _ := strings.Cut(r, " => ")
		text += fmt.Sprintf("  - {name: r%d, when: '%s', then: '%s'}\n", i+1, when, then)
	}
	p, err := policy.Parse("policy.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheStrongestGroundDecidesHowLongAnEntryIsKept(t *testing.T) {
	const (
		short, long    = `true => keep_for(days(7))`, `true => keep_for(days(90))`
		gone, sooner   = `true => keep_for(days(2)).erasure()`, `true => keep_for(days(1)).erasure()`
		law, longerLaw = `true => keep_for(years(5)).by_law("Bookkeeping Act")`, `true => keep_for(years(6)).by_law("Tax Act")`
		held, heldLong = `true => keep_for(days(100)).hold("case 7")`, `true => keep_for(years(10)).hold("case 8")`
		other          = `response.status == 404 => keep_for(years(20)).hold("no")`
	)
	for _, c := range []struct {
		rules              []string
		class, by, why, no string
	}{
		{nil, "30d", "", "", ""},
		{[]string{other}, "30d", "", "", ""},
		{[]string{short, other}, "7d", "r1", "", ""},
		{[]string{short, long}, "90d", "r2", "", ""},
		{[]string{long, gone, sooner, short}, "1d", "r3", "", ""},
		{[]string{sooner, law, longerLaw, long}, "2190d", "r3", "Tax Act", ""},
		{[]string{held, gone, long}, "100d", "r1", "", "case 7"},
		{[]string{held, heldLong, law}, "3650d", "r2", "Bookkeeping Act", "case 8"},
		// A hold never shortens what a law asks for.
		{[]string{law, held, longerLaw}, "2190d", "r2", "Tax Act", "case 7"},
		{[]string{`true => keep_for(years(1)).by_law("A").hold("b")`, longerLaw}, "2190d", "r1", "A", "b"},
	} {
		// Once where nothing of the exchange is read, and once where it is.
		for _, reads := range []string{"true", "request.method == \"GET\""} {
			var rules []string
			for _, r := range c.rules {
				rules = append(rules, strings.Replace(r, "true", reads, 1))
			}
			p := retaining(t, rules...)
			x := newExchange("/orders/7", "")
			got := p.Retention(&policy.Seen{Exchange: x})
			by := ""
			if got.By != nil {
				by = got.By.Name
				if got.By.Section != "retain" || got.By.At.Line == 0 {
					t.Errorf("%q: by %+v", rules, got.By)
				}
			}
			law := got.Law
			if c.class == "3650d" {
				law = c.why // of the law that the hold covers nothing need be said
			}
			if got.Class != c.class || by != c.by || law != c.why || got.Hold != c.no {
				t.Errorf("%q: %+v by %s", rules, got, by)
			}
			if r := p.Retentions()[p.Retained(x)]; r.Class != got.Class || r.Keep != got.Keep {
				t.Errorf("%q: live %+v", rules, r)
			}
			settled := len(c.rules) == 0 || reads == "true" && !slices.Contains(c.rules, other)
			if one := len(p.Retentions()) == 1; one != settled {
				t.Errorf("%q: %d kinds", rules, len(p.Retentions()))
			}
		}
	}
}

func TestRetentionIsByRouteServicePartyAndResponse(t *testing.T) {
	p := retaining(t,
		`request.route.under("/orders") => keep_for(years(5)).by_law("Bookkeeping Act").only(["url.path", "subjects"])`,
		`response.status >= 500 && service != "shop" => keep_for(days(90))`,
		`service == "shop" => keep_for(days(14))`,
		`flow.direction == "outbound" && !party.declared => keep_for(duration("36h")).erasure()`)
	seen := func(path string, status int, d raw.Direction) *policy.Seen {
		x := newExchange(path, "")
		x.Response.Status, x.Direction = status, d
		return &policy.Seen{Exchange: x}
	}
	for _, c := range []struct {
		seen       *policy.Seen
		www, shop  string
		only, keep int
	}{
		{seen("/orders/7", 500, raw.Inbound), "1825d", "1825d", 2, 1825},
		{seen("/", 500, raw.Inbound), "90d", "14d", 0, 0},
		{seen("/", 200, raw.Inbound), "30d", "14d", 0, 0},
		{seen("/", 200, raw.Outbound), "36h", "36h", 0, 0},
	} {
		www, shop := p.For("www").Retention(c.seen), p.For("shop").Retention(c.seen)
		if www.Class != c.www || shop.Class != c.shop || len(www.Only) != c.only || c.keep > 0 && www.Keep != time.Duration(c.keep)*day {
			t.Errorf("%s %s: %+v, %+v", c.www, c.shop, www, shop)
		}
		if j := p.For("www").Judge(c.seen); j.Retention.Class != c.www {
			t.Errorf("judged %+v", j.Retention)
		}
	}
	var classes []string
	for _, r := range p.Classes() {
		classes = append(classes, r.Class)
	}
	if want := []string{"36h", "14d", "30d", "90d", "1825d"}; !slices.Equal(classes, want) {
		t.Errorf("%q", classes)
	}
	if n := len(p.For("www").Retentions()); n != 4 {
		t.Errorf("%d for a service that one rule is not about", n)
	}
}

func TestTraceTellsWhichRetentionsAreOutranked(t *testing.T) {
	p := retaining(t, `true => keep_for(days(7))`, `request.method == "GET" => keep_for(days(90))`, `response.status == 404 => keep_for(days(1)).erasure()`)
	var got []string
	p.Trace(&policy.Seen{Exchange: newExchange("/", "")}, "retain", func(t policy.RuleTrace) {
		got = append(got, fmt.Sprintf("%s %s %v", t.Rule.Name, t.Result, t.Outranked))
	})
	if want := []string{"r1 true true", "r2 true false", "r3 false false"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// What a sender makes fail keeps him no entry from being kept, or from going.
func TestARuleThatFailsCountsWhereEntriesMustBeKeptOrMustGo(t *testing.T) {
	const fails = `int(request.header["x-age"]) > 5 => `
	for then, want := range map[string]string{
		`keep_for(days(90))`: "30d", `keep_for(days(1)).erasure()`: "1d",
		`keep_for(years(5)).by_law("A")`: "1825d", `keep_for(years(5)).hold("A")`: "1825d",
	} {
		p := retaining(t, fails+then)
		x := newExchange("/", "")
		x.Request.Add([]byte("x-age"), []byte("secret"))
		if r := p.Retentions()[p.Retained(x)]; r.Class != want {
			t.Errorf("%s: %+v", then, r)
		}
		if f := p.Faults(); len(f) != 1 || f[0].Rule != "r1" || f[0].Count != 1 {
			t.Errorf("%s: %+v", then, f)
		}
	}
}

func TestWhatWasNotSeenOfATunnelMatchesNoRetention(t *testing.T) {
	p := retaining(t, `request.path.under("/") => keep_for(years(5)).by_law("A")`, `request.host == "x.example" => keep_for(days(2))`)
	x := newExchange("/", "x.example")
	x.Visibility = raw.SeenTunnel
	if r := p.Retentions()[p.Retained(x)]; r.Class != "2d" {
		t.Errorf("%+v", r)
	}
}

func TestRetentionCostsNothingWhereNoRuleReadsTheExchange(t *testing.T) {
	x := newExchange("/orders/7", "")
	p := retaining(t, `service == "www" => keep_for(days(90))`).For("www")
	if n := testing.AllocsPerRun(100, func() { p.Retained(x) }); n > 0 || len(p.Retentions()) != 1 || p.Retentions()[0].Class != "90d" {
		t.Errorf("%v allocations, %+v", n, p.Retentions())
	}
}

func BenchmarkRetained(b *testing.B) {
	text := "controller: {name: N, country: DK, contact: p@n.example}\ndefaults: {retain: 30d}\nroutes: [{at: '/orders/{id}'}]\nretain:\n" +
		"  - {name: a, when: 'request.route.under(\"/orders\")', then: keep_for(years(5))}\n  - {name: b, when: 'response.status >= 500', then: keep_for(days(7))}\n"
	p, err := policy.Parse("policy.yaml", []byte(text))
	if err != nil {
		b.Fatal(err)
	}
	x := newExchange("/orders/7", "")
	b.ReportAllocs()
	for b.Loop() {
		p.Retained(x)
	}
}
