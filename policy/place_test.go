package policy_test

import (
	"slices"
	"testing"

	"weir/policy"
	"weir/redact/category"
	"weir/redact/detect"
	"weir/redact/raw"
	"weir/redact/transform"
)

func TestPlaceWritesTheVocabularysNameNeverTheSenders(t *testing.T) {
	p := parse(t, "fields: {url.query.KundeNr: user.unique_id, request.header.x-app: x.tenant}\n", `field.name == "Mine" => keep()`)
	for _, c := range []struct {
		kind       raw.Kind
		sent, want string
		category   string
	}{
		{raw.Query, "EMAIL", "url.query.email", "user.contact.email"},
		{raw.Query, "e%2Dmail", "url.query.email", "user.contact.email"},
		{raw.Query, "anna-jensen[email]", "url.query.*", "user.contact.email"},
		{raw.Query, "anna.jensen", "url.query.*", ""},
		{raw.Query, "KundeNr", "url.query.KundeNr", "user.unique_id"},
		{raw.Query, "Mine", "url.query.Mine", ""},
		{raw.Query, "mine", "url.query.*", ""},
		{raw.RequestHeader, "MINE", "request.header.mine", ""},
		{raw.RequestHeader, "X-APP", "request.header.x-app", "x.tenant"},
		{raw.ResponseHeader, "X-APP", "response.header.*", ""},
		{raw.RequestHeader, "User-Agent", "request.header.user-agent", "user.device"},
		{raw.RequestHeader, "", "request.header.*", ""},
		{raw.ClientAddress, "", "client.address", "user.device.ip_address"},
		{raw.Userinfo, "", "url.userinfo", "user.authorization.credentials"},
		{raw.Path, "", "url.path", ""},
	} {
		pl := p.Place(c.kind, []byte(c.sent))
		if pl.Text != c.want || string(pl.Category) != c.category || pl.Kind != c.kind {
			t.Errorf("%s: %s %s, want %s %s", c.sent, pl.Text, pl.Category, c.want, c.category)
		}
		if again := p.Place(c.kind, []byte(c.sent)); again != pl {
			t.Errorf("%s: two places", c.sent)
		}
	}
}

func TestEveryNameOfTheVocabularyHasOnePlaceOfItsOwn(t *testing.T) {
	p := parse(t, "", `field.name == "x" => keep()`)
	seen := make(map[*raw.Place]string)
	ids := make(map[int]bool)
	detect.BuiltIn().All()(func(m detect.Match) bool {
		pl := p.Place(raw.Query, []byte(m.Name))
		if pl.Category != m.Category || pl.Harmless != m.Harmless || pl.Confidence != m.Confidence {
			t.Errorf("%s: %+v", m.Name, pl)
		}
		if pl.Name != m.Name {
			t.Errorf("%s is written %s", m.Name, pl.Name)
		}
		seen[pl] = m.Name
		ids[pl.ID] = true
		return true
	})
	if len(ids) != len(seen) {
		t.Errorf("%d places have %d numbers", len(seen), len(ids))
	}
}

func TestNamesThatNobodyKnowsMakeNoPlaces(t *testing.T) {
	p := parse(t, "", `field.name.startsWith("x") => keep()`)
	x := newExchange("/", "")
	places := make(map[*raw.Place]bool)
	for i := range 20_000 {
		name := []byte{'x', 'q', byte('a' + i%26), byte('a' + i/26%26), byte('a' + i/676%26)}
		pl := p.Place(raw.Query, name)
		places[pl] = true
		q := &raw.Question{Exchange: x, Place: pl, Field: &raw.Field{Kind: raw.Query, Name: raw.Of(name)}}
		p.Decide(q)
	}
	if len(places) > 30 { // some end in words of the vocabulary
		t.Errorf("%d places for names that nobody knows", len(places))
	}
}

