package main

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"weir/policy/policytest"
	"weir/redact/category"
	"weir/redact/rewrite"
)

// Bounds of what is proposed: more than that nobody reads.
const (
	maxRoutes = 100
	maxFields = 100
	leastSeen = 3 // different values, for a field to be proposed
)

// proposal writes the files as it goes.
type proposal struct {
	*observed
	policy, cases strings.Builder
	people        []category.Key
}

// propose makes a policy and its cases of what passed. none are the lines that are of no
// exchange.
func propose(file, service string, format *rewrite.Format) (drafts []draft, none int, err error) {
	o, err := observe(file, service, format)
	if err != nil {
		return nil, 0, err
	}
	p := &proposal{observed: o}
	p.line("# Proposed from %s that passed. It says what was found, not what is right: read it,", counted(o.exchanges, "exchange"))
	p.line("# put your own names in, and let weir check tell what it lacks.")
	p.line("# Names of fields are proposed once each held %d different values.", leastSeen)
	p.line("controller: {name: Your Company, country: DK, contact: privacy@example.com}")
	if len(o.recipients) > 0 {
		p.line("defaults: {egress: alert, unseen: alert, on_error: deny, retain: 30d}")
	} else {
		p.line("defaults: {retain: 30d}")
	}
	p.cases.WriteString("# What policy.yaml makes of exchanges: weir test runs them.\n")
	p.routes()
	p.fields()
	p.rules(service)
	p.parties(service)
	return []draft{{"policy.yaml", []byte(p.policy.String())}, {"cases.yaml", []byte(p.cases.String())}}, o.none, nil
}

func (p *proposal) line(format string, args ...any) { fmt.Fprintf(&p.policy, format+"\n", args...) }

// test writes a case. What is sent in it was made up.
func (p *proposal) test(name, given, send, expect string) {
	fmt.Fprintf(&p.cases, "- name: %s\n  given: {%s}\n  send: |\n", name, given)
	for line := range strings.Lines(send) {
		p.cases.WriteString("    " + line)
	}
	fmt.Fprintf(&p.cases, "\n  expect: {%s}\n", expect)
}

func (p *proposal) routes() {
	most := slices.SortedFunc(maps.Keys(p.paths), func(a, b string) int {
		return cmp.Or(cmp.Compare(p.paths[b], p.paths[a]), cmp.Compare(a, b))
	})
	if len(most) == 0 {
		return
	}
	p.line("\nroutes:")
	shown := most[:min(len(most), maxRoutes)]
	slices.Sort(shown)
	for _, t := range shown {
		p.line("  - at: %s # %d", t, p.paths[t])
	}
	if len(most) > maxRoutes {
		p.line("  # and %d more", len(most)-maxRoutes)
	}
}

