package policy_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"weir/policy"
	"weir/redact/category"
	"weir/redact/raw"
	"weir/redact/transform"
)

const head = "controller: {name: N, country: DK, contact: p@n.example}\ndefaults: {retain: 30d}\n"

// parse compiles a policy of `redact` rules, each "when => then".
func parse(t testing.TB, more string, rules ...string) *policy.Policy {
	t.Helper()
	var b strings.Builder
	b.WriteString(head + more + "redact:\n")
	for i, r := range rules {
		when, then, _ := strings.Cut(r, " => ")
		fmt.Fprintf(&b, "  - name: rule %d\n    when: |\n      %s\n    then: |\n      %s\n", i+1, when, then)
	}
	p, err := policy.Parse("policy.yaml", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// ask asks of a field; the confidence is 90.
func ask(p *policy.Policy, x *raw.Exchange, kind raw.Kind, name, value, key string) transform.Decision {
	return p.Decide(question(p, x, kind, name, value, key, 90))
}

func question(p *policy.Policy, x *raw.Exchange, kind raw.Kind, name, value, key string, confidence uint8) *raw.Question {
	return &raw.Question{Exchange: x, Place: p.Place(kind, []byte(name)), Category: category.Key(key), Confidence: confidence,
		Field: &raw.Field{Kind: kind, Name: raw.Of([]byte(name)), Value: raw.Of([]byte(value))}}
}

// afresh asks what Decide remembers nothing of: a place of nobody's.
func afresh(p *policy.Policy, q *raw.Question) transform.Decision {
	place := *q.Place
	other := *q
	other.Place = &place
	return p.Decide(&other)
}

func TestRuleWithoutCategoryDecidesOnlyTheRemainder(t *testing.T) {
	p := parse(t, "", `field.kind == "query" => keep()`, `field.category == "user.name" => hash()`, `!field.category.within("user") => replace("rest")`)
	x := newExchange("/", "")
	for key, want := range map[string]string{"": "keep()", "user.name": "hash()", "user.contact.email": "drop()", "x.own": `replace("rest")`} {
		if got := ask(p, x, raw.Query, "zz", "v", key).Transform.String(); got != want {
			t.Errorf("%q: %s, want %s", key, got, want)
		}
	}
	if got := ask(p, x, raw.RequestCookie, "zz", "v", "").Transform.String(); got != `replace("rest")` {
		t.Error(got)
	}
}

func TestWithoutRedactEverythingIsDropped(t *testing.T) {
	p, err := policy.Parse("p", []byte("controller: {name: N, country: DK, contact: c}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if d := ask(p, newExchange("/", ""), raw.Query, "page", "1", ""); d != (transform.Decision{}) {
		t.Error(d)
	}
	if class, keep := p.Retain(); class != "" || keep != 0 {
		t.Error(class, keep)
	}
}

func TestRunTimeVariablesAreRead(t *testing.T) {
	p := parse(t, "routes: [{at: '/orders/{id}'}]\n",
		`request.method == "GET" && request.scheme == "https" && request.host == "www.nordhost.example" && field.name == "a1" => replace("request")`,
		`request.route == "/orders/{id}" && field.name == "a2" => replace("route")`,
		`request.header["X-App"] == "shop" && "x-app" in request.header && request.header["none"] == "" && field.name == "a3" => replace("header")`,
		`request.query["q x"] == "1 2" && !("none" in request.query) && field.name == "a4" => replace("query")`,
		`request.cookie["sid"] == "abc" && request.cookie["SID"] == "" && size(request.cookie) == 2 && field.name == "a5" => replace("cookie")`,
		`response.status == 200 && response.duration < duration("1s") && field.name == "a6" => replace("response")`,
		`cidr("203.0.113.0/24").containsIP(client.address) && client.trusted && field.name == "a7" => replace("client")`,
		`now.getFullYear() == 2026 && request.tls == "1.3" && field.name == "a8" => replace("now")`,
		`field.value.matches("^[0-9]+$") && field.name == "a9" => replace("value")`,
		`service == "www" && field.name == "a10" => replace("service")`,
		`["b1", "b2"].exists(n, field.name == n) && request.size == 0 && response.size == 0 => replace("list")`,
		`request.path.startsWith("/orders") && response.header["server"] == "" && field.name == "a12" => replace("path")`,
	).For("www")
	x := newExchange("/orders/17?q%20x=1+2&a=b", "WWW.nordhost.example:443")
	x.Request.Add([]byte("x-aPP"), []byte("shop"))
	x.Request.Add([]byte("Cookie"), []byte("a=b; sid=abc"))
	for name, want := range map[string]string{"a1": "request", "a2": "route", "a3": "header", "a4": "query", "a5": "cookie", "a6": "response",
		"a7": "client", "a8": "now", "a9": "value", "a10": "service", "b2": "list", "a12": "path"} {
		for range 2 {
			if got := ask(p, x, raw.Query, name, "123", "").Transform.String(); got != `replace("`+want+`")` {
				t.Errorf("%s: %s, want %s", name, got, want)
			}
		}
	}
	other := newExchange("/else", "x.example")
	other.Client, other.Response.Status, other.TLSVersion = raw.Address{}, 500, 0
	for _, name := range []string{"a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a12"} {
		if got := ask(p, other, raw.Query, name, "x", "").Transform; got != transform.Drop() {
			t.Errorf("%s: %s of another exchange", name, got)
		}
	}
	if n := p.Faults(); len(n) != 1 || n[0].Rule != "rule 7" {
		t.Errorf("an address that is none is a fault of rule 7: %v", n)
	}
}

func TestFailingRuleDropsAndIsCounted(t *testing.T) {
	p := parse(t, "", `field.name.split("-")[1] == "x" => keep()`, `true => keep()`)
	x := newExchange("/", "")
	for range 3 {
		if d := ask(p, x, raw.RequestHeader, "zzz", "v", ""); d.Transform != transform.Drop() || d.Rule != "rule 1" || d.Line != 4 {
			t.Error(d)
		}
	}
	if d := ask(p, x, raw.RequestHeader, "zzz-y", "v", ""); d.Transform != transform.Keep() {
		t.Error(d)
	}
	if f := p.Faults(); len(f) != 1 || f[0].Count != 3 || f[0].Rule != "rule 1" || f[0].Line != 4 || f[0].Column != 5 {
		t.Error(f)
	}
	// A fault beside what decides is none, as in CEL.
	q := parse(t, "", `field.name.split("-")[1] == "x" || field.kind == "header" => keep()`)
	if d := ask(q, x, raw.RequestHeader, "zzz", "v", ""); d.Transform != transform.Keep() || len(q.Faults()) != 0 {
		t.Error(d, q.Faults())
	}
}

func TestCostlyConditionIsStopped(t *testing.T) {
	p := parse(t, "", `field.value.split("").all(a, field.value.split("").all(b, field.value.split("").all(c, a + b + c != "xyz"))) => keep()`)
	d := ask(p, newExchange("/", ""), raw.Query, "page", strings.Repeat("a", 5000), "")
	if d.Transform != transform.Drop() || len(p.Faults()) != 1 {
		t.Error(d, p.Faults())
	}
}

func TestThenChoosesByPlaceCategoryAndRoute(t *testing.T) {
	p := parse(t, "routes: [{at: '/a/{id}'}]\n",
		`field.category.within("user") => field.category == "user.name" ? hash() : field.kind == "query" ? mask(1, 2) : replace(field.category)`,
		`field.kind == "cookie" => request.route == "/a/{id}" ? replace(request.route) : drop()`)
	x := newExchange("/a/1", "")
	for _, c := range []struct {
		kind raw.Kind
		key  string
		want string
	}{{raw.Query, "user.name", "hash()"}, {raw.Query, "user.contact", "mask(1, 2)"}, {raw.RequestHeader, "user.contact", `replace("user.contact")`}, {raw.RequestCookie, "", `replace("/a/{id}")`}} {
		if got := ask(p, x, c.kind, "zzz", "v", c.key).Transform.String(); got != c.want {
			t.Errorf("%v %s: %s, want %s", c.kind, c.key, got, c.want)
		}
	}
	if got := ask(p, newExchange("/b", ""), raw.RequestCookie, "zzz", "v", "").Transform; got != transform.Drop() {
		t.Error(got)
	}
}

func TestConfidenceBandsFollowTheThresholds(t *testing.T) {
	rules := []string{`field.category != "" && field.confidence >= 0.9 => keep()`, `field.category != "" && 0.5 < field.confidence => mask()`, `field.category != "" && field.confidence == 0.25 => hash()`}
	for name, p := range map[string]*policy.Policy{
		"banded":     parse(t, "", rules...),
		"each time":  parse(t, "", append(rules, `field.confidence * 2.0 > 3.0 => keep()`)...),
		"many bands": parse(t, "", append(rules, `field.confidence in [0.01, 0.02] || field.confidence > 0.1 && field.confidence > 0.2 && field.confidence > 0.3 && field.confidence > 0.4 && field.confidence > 0.6 && field.confidence > 0.7 && field.confidence > 0.8 && field.confidence > 1.0 => keep()`)...),
	} {
		x := newExchange("/", "")
		for range 2 {
			for c := uint8(0); c <= 100; c++ {
				want := "drop()"
				switch {
				case c >= 90:
					want = "keep()"
				case c > 50:
					want = "mask(0, 0)"
				case c == 25:
					want = "hash()"
				}
				if got := p.Decide(question(p, x, raw.Query, "zzz", "v", "user.name", c)).Transform.String(); got != want {
					t.Errorf("%s: %d: %s, want %s", name, c, got, want)
				}
			}
		}
	}
}

// What is remembered must be what would be decided afresh, whatever is asked in
// whatever order.
func TestRememberedIsWhatIsDecidedAfresh(t *testing.T) {
	more := "routes: [{at: '/a/{id}'}]\nfields: {request.cookie.sid: user.device.cookie_id, 'request.header.x-app': x.tenant}\n"
	t.Run("by all that there is", func(t *testing.T) {
		p := parse(t, more,
			`field.category.within("user.contact") && request.method == "POST" => keep()`,
			`field.category.within("user.contact") && (field.confidence > 0.6 || field.name.startsWith("a")) => hash()`,
			`field.name.contains("x") ? request.path == "/a/1" : field.kind == "cookie" => mask()`,
			`!(field.name.endsWith("z") && field.value == "v1") && field.place.startsWith("url.query") => truncate(3)`,
			`field.category != "" && request.header["y"] == "1" => replace("y")`,
			`request.path.split("/")[2] == "2" => origin()`,
			`field.category == "x.tenant" => keep()`)
		compareAfresh(t, p)
		if f := p.Faults(); len(f) == 0 {
			t.Error("rule 6 never failed: the test misses the case")
		}
	})
	t.Run("by the names that stand there", func(t *testing.T) {
		compareAfresh(t, parse(t, more,
			`field.category.within("user.contact") && field.place in ["url.query.email", "request.header.az"] => keep()`,
			`field.name == "ax" && field.category != "" || field.name != "page" && field.kind == "cookie" => mask()`,
			`field.place.within("request.header") && field.category == "" => hash()`,
			`"xyz" == field.name || field.place == "url.query.*" => truncate(3)`))
	})
}

func compareAfresh(t *testing.T, p *policy.Policy) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(s ...string) string { return s[random.IntN(len(s))] }
	for range 10_000 {
		x := newExchange(pick("/a/1", "/a/2", "/b", "/", "/c/2/d"), "")
		if pick("y", "n") == "y" {
			x.Request.Add([]byte("Y"), []byte("1"))
		}
		if pick("G", "P") == "P" {
			x.Request.Method = x.Request.AppendString("POST")
		}
		kind := []raw.Kind{raw.Query, raw.RequestHeader, raw.RequestCookie, raw.ResponseHeader, raw.Path}[random.IntN(5)]
		q := question(p, x, kind, pick("a", "az", "xyz", "email", "phone", "sid", "x-app", "page", "lang", "X-App", "ax", ""), pick("v1", "v2"),
			pick("", "user.contact", "user.contact.email", "x.tenant", "user.name", "x.nobody"), uint8(random.IntN(101)))
		if got, want := p.Decide(q), afresh(p, q); got != want {
			t.Fatalf("%s %q %s %d: %v, afresh %v", q.Place.Text, q.Field.Name.Peek(), q.Category, q.Confidence, got, want)
		}
	}
}

func TestPolicyIsSafeForConcurrentUse(t *testing.T) {
	p := parse(t, "", `field.category.within("user.contact") => hash()`, `field.name.startsWith("k") => keep()`, `field.value == "v" => mask()`)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			x := newExchange("/", "")
			for i := range 2000 {
				name := fmt.Sprintf("k%d", (i*7+g)%50)
				if d := ask(p, x, raw.Query, name, "v", ""); d.Transform != transform.Keep() {
					t.Error(name, d)
				}
				header := p.Place(raw.RequestHeader, []byte("referer"))
				if pl := p.Within(header, raw.Query, []byte("email")); pl.Text != "request.header.referer.query.email" {
					t.Error(pl.Text)
				}
				if d := ask(p, x, raw.RequestHeader, "email", "v", "user.contact.email"); d.Transform != transform.Hash() {
					t.Error(d)
				}
			}
		})
	}
	wg.Wait()
}

func TestExchangeIsNotKept(t *testing.T) {
	p := parse(t, "", `field.name == "canary-zzz" || field.value == "other" || request.path == "/x" => keep()`)
	x := newExchange("/private-path", "")
	name, value := []byte("canary-zzz"), []byte("canary-value")
	q := &raw.Question{Exchange: x, Place: p.Place(raw.Query, []byte("unknown-one")), Field: &raw.Field{Kind: raw.Query, Name: raw.Of(name), Value: raw.Of(value)}}
	if d := p.Decide(q); d.Transform != transform.Keep() {
		t.Fatal(d)
	}
	// The arena is used again for another exchange: nothing of the first may decide.
	copy(name, "##########")
	copy(value, "############")
	x.Request.Overwrite('#')
	if d := p.Decide(q); d.Transform != transform.Drop() {
		t.Error(d)
	}
}
