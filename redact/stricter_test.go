package redact

import (
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