func TestPartsOfAHeadersURLHaveTheirOwnPlaces(t *testing.T) {
	p := parse(t, "fields: {request.header.referer.query.kid: x.kid, request.header.referer.path: x.path, 'response.**.kid': x.other}\n", `field.name == "x" => keep()`)
	referer := p.Place(raw.RequestHeader, []byte("Referer"))
	location := p.Place(raw.ResponseHeader, []byte("Location"))
	for _, c := range []struct {
		header     *raw.Place
		kind       raw.Kind
		name, want string
		category   string
	}{
		{referer, raw.Query, "email", "request.header.referer.query.email", "user.contact.email"},
		{referer, raw.Query, "kid", "request.header.referer.query.kid", "x.kid"},
		{location, raw.Query, "kid", "response.header.location.query.kid", "x.other"},
		{location, raw.Query, "zzq", "response.header.location.query.*", ""},
		{referer, raw.Path, "", "request.header.referer.path", "x.path"},
		{location, raw.Path, "", "response.header.location.path", ""},
		{location, raw.Userinfo, "", "response.header.location.userinfo", "user.authorization.credentials"},
		{location, raw.Host, "", "response.header.location.host", ""},
		{location, raw.Fragment, "", "response.header.location.fragment", ""},
		{location, raw.ResponseHeader, "location", "response.header.location", ""},
	} {
		pl := p.Within(c.header, c.kind, []byte(c.name))
		if pl.Text != c.want || string(pl.Category) != c.category && c.kind != raw.ResponseHeader {
			t.Errorf("%s %s, want %s %s", pl.Text, pl.Category, c.want, c.category)
		}
	}
}

// A sender who names every name of the vocabulary in every header that is a URL
// must not bring about that a part of a header is taken for the header itself,
// which a rule may keep.
func TestPlacesBeyondTheBoundAreNoLessRight(t *testing.T) {
	p := parse(t, "", `field.place == "request.header.referer" => keep()`, `field.place == "request.header.referer.query.kid" => mask()`,
		`field.category == "user.contact.email" => hash()`)
	urls := []string{"origin", "content-location", "destination", "x-original-url", "x-rewrite-url", "x-original-uri", "x-forwarded-uri", "sourcemap", "refresh", "link", "location"}
	numbered := true
	for _, kind := range []raw.Kind{raw.ResponseTrailer, raw.RequestTrailer, raw.ResponseHeader, raw.RequestHeader} {
		for _, header := range urls {
			within := p.Place(kind, []byte(header))
			detect.BuiltIn().All()(func(m detect.Match) bool {
				numbered = p.Within(within, raw.Query, []byte(m.Name)).ID >= 0 && numbered
				return true
			})
		}
	}
	if numbered {
		t.Fatal("the bound was not reached")
	}
	x := newExchange("/", "")
	referer := p.Place(raw.RequestHeader, []byte("referer"))
	for _, c := range []struct {
		kind           raw.Kind
		name, category string
		text           string
		want           transform.Kind
	}{
		{raw.Host, "", "", "request.header.referer.host", transform.KindDrop},
		{raw.Path, "", "", "request.header.referer.path", transform.KindDrop},
		{raw.Query, "page", "", "request.header.referer.query.page", transform.KindDrop},
		{raw.Query, "zzq", "", "request.header.referer.query.*", transform.KindDrop},
		{raw.Query, "kid", "", "request.header.referer.query.kid", transform.KindMask},
		{raw.Query, "email", "user.contact.email", "request.header.referer.query.email", transform.KindHash},
	} {
		pl := p.Within(referer, c.kind, []byte(c.name))
		if pl.Text != c.text || string(pl.Category) != c.category || pl != p.Within(referer, c.kind, []byte(c.name)) {
			t.Errorf("%s %s, want %s %s", pl.Text, pl.Category, c.text, c.category)
		}
		q := &raw.Question{Exchange: x, Place: pl, Category: pl.Category, Confidence: pl.Confidence, Field: &raw.Field{Kind: c.kind, Name: raw.Of([]byte(c.name))}}
		if d := p.Decide(q); d.Transform.Kind() != c.want {
			t.Errorf("%s: %s", pl.Text, d.Transform)
		}
	}
}

func TestFieldsGiveCategoriesByPattern(t *testing.T) {
	p := parse(t, `fields:
  request.cookie.*: user.device.cookie_id
  request.cookie.theme: x.theme
  "**.kundenr": user.unique_id
  url.**.deep: x.deep
  url.host: x.host
`, `field.name == "x" => keep()`)
	for _, c := range []struct {
		kind       raw.Kind
		name, want string
		category   string
	}{
		{raw.RequestCookie, "anything", "request.cookie.*", "user.device.cookie_id"},
		{raw.RequestCookie, "theme", "request.cookie.theme", "x.theme"},
		{raw.RequestCookie, "kundenr", "request.cookie.kundenr", "user.device.cookie_id"},
		{raw.ResponseCookie, "kundenr", "response.cookie.kundenr", "user.unique_id"},
		{raw.RequestTrailer, "Kundenr", "request.trailer.kundenr", "user.unique_id"},
		{raw.Query, "deep", "url.query.deep", "x.deep"},
		{raw.RequestHeader, "deep", "request.header.*", ""},
		{raw.Host, "", "url.host", "x.host"},
	} {
		pl := p.Place(c.kind, []byte(c.name))
		if pl.Text != c.want || string(pl.Category) != c.category {
			t.Errorf("%s: %s %s, want %s %s", c.name, pl.Text, pl.Category, c.want, c.category)
		}
	}
}

