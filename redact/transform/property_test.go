package transform

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"weir/redact/category"
	"weir/redact/keys"
)

var start = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func ring(t testing.TB) *keys.Ring {
	t.Helper()
	r, err := keys.Open(keys.Config{Dir: filepath.Join(t.TempDir(), "keys"), Now: func() time.Time { return start }})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func maker(t testing.TB, k Keys, hosts ...string) *Maker {
	t.Helper()
	h, err := NewHosts(hosts)
	if err != nil {
		t.Fatal(err)
	}
	m := NewMaker(Config{Keys: k, Service: "www", Hosts: h})
	m.Begin("30d", start)
	return m
}

// done is what t leaves of text. The address is that of the text, where it is one.
func done(m *Maker, t Transform, key category.Key, text string) (string, Transform) {
	v := &Value{Category: key, Text: []byte(text), Canonical: []byte(text)}
	if a, err := netip.ParseAddr(text); err == nil {
		v.Address = a
	}
	m.Open(Plain)
	how := m.Apply(t, v)
	return m.Close().String(), how
}

func must(t Transform, err error) Transform {
	if err != nil {
		panic(err)
	}
	return t
}

// texts are values of all sorts, the same in each run.
func texts() []string {
	out := []string{"a", "anna@example.dk", "Jørgen Ærø", "203.0.113.77", "2001:db8:1:2::9", "日本語のテキスト", "with spaces and \t tabs",
		"\xff\xfe broken", "{id}", "h1.x", "***", strings.Repeat("long ", 200), "\u202eevil", "\x00\x1b[31m"}
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		b := make([]byte, 1+r.IntN(60))
		for i := range b {
			b[i] = byte(33 + r.IntN(94))
		}
		out = append(out, string(b))
	}
	return out
}

func TestHashIsDeterministicAndDistinctAndHidesTheValue(t *testing.T) {
	m, other := maker(t, ring(t)), maker(t, ring(t))
	seen := map[string]string{}
	for _, text := range texts() {
		one, how := done(m, Hash(), category.Email, text)
		two, _ := done(m, Hash(), category.Email, text)
		if one != two || how != Hash() || len(one) != len("h1.")+22 || !strings.HasPrefix(one, "h1.") {
			t.Fatalf("%q and %q", one, two)
		}
		if before, ok := seen[one]; ok && before != text {
			t.Errorf("two values have one pseudonym")
		}
		seen[one] = text
		if len(text) >= 4 && strings.Contains(one, text) {
			t.Errorf("the value stands in its pseudonym")
		}
		if theirs, _ := done(other, Hash(), category.Email, text); theirs == one {
			t.Errorf("two rings give one pseudonym")
		}
	}
}

func TestPseudonymsDifferByCategoryDomainClassAndEpoch(t *testing.T) {
	r := ring(t)
	m := maker(t, r)
	seen := map[string]bool{}
	add := func(m *Maker, key category.Key) {
		got, _ := done(m, Hash(), key, "anna@example.dk")
		if got == "" || seen[got] {
			t.Errorf("pseudonym %q a second time", got)
		}
		seen[got] = true
	}
	add(m, category.Email)
	add(m, "user.account.username")
	m.Begin("90d", start)
	add(m, category.Email)
	m.Begin("30d", start.Add(24*time.Hour))
	add(m, category.Email)
	add(NewMaker(Config{Keys: r, Service: "billing", Hosts: &Hosts{}}).begun(), category.Email)
	m.Begin("30d", start.Add(time.Hour))
	if again, _ := done(m, Hash(), category.Email, "anna@example.dk"); !seen[again] {
		t.Error("the same class and epoch gave another pseudonym")
	}
}

func (m *Maker) begun() *Maker { m.Begin("30d", start); return m }

type lost struct{}

func (lost) Key(string, time.Time, string, category.Key) (keys.Key, error) {
	return keys.Key{}, errors.New("destroyed")
}
func (lost) Encryption(string, time.Time, string, keys.Way) (keys.Key, error) {
	return keys.Key{}, errors.New("destroyed")
}

func (lost) Epoch(time.Time) string { return "2026-11-22" }
func (lost) Version() uint64        { return 0 }

func TestAHashWithoutAKeyIsDroppedAndCounted(t *testing.T) {
	for _, m := range []*Maker{maker(t, lost{}), maker(t, nil)} {
		if got, how := done(m, Hash(), category.Email, "anna@example.dk"); got != "" || how != Drop() || m.Failed() != 1 {
			t.Errorf("%q, %v, %d failed", got, how, m.Failed())
		}
	}
}