// fields proposes categories for names that weir does not know: that of what was
// found there, or that of an id where its values all differ and are like one. A name
// that may be somebody's is counted and not told.
func (p *proposal) fields() {
	found := map[string]category.Key{}
	for place, values := range p.names {
		by, ids := map[category.Key]int{}, 0
		for _, v := range values {
			by[v.category]++
			if v.number && v.category == "" {
				ids++
			}
		}
		if len(values) < leastSeen {
			continue
		}
		if 2*ids > len(values) {
			found[place] = category.UniqueID
		}
		for k, n := range by {
			if k != "" && 2*n > len(values) {
				found[place] = k
			}
		}
	}
	withheld := len(found)
	maps.DeleteFunc(found, func(place string, _ category.Key) bool {
		return policytest.PlainName([]byte(place[strings.LastIndexByte(place, '.')+1:])) == ""
	})
	withheld -= len(found)
	if withheld > 0 {
		p.line("\n# not proposed, for they are of words that weir does not know: the names of %s", counted(withheld, "field"))
	}
	if len(found) == 0 {
		return
	}
	p.line("\nfields: # names of which weir knows each word")
	for i, place := range slices.Sorted(maps.Keys(found)) {
		if i == maxFields {
			p.line("  # and %d more", len(found)-maxFields)
			break
		}
		p.line("  %q: %s", place, found[place])
		p.categories[found[place]] = true
	}
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// seen reports whether anything at or below a category was found.
func (p *proposal) seen(k category.Key) bool {
	for c := range p.categories {
		if c.Within(k) {
			return true
		}
	}
	return false
}

// suggestion is a rule for a category, and a case for it.
type suggestion struct {
	within        category.Key
	exactly       bool // nothing below it
	name, purpose string
	then          string
	sent, value   string // of the case: a query or a line of its request, and what must not be written of it
	expect        string
}

var suggestions = []suggestion{
	{category.IPAddress, false, "visitors' addresses", "essential.service.security", "truncate(24, 48)", "X-Forwarded-For: 198.51.100.23", "198.51.100.23", "entry: {client.address: 203.0.113.0}"},
	{"user.behavior.browsing_history", false, "pages visitors come from", "analytics.reporting", "origin()", "Referer: https://forum.example/t/4711?u=anna", "4711", "redacted: {request.header.referer: origin}"},
	{"user.device", true, "browsers", "essential.service.operations.support", "family()",
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Gecko", "redacted: {request.header.user-agent: family}"},
	{category.PreciseLocation, false, "places, to a kilometre", "functional.service", "coordinates(2)", "?lat=55.676098&lon=12.568337", "55.676098", "redacted: {url.query.lat: coordinates}"},
}

// people are those categories of which pseudonyms serve.
var people = []struct {
	category category.Key
	query    string
	value    string
}{
	{category.Email, "email=anna%40example.dk", "anna@example.dk"},
	{category.PhoneNumber, "phone=%2B4532123456", "+4532123456"},
	{category.UniqueID, "userid=4711-8842", "4711-8842"},
	{"user.account", "username=anna77", "anna77"},
	{category.CookieID, "cid=GA1.2.1234567890.1700000000", "1234567890.1700000000"},
	{category.DeviceID, "mac=3C%3A22%3AFB%3A4A%3A91%3A0E", "3C:22:FB:4A:91:0E"},
}

func (p *proposal) rules(service string) {
	p.line("\nredact: # what no rule names is not written")
	var when, query, values, expect []string
	for _, h := range people {
		if p.seen(h.category) {
			p.people = append(p.people, h.category)
			when = append(when, fmt.Sprintf("field.category.within(%q)", h.category))
			name, _, _ := strings.Cut(h.query, "=")
			query, values, expect = append(query, h.query), append(values, `"`+h.value+`"`), append(expect, "url.query."+name+": hash")
		}
	}
	rule := func(name, purpose, when, then string) {
		p.line("  - name: %s\n    purpose: %s\n    when: %s\n    then: %s", name, purpose, when, then)
	}
	if len(when) > 0 {
		rule("people we recognise again for a day", "essential.service.security", strings.Join(when, " || "), "hash()")
		p.test("people are not recognised in an entry", "service: "+service, "GET /?"+strings.Join(query, "&")+" HTTP/1.1\nHost: www.example.com",
			"redacted: {"+strings.Join(expect, ", ")+"}, nowhere: ["+strings.Join(values, ", ")+"]")
	}
	for _, s := range suggestions {
		if !p.seen(s.within) {
			continue
		}
		when := fmt.Sprintf("field.category.within(%q)", s.within)
		if s.exactly {
			when = fmt.Sprintf("field.category == %q", s.within)
		}
		rule(s.name, s.purpose, when, s.then)
		query, header := "", s.sent
		if strings.HasPrefix(s.sent, "?") {
			query, header = s.sent, "Accept: */*"
		}
		p.test(s.name, "service: "+service+", client: 203.0.113.77", "GET /"+query+" HTTP/1.1\nHost: www.example.com\n"+header,
			s.expect+fmt.Sprintf(", nowhere: [%q]", s.value))
	}
	rule("what kind of content it is", "essential.service.operations.support", `field.name == "content-type"`, "keep()")
	p.test("what kind of content it is", "service: "+service, "GET /?sort=tomorrow-at-noon HTTP/1.1\nHost: www.example.com\nContent-Type: text/plain",
		"entry: {http.request.header.content-type: text/plain}, nowhere: [tomorrow-at-noon]")
	p.unwritten()
}

// unwritten tells what was found and is not written.
func (p *proposal) unwritten() {
	var none []string
	for k := range p.categories {
		covered := slices.ContainsFunc(p.people, k.Within) ||
			slices.ContainsFunc(suggestions, func(s suggestion) bool { return k.Within(s.within) && (!s.exactly || k == s.within) })
		if !covered {
			none = append(none, string(k))
		}
	}
	if slices.Sort(none); len(none) > 0 {
		p.line("  # found and not written: %s", strings.Join(none, ", "))
	}
}

var notInName = regexp.MustCompile(`[^a-z0-9_.-]+`)

// parties declares who else was sent to.
func (p *proposal) parties(service string) {
	if len(p.recipients) == 0 {
		return
	}
	p.line("\nparties: # their names, countries, agreements and purposes are not known here")
	used, told := map[string]bool{}, false
	for _, domain := range slices.Sorted(maps.Keys(p.recipients)) {
		r := p.recipients[domain]
		id, _, _ := strings.Cut(domain, ".")
		id = strings.Trim(notInName.ReplaceAllString(id, "-"), "-_.")
		for n := 2; used[id] || id == "" || len(id) > 60; n++ {
			id = fmt.Sprintf("party-%d", n)
		}
		used[id] = true
		var hosts []string
		example := domain
		if r.bare {
			hosts = append(hosts, `"`+domain+`"`)
		}
		if r.below {
			hosts, example = append(hosts, `"*.`+domain+`"`), "host."+domain
		}
		var categories []string
		for k := range r.categories {
			categories = append(categories, string(k))
		}
		slices.Sort(categories)
		p.line("  %q:\n    name: %q\n    uses:\n      seen: {hosts: [%s], services: [%s], categories: [%s]}", id, domain, strings.Join(hosts, ", "), service, strings.Join(categories, ", "))
		p.test(domain+" is declared", "service: "+service, "GET https://"+example+"/", "party: "+id+"/seen, verdict: allow, by: who is declared")
		if !told && !slices.Contains(categories, "user.financial.credit_card") {
			told = true
			p.test(domain+" gets what it is not declared for", "service: "+service+", categories: [user.financial.credit_card]", "GET https://"+example+"/",
				"party: "+id+"/seen, verdict: alert, by: more than is declared")
		}
	}
	p.line(`
egress: # nothing is held back yet: alert becomes deny, here and in defaults, once the parties are right
  - name: more than is declared
    purpose: essential.legal_obligation
    when: party.declared && flow.excess.size() > 0
    then: alert("more than this recipient is declared for")
  - name: who is declared
    purpose: essential.service
    when: party.declared
    then: allow()`)
	p.test("a recipient that nobody declared is told of", "service: "+service, "GET https://unknown.example/", "party: undeclared, verdict: alert, by: defaults")
}
