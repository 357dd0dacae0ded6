package redact

import (
	"strings"
	"testing"

	"weir/redact/category"
	"weir/redact/raw"
	"weir/redact/transform"
)

// The value has a category by its name, and what is found in it others.
func TestAFindingIsNotShownByTheTransformOfWhatItStandsIn(t *testing.T) {
	for _, c := range []struct {
		outer      transform.Transform
		value, got string
	}{
		{must(transform.TruncateText(64)), "anna@example.dk", "note="},
		{must(transform.TruncateText(64)), "call%20%2B4512345678%20now", "note="},
		{must(transform.Mask(8, 4)), "anna.jensen@example.dk", "note=***"},
		{transform.Domain(), "anna@example.dk", "note=example.dk"},
		{transform.Keep(), "anna@example.dk", "note=example.dk"},
	} {
		p := newPolicy(map[string]category.Key{"url.query.note": "x.note"},
			testRule{"note", func(q *raw.Question) bool { return q.Category == "x.note" }, c.outer},
			finding("mail", category.Email, transform.Domain()), finding("phone", category.PhoneNumber, transform.PhoneCountry()))
		if got, listed := query(t, p, "note="+c.value); got != c.got {
			t.Errorf("%v: %s is %s, want %s: %q", c.outer, c.value, got, c.got, listed)
		}
	}
}

func TestAHeaderOfAURLIsDroppedWithAPartThatItsTransformWouldShow(t *testing.T) {
	for _, then := range []transform.Transform{must(transform.TruncateText(100))} {
		b := newBed(t, typical(at("pages", "request.header.referer", then),
			testRule{"parts", func(q *raw.Question) bool { return q.Place.Text == "request.header.referer.query.email" }, transform.Domain()}))
		e := b.run(t, request("GET / HTTP\nReferer: https://x.dk/login?email=anna@example.dk", ""))
		if got, ok := e["http.request.header.referer"]; ok {
			t.Errorf("%v: %v", then, got)
		}
		without(t, b, "anna", "login")
	}
}

func TestAMaskShowsNoMoreOfAFindingThanItWouldOfItAlone(t *testing.T) {
	p := newPolicy(map[string]category.Key{"url.query.note": "x.note"}, finding("all", "x.note", must(transform.Mask(0, 16))),
		finding("mail", category.Email, must(transform.Mask(0, 16))))
	got, _ := query(t, p, "note=write%20to%20anna@example.dk")
	same(t, got, "note=***")
	got, _ = query(t, p, "note=write%20to%20us%20soon,%20we%20are%20there")
	same(t, got, "note=***on,%20we%20are%20there")
}

// In such a name the end of an address comes first: cutting its own end would leave
// the host and take the network.
func TestOfTheNameOfAnAddressInTheDNSTheNetworkIsLeft(t *testing.T) {
	p := newPolicy(known, finding("addresses", category.IPAddress, must(transform.Truncate(24, 48))), rest("the rest", "url.query.note", transform.Keep()))
	const v6 = "4.3.2.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
	for text, want := range map[string]string{
		"77.113.0.203.in-addr.arpa":       "note=203.0.113.0",
		"77.113.0.203.IN-ADDR.ARPA.":      "note=203.0.113.0.",
		"77.0-127.113.0.203.in-addr.arpa": "note=",
		v6:                                "note=2001:db8::",
		"at+" + v6 + "+and":               "note=at%202001:db8::%20and",
		v6[16:]:                           "note=",
		"203.0.113.77":                    "note=203.0.113.0",
	} {
		got, _ := query(t, p, "note="+text)
		same(t, got, want)
	}
}

func TestAHostThatNamesAnAddressIsNotKeptAsAName(t *testing.T) {
	p := newPolicy(known, finding("addresses", category.IPAddress, must(transform.Truncate(24, 48))), rest("the rest", "server.address", transform.Keep()))
	for host, want := range map[string]string{"77.113.0.203.in-addr.arpa": "203.0.113.0", "77.0/25.113.0.203.in-addr.arpa": "*"} {
		b := newBed(t, p)
		e := b.run(t, request("GET / HTTP\nHost: "+host, ""))
		if e["server.address"] != want {
			t.Errorf("%s is written %v", host, e["server.address"])
		}
		without(t, b, "77.113", "77.0/25")
	}
}

func TestWhatAHeaderOfAURLShowsOfItsPartsIsListedAsShown(t *testing.T) {
	mail := func(then transform.Transform) testRule {
		return testRule{"mail", func(q *raw.Question) bool { return q.Category == category.Email }, then}
	}
	for _, c := range []struct {
		header, part transform.Transform
		want, how    string
	}{
		{must(transform.TruncateText(100)), transform.Keep(), "https://x.dk/login?email=anna@example.dk", "truncate"},
		{must(transform.TruncateText(100)), transform.Domain(), "", "drop"},
		{must(transform.Mask(0, 16)), must(transform.Mask(0, 16)), "***", "drop"},
	} {
		b := newBed(t, newPolicy(known, mail(c.part), at("pages", "request.header.referer", c.header)))
		e := b.run(t, request("GET / HTTP\nReferer: https://x.dk/login?email=anna@example.dk", ""))
		got, _ := e["http.request.header.referer"].([]any)
		if (c.want == "") != (len(got) == 0) || len(got) == 1 && got[0] != c.want {
			t.Errorf("%v: %v", c.header, got)
		}
		for _, line := range list(e) {
			if strings.HasPrefix(line, "request.header.referer.query.email") && !strings.Contains(line, " "+c.how+" ") {
				t.Errorf("%v: %s", c.header, line)
			}
		}
	}
}