func TestStricterLeavesNoMoreThanEither(t *testing.T) {
	all := []Transform{Drop(), Hash(), must(Replace("x")), must(Mask(1, 2)), must(Mask(2, 1)), must(Truncate(24, 48)),
		must(Truncate(16, 64)), must(TruncateText(3)), must(TruncateText(9)), Origin(), Keep(),
		Type(), Encrypt(), EncryptPrefix(), Family(), PhoneCountry(), Year(), Month(), Domain(), Template(), NoQuery(), must(Bucket(10)), must(Bucket(15)),
		must(Bucket(MaxBucket)), must(Coordinates(1)), must(Coordinates(3))}
	for i, a := range all {
		for _, b := range all[i:] {
			s := Stricter(a, b)
			if s != Stricter(b, a) || s != Stricter(s, a) || s != Stricter(s, b) || s.kind > a.kind || s.kind > b.kind {
				t.Errorf("stricter of %v and %v is %v", a, b, s)
			}
		}
	}
	for _, c := range [][3]Transform{
		{must(Truncate(24, 48)), must(Truncate(16, 64)), must(Truncate(16, 48))},
		{Month(), Year(), Year()}, {NoQuery(), Template(), Template()}, {Origin(), NoQuery(), Origin()},
		{Month(), Domain(), Drop()}, {must(Bucket(10)), must(Coordinates(1)), Drop()}, {must(Mask(1, 1)), Domain(), must(Mask(0, 0))}, {must(Mask(1, 1)), Keep(), must(Mask(1, 1))},
		{must(Bucket(10)), must(Bucket(15)), must(Bucket(30))}, {must(Bucket(10)), must(Bucket(100)), must(Bucket(100))},
		{must(Bucket(MaxBucket)), must(Bucket(7)), Drop()}, {must(Coordinates(1)), must(Coordinates(3)), must(Coordinates(1))},
		{Hash(), Encrypt(), Hash()}, {Encrypt(), must(Truncate(24, 48)), Encrypt()}, {Hash(), Type(), Type()},
	} {
		if got := Stricter(c[0], c[1]); got != c[2] {
			t.Errorf("stricter of %v and %v is %v, want %v", c[0], c[1], got, c[2])
		}
	}
}

func TestParametersOutOfRangeAreRefused(t *testing.T) {
	for name, err := range map[string]error{
		"truncate(33, 48)":  second(Truncate(33, 48)),
		"truncate(24, 129)": second(Truncate(24, 129)),
		"truncate(-1, 48)":  second(Truncate(-1, 48)),
		"truncate(0)":       second(TruncateText(0)),
		"mask(-1, 0)":       second(Mask(-1, 0)),
		"mask(0, 17)":       second(Mask(0, 17)),
		"bucket(0)":         second(Bucket(0)),
		"bucket(-1)":        second(Bucket(-1)),
		"bucket wide":       second(Bucket(MaxBucket + 1)),
		"coordinates(-1)":   second(Coordinates(-1)),
		"coordinates(5)":    second(Coordinates(5)),
		"replace control":   second(Replace("a\nb")),
		"replace broken":    second(Replace("a\xffb")),
		"replace long":      second(Replace(strings.Repeat("x", 65))),
	} {
		if err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func second(_ Transform, err error) error { return err }

func TestDroppedPiecesLeaveOneSpaceBetweenThoseThatSurvive(t *testing.T) {
	m := maker(t, nil)
	for want, pieces := range map[string]string{
		"a b": "aDb", "ab": "ab", "a": "DDaDD", "": "DD", "a b c": "aDDbDc", "a bc": "aDbc",
	} {
		m.Open(Plain)
		for i := range len(pieces) {
			tr := Keep()
			if pieces[i] == 'D' {
				tr = Drop()
			}
			m.Apply(tr, &Value{Text: []byte{pieces[i]}})
		}
		if got := m.Close().String(); got != want {
			t.Errorf("%s is %q, want %q", pieces, got, want)
		}
	}
}

func TestEncodedPiecesHoldNothingThatAPathOrAQueryWouldRead(t *testing.T) {
	m := maker(t, nil)
	for _, text := range append(texts(), "a/b?c#d&e=f;g+h", ".", "..", "{id}") {
		for _, e := range []Encoding{Segment, Query} {
			m.Open(e)
			m.Apply(Keep(), &Value{Text: []byte("x")})
			m.Apply(Drop(), &Value{Text: []byte("x")})
			m.Apply(Keep(), &Value{Text: []byte(text)})
			got := m.Close().Append(nil)
			if bytes.ContainsAny(got, "#&;+{} \"\\<>\x00\x1b") || e == Segment && bytes.ContainsAny(got, "/?") || !utf8.Valid(got) {
				t.Errorf("%q in %q", text, got)
			}
		}
	}
	m.Open(Segment)
	m.Apply(Keep(), &Value{Text: []byte("..")})
	if got := m.Close().String(); got != "%2E%2E" {
		t.Error(got)
	}
}

func TestHostsAreNames(t *testing.T) {
	for _, bad := range []string{"", "https://a.example", "a.example:80", "a b", "a..b", "*.example"} {
		if _, err := NewHosts([]string{bad}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	h, err := NewHosts([]string{"WWW.Example.", "127.0.0.1", "::1", "localhost"})
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"www.example", "WWW.EXAMPLE.", "127.0.0.1", "localhost"} {
		if _, ok := h.Known([]byte(host)); !ok {
			t.Errorf("%s is not known", host)
		}
	}
}
