package redact

import (
	"net/url"
	"strings"
	"testing"

	"weir/redact/category"
	"weir/redact/raw"
	"weir/redact/transform"
)

// transformed are values under a name of a category, and what a transform
// leaves: "*" is something that another test looks at.
var transformed = []struct {
	then        transform.Transform
	key         category.Key
	value, want string
}{
	{transform.Drop(), category.Email, "anna@example.dk", ""},
	{transform.Hash(), category.Email, "anna@example.dk", "*"},
	{must(transform.Mask(1, 1)), category.Email, "xanna@example.dx", "x***x"},
	{transform.Type(), "x.customer", "K1234567", "<customer>"},
	{transform.Type(), category.Email, "Anna <anna@example.dk>", "<email>"},
	{transform.Encrypt(), category.IPAddress, "203.0.113.77", "*"},
	{transform.Encrypt(), category.IPAddress, "[2001:db8::9]:443", "*"},
	{transform.Encrypt(), category.IPAddress, "unknown", ""},
	{transform.EncryptPrefix(), "x.app", "K1234567", ""},
	{transform.Domain(), category.Email, "Anna@Example.DK", "example.dk"},
	{transform.Domain(), category.Email, "Anna <anna%40mail.example.dk>", "example.dk"},
	{transform.Domain(), category.Email, "anna.jensen", ""},
	{transform.PhoneCountry(), category.PhoneNumber, "+45 12 34 56 78", "+45"},
	{transform.PhoneCountry(), category.PhoneNumber, "0045 (12) 345678", "+45"},
	{transform.PhoneCountry(), category.PhoneNumber, "no number", ""},
	{transform.Year(), category.DateOfBirth, "22-11-1990", "1990"},
	{transform.Month(), category.DateOfBirth, "1990-11-22", "1990-11"},
	{transform.Month(), category.DateOfBirth, "659232000", "1990-11"},
	{transform.Month(), "x.number", "659232000", ""},
	{transform.Month(), "x.seen", "Thu, 22 Nov 1990 10:00:00 GMT", "1990-11"},
	{transform.Month(), category.DateOfBirth, "in november", ""},
	{must(transform.Bucket(100)), "x.sum", "104729", "104700"},
	{must(transform.Bucket(100)), "x.sum", "１０４７２９", "104700"},
	{must(transform.Bucket(100)), "x.sum", "much", ""},
	{must(transform.Coordinates(1)), "user.location", "55.67613,12.56834", "55.7,12.6"},
	{must(transform.Coordinates(1)), "user.location", "55°40′", ""},
	{transform.Family(), "x.agent", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox 145"},
	{transform.Family(), "x.agent", "anna's own", ""},
	{transform.NoQuery(), "x.url", "https://a.forum.example/users/7?token=s3cr3t", "https://a.forum.example/users/7"},
	{transform.NoQuery(), "x.url", "s3cr3t?x", ""},
	{transform.Template(), "x.url", "https://a.forum.example/users/7f3c?token=s3cr3t", "https://forum.example/users/{id}"},
	{transform.Template(), "x.url", "/device/7f3c?token=s3cr3t", "/device/{who}"},
	{transform.Template(), "x.url", "/users/login/anna", "/users/login/{id}"},
	{transform.Template(), "x.url", "anna", ""},
}

// generalBed has a query key v of a category, for all of which there is one rule.
func generalBed(t testing.TB, key category.Key, then transform.Transform, more ...testRule) *bed {
	t.Helper()
	p := newPolicy(map[string]category.Key{"url.query.v": key, "url.query.note": ""},
		append(more, at("the rule", "url.query.v", then))...)
	p.route("/device/{who}")
	return newBed(t, p)
}

// value redacts a value of v, and gives what is written of it.
func (b *bed) value(t testing.TB, value, more string) string {
	t.Helper()
	e := b.run(t, request("GET /users?v="+strings.NewReplacer("+", "%2B", "&", "%26").Replace(url.PathEscape(value))+" HTTP"+more, ""))
	query, _ := e["url.query"].(string)
	got, err := url.PathUnescape(strings.TrimPrefix(query, "v="))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestTransformsLeaveWhatTheyShouldAndNothingMore(t *testing.T) {
	for _, c := range transformed {
		b := generalBed(t, c.key, c.then)
		got := b.value(t, c.value, "")
		if got != c.want && (c.want != "*" || got == "") {
			t.Errorf("%v of %q is %q, want %q", c.then, c.value, got, c.want)
		}
		if again := b.value(t, c.value, ""); again != got {
			t.Errorf("%v of %q is %q, then %q", c.then, c.value, got, again)
		}
		if k := c.then.Kind(); k.Generalises() {
			if again := b.value(t, got, ""); again != got {
				t.Errorf("%v is not idempotent: %q, %q", c.then, got, again)
			}
		}
		if b.counts.guarded != 0 || b.counts.faults[Keying] != 0 {
			t.Errorf("%v of %q: %d guarded", c.then, c.value, b.counts.guarded)
		}
		if c.value != c.want {
			without(t, b, c.value, url.QueryEscape(c.value), "s3cr3t", "Anna", "anna")
		}
	}
}

// What is written stands whoever sends the same elsewhere, and what was withheld
// is found in what is kept.
func TestTheGuardKnowsWhatTransformsYield(t *testing.T) {
	for _, c := range transformed {
		if len(c.want) < leastGuarded || c.then.Kind() == transform.KindNoQuery {
			continue
		}
		b := generalBed(t, c.key, c.then)
		if got := b.value(t, c.value, "\nCookie: sid="+c.want+"\nX-Other: "+c.want); got != c.want || b.counts.guarded != 0 {
			t.Errorf("a visitor took %q from the entry: %q", c.want, got)
		}
	}
	for _, c := range transformed {
		if len(c.value) < leastGuarded || c.value == c.want || c.key == category.Email && strings.Contains(c.value, "<") {
			continue
		}
		b := generalBed(t, c.key, c.then, at("notes", "url.query.note", transform.Keep()))
		b.run(t, request("GET /users?v="+url.QueryEscape(c.value)+"&note="+url.QueryEscape("xx "+c.value+" yy")+" HTTP", ""))
		if b.counts.guarded == 0 {
			t.Errorf("%v: %q was let through beside: %s", c.then, c.value, b.line(0))
		}
	}
}

func TestHeadersOfURLsAreLeftWithoutTheirQueryOrByTheirTemplate(t *testing.T) {
	const secret = "s3cr3t-of-anna"
	for _, c := range []struct {
		then       transform.Transform
		text, want string
	}{
		{transform.NoQuery(), "https://forum.example/users/7?t=" + secret + "&mail=anna@example.dk#" + secret, "https://forum.example/users/7"},
		{transform.NoQuery(), "https://forum.example/users/7", "https://forum.example/users/7"},
		{transform.NoQuery(), "https://forum.example/users/anna@example.dk?t=1", ""},
		{transform.NoQuery(), "https://" + secret + ":" + secret + "@forum.example/users", "https://forum.example/users"},
		{transform.NoQuery(), "mailto:" + secret, ""},
		{transform.Template(), "https://www.forum.example/users/" + secret + "?t=" + secret, "https://forum.example/users/{id}"},
		{transform.Template(), "https://www.forum.example/device/" + secret, "https://forum.example/device/{who}"},
		{transform.Template(), "https://203.0.113.7/users", ""},
		{transform.Template(), "mailto:" + secret, ""},
	} {
		p := newPolicy(nil, finding("people", "user.contact", transform.Drop()), at("pages", "request.header.referer", c.then))
		p.route("/device/{who}")
		b := newBed(t, p)
		e := b.run(t, request("GET /users HTTP\nReferer: "+c.text, ""))
		got, _ := e["http.request.header.referer"].([]any)
		if (c.want == "") != (len(got) == 0) || len(got) == 1 && got[0] != c.want || b.counts.guarded != 0 {
			t.Errorf("%v of %s is %v, want %q", c.then, c.text, got, c.want)
		}
		if kind := c.then.Kind(); c.want != "" {
			for _, line := range list(e) {
				if kind == transform.KindNoQuery && strings.Contains(line, " drop ") && !strings.Contains(line, ".query.") && !strings.Contains(line, "userinfo") && !strings.Contains(line, "fragment") {
					t.Errorf("%s is dropped, and is there: %s", line, c.want)
				}
			}
		}
		without(t, b, secret, "anna@example.dk")
	}
}

// Of a value in pieces a generalisation reads one.
func TestAGeneralisationIsWrittenOnce(t *testing.T) {
	b := generalBed(t, "", must(transform.Bucket(10)), finding("mail", category.Email, transform.Drop()))
	if got := b.value(t, "12 anna@example.dk 34", ""); got != "10" {
		t.Errorf("%q", got)
	}
}

// Whatever stands there: what is left of a value is what would be left of that, and
// of values that are hidden nothing stands in the entry.
func FuzzTransformsOfAnyValue(f *testing.F) {
	beds := make([]*bed, len(transformed))
	for i, c := range transformed {
		beds[i] = generalBed(f, c.key, c.then)
		f.Add(uint8(i), c.value)
	}
	f.Fuzz(func(t *testing.T, i uint8, value string) {
		c, b := transformed[int(i)%len(transformed)], beds[int(i)%len(transformed)]
		for _, sink := range b.sinks {
			sink.got, sink.sealed = nil, nil
		}
		b.counts.guarded = 0
		got := b.value(t, value, "")
		switch k := c.then.Kind(); {
		case b.counts.guarded != 0:
			t.Errorf("%v of %q: the guard had to step in", c.then, value)
		case k.Generalises() && k != transform.KindNoQuery:
			if again := b.value(t, got, ""); again != got {
				t.Errorf("%v of %q is %q, and of that %q", c.then, value, got, again)
			}
		case k < transform.KindMask && len(value) >= leastGuarded && !strings.Contains("h1.<customer><email>", value):
			if strings.Contains(got, value) {
				t.Errorf("%v left %q", c.then, value)
			}
		}
	})
}

func TestFindingsThatAreGeneralisedUnlikeAreDroppedByNoRule(t *testing.T) {
	p := newPolicy(map[string]category.Key{"url.query.v": category.Email},
		testRule{"numbers", func(q *raw.Question) bool { return q.Category == category.PhoneNumber }, transform.PhoneCountry()},
		finding("mail", category.Email, transform.Domain()))
	got, listed := query(t, p, "v=%2B45%2012%2034%2056%2078%20anna%40example.dk")
	same(t, got, "v=")
	same(t, listed, []string{"url.query.v user.contact.email drop -", "url.query.v user.contact.phone_number drop -"})
}