func TestRouteTakesTheMostLiteral(t *testing.T) {
	p := parse(t, `routes:
  - at: /
  - at: /a/{id}
  - at: /a/new
  - at: /a/{id}/x
  - at: /a/new/y
  - at: /{what}/new/{n}
  - at: /dir/
  - at: /blåbær/{id}
`, `field.name == "x" => keep()`)
	for path, want := range map[string]string{
		"/": "/", "/a/1": "/a/{id}", "/a/new": "/a/new", "/a/new/x": "/a/{id}/x", "/a/new/y": "/a/new/y", "/a/new/z": "/{what}/new/{n}",
		"/dir/": "/dir/", "/dir": "", "/a/": "", "/a//x": "", "/a/n%65w": "/a/new", "/a%2Fnew": "", "/a/b%2Fc": "/a/{id}",
		"/bl%C3%A5b%c3%a6r/7": "/blåbær/{id}", "": "", "*": "", "a/1": "", "/a/%": "/a/{id}", "/A/1": "",
	} {
		got := ""
		if r := p.Route([]byte(path)); r != nil {
			got = r.Template
		}
		if got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
	r := p.Route([]byte("/a/1/x"))
	var names []string
	for _, s := range r.Segments {
		names = append(names, s.Literal+s.Name)
	}
	if !slices.Equal(names, []string{"a", "id", "x"}) || r.Segments[1].Place.Text != "url.path.id" || r.Segments[0].Place != nil {
		t.Error(names)
	}
}

func TestHotPathDoesNotAllocate(t *testing.T) {
	p := nordhost(t)
	x := newExchange("/device/17", "")
	names := [][]byte{[]byte("Referer"), []byte("X-App"), []byte("x-forwarded-for"), []byte("unknown-one")}
	var questions []*raw.Question
	for _, n := range names {
		questions = append(questions, question(p, x, raw.RequestHeader, string(n), "v", "", 0), question(p, x, raw.RequestHeader, string(n), "v", "user.contact.email", 95))
	}
	path := []byte("/u/anna/settings")
	referer := p.Place(raw.RequestHeader, []byte("referer"))
	if n := testing.AllocsPerRun(100, func() {
		for _, name := range names {
			p.Place(raw.RequestHeader, name)
		}
		p.Within(referer, raw.Query, names[0])
		for _, q := range questions {
			p.Decide(q)
		}
		p.Route(path)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func nordhost(t testing.TB) *policy.Policy {
	t.Helper()
	p, err := policy.Load("testdata/nordhost.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPolicyTellsWhatItIs(t *testing.T) {
	p := nordhost(t)
	if class, keep := p.Retain(); class != "30d" || keep.Hours() != 720 {
		t.Error(class, keep)
	}
	if c := p.Controller(); c != (policy.Controller{Name: "Nordhost ApS", Country: "DK", Contact: "privacy@nordhost.example"}) {
		t.Error(c)
	}
	f := p.Fingerprint()
	if len(f) != len("sha256:")+64 || p.For("www").Fingerprint() != f {
		t.Error(f)
	}
	if w := p.Lint(); len(w) != 0 {
		t.Error(w)
	}
	if _, err := policy.Load("testdata/none.yaml"); err == nil {
		t.Error("a missing file was loaded")
	}
}

func TestKindAloneSaysWhoseAValueIs(t *testing.T) {
	p := parse(t, "", `field.name == "none" => keep()`)
	for kind, want := range map[raw.Kind]category.Key{raw.ClientCertificate: category.UniqueID, raw.ClientAddress: category.IPAddress,
		raw.Userinfo: category.Credentials, raw.ServerName: ""} {
		if got := p.Place(kind, nil).Category; got != want {
			t.Errorf("%s: %q", kind.Place(), got)
		}
	}
	p = parse(t, "fields: {client.certificate: x.machine}\n", `field.name == "none" => keep()`)
	if got := p.Place(raw.ClientCertificate, nil).Category; got != "x.machine" {
		t.Errorf("%q", got)
	}
}
