package policy_test

import (
	"fmt"
	"testing"

	"weir/policy"
	"weir/redact/raw"
)

// many is a policy of n rules of which the last one matches.
func many(b *testing.B, n int) *policy.Policy {
	var rules []string
	for i := range n - 1 {
		rules = append(rules, fmt.Sprintf(`field.category == "x.c%d" && field.place.startsWith("url") => keep()`, i))
	}
	return parse(b, "", append(rules, `field.category.within("user.contact") => hash()`)...)
}

func BenchmarkDecideRemembered(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			p := many(b, n)
			q := question(p, newExchange("/", ""), raw.Query, "q", "v", "user.contact.email", 95)
			p.Decide(q)
			b.ReportAllocs()
			for b.Loop() {
				p.Decide(q)
			}
		})
	}
	b.Run("remainder", func(b *testing.B) {
		p := nordhost(b)
		q := question(p, newExchange("/", ""), raw.Query, "page", "1", "", 0)
		b.ReportAllocs()
		for b.Loop() {
			p.Decide(q)
		}
	})
}

func BenchmarkDecideFirstTime(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			p := many(b, n)
			q := question(p, newExchange("/", ""), raw.Query, "q", "v", "user.contact.email", 95)
			place := *q.Place
			q.Place = &place
			b.ReportAllocs()
			for b.Loop() {
				p.Decide(q)
			}
		})
	}
}

func BenchmarkDecideAtRunTime(b *testing.B) {
	x := newExchange("/orders/17?a=b", "")
	for i := range 10 {
		x.Request.Add([]byte(fmt.Sprintf("x-header-%d", i)), []byte("value"))
	}
	x.Request.Add([]byte("X-App"), []byte("shop"))
	for name, rule := range map[string]string{
		"value":     `field.value.startsWith("abc") => keep()`,
		"regex":     `field.value.matches("^[0-9a-f]{8}$") => keep()`,
		"header":    `request.header["x-app"] == "other" => keep()`,
		"method":    `field.category.within("user") && request.method == "POST" => keep()`,
		"status":    `field.category.within("user") && response.status >= 500 => keep()`,
		"unnamed":   `field.name.startsWith("x-") => keep()`,
		"path":      `request.path.startsWith("/orders") => keep()`,
		"loop":      `["a", "b", "c"].exists(s, field.value.startsWith(s)) => keep()`,
		"addresses": `cidr("10.0.0.0/8").containsIP(client.address) => keep()`,
	} {
		b.Run(name, func(b *testing.B) {
			p := parse(b, "", rule)
			key := ""
			if name == "method" || name == "status" {
				key = "user.name"
			}
			q := question(p, x, raw.Query, "x-unknown", "0123abcd", key, 90)
			p.Decide(q)
			b.ReportAllocs()
			for b.Loop() {
				p.Decide(q)
			}
		})
	}
}

func BenchmarkPlace(b *testing.B) {
	p := nordhost(b)
	for name, c := range map[string]struct {
		kind raw.Kind
		sent string
	}{
		"vocabulary": {raw.RequestHeader, "Content-Type"},
		"policy":     {raw.RequestHeader, "X-App"},
		"query":      {raw.Query, "email"},
		"variant":    {raw.Query, "customer[email]"},
		"unknown":    {raw.RequestHeader, "x-something-else"},
		"no name":    {raw.ClientAddress, ""},
	} {
		b.Run(name, func(b *testing.B) {
			sent := []byte(c.sent)
			b.ReportAllocs()
			for b.Loop() {
				p.Place(c.kind, sent)
			}
		})
	}
	b.Run("within", func(b *testing.B) {
		referer, name := p.Place(raw.RequestHeader, []byte("referer")), []byte("email")
		b.ReportAllocs()
		for b.Loop() {
			p.Within(referer, raw.Query, name)
		}
	})
}

func BenchmarkRoute(b *testing.B) {
	more := "routes:\n"
	for i := range 1000 {
		more += fmt.Sprintf("  - at: /r%d/{id}/x\n", i)
	}
	p := parse(b, more, `field.name == "x" => keep()`)
	for _, path := range []string{"/r999/17/x", "/r999/17/y", "/r%39/17/x", "/index.html"} {
		b.Run(path[1:], func(b *testing.B) {
			sent := []byte(path)
			b.ReportAllocs()
			for b.Loop() {
				p.Route(sent)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		nordhost(b)
	}
}
