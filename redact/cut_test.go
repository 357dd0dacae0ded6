package redact

import (
	"strings"
	"testing"

	"weir/redact/category"
	"weir/redact/transform"
	"weir/redact/walk"
)

const pseudonym = "h1."

func TestAURLIsCutBeforeWhatIsFoundInItIsDecided(t *testing.T) {
	for _, key := range []category.Key{"", "x.url"} {
		for _, c := range []struct {
			then       transform.Transform
			text, want string
		}{
			{transform.NoQuery(), "https://annajensen:secret@intern.example/a/b", pseudonym},
			{transform.NoQuery(), "https://annajensen:secret@intern.example:80/a/b?e=bo@x.dk", pseudonym},
			{transform.NoQuery(), "https://anna@x.dk:@intern/users", "https://intern/users"},
			{transform.NoQuery(), "/a/b?e=bo@x.dk", "/a/b"},
			{transform.NoQuery(), "/a/b?e=bo@x.dk&e=anna@x.dk#anna@x.dk", "/a/b"},
			{transform.NoQuery(), "/a/bo@x.dk/b?secret", pseudonym},
			{transform.NoQuery(), "https://forum.example/a?e=bo@x.dk", "https://forum.example/a"},
			{transform.Origin(), "https://forum.example/anna@x.dk?e=bo@x.dk", "https://forum.example"},
			{transform.Template(), "https://forum.example/users/anna@x.dk?e=bo@x.dk", "https://forum.example/users/{id}"},
			{transform.Origin(), "https://annajensen:secret@intern.example/a/b", pseudonym},
		} {
			p := newPolicy(map[string]category.Key{"url.query.v": key}, finding("mail", category.Email, transform.Hash()), at("urls", "url.query.v", c.then))
			b := newBed(t, p)
			got := b.value(t, c.text, "")
			if got != c.want && !(c.want == pseudonym && strings.HasPrefix(got, pseudonym) && len(got) == len(pseudonym)+22) || b.counts.guarded != 0 {
				t.Errorf("%v of %s as %q is %q, want %q, %d guarded", c.then, c.text, key, got, c.want, b.counts.guarded)
			}
			if all := strings.Join(list(b.last(t)), "\n"); !strings.Contains(all, "url.query.v user.contact.email ") {
				t.Errorf("%s: the address is not listed: %s", c.text, all)
			}
			without(t, b, "annajensen", "secret", "anna@", "bo@")
		}
	}
}

// What stands before and behind a finding is no URL by itself.
func TestNoPieceOfWhatIsNoURLIsReadAsOne(t *testing.T) {
	p := newPolicy(map[string]category.Key{"url.query.v": ""}, finding("mail", category.Email, transform.Hash()), rest("urls", "url.query.v", transform.NoQuery()))
	for _, text := range []string{"anna@x.dk/of-bo", "https://of-bo: anna@x.dk", "https://of-bo/ anna@x.dk"} {
		b := newBed(t, p)
		if got := b.value(t, text, ""); len(got) > len(pseudonym)+22 {
			t.Errorf("%s is %s", text, got)
		}
		without(t, b, "of-bo", "anna")
	}
}

func TestAHeaderThatWasCutIsNotRemembered(t *testing.T) {
	for left := range 6 {
		b := newBed(t, leaky(at("pages", "request.header.referer", transform.Drop())))
		const referer = "\nReferer: https://www.example/a?mail=anna@x.dk"
		many := "\nCookie: " + strings.Repeat("a=b;", walk.MaxFields-3-left)
		for _, head := range []string{many + referer, referer, many + referer} {
			b.run(t, request("GET /users HTTP"+head, ""))
		}
	}
}
