package transform

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"weir/redact/category"
)

func TestTruncateIsIdempotentAndItsOutputIsANetwork(t *testing.T) {
	m, r := maker(t, nil), rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		v4, v6 := r.IntN(33), r.IntN(129)
		tr := must(Truncate(v4, v6))
		var b [16]byte
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		a, bits := netip.AddrFrom16(b), v6
		if r.IntN(2) == 0 {
			a, bits = netip.AddrFrom4([4]byte(b[:4])), v4
		}
		one, how := done(m, tr, category.IPAddress, a.String())
		if want := netip.PrefixFrom(a, bits).Masked().Addr(); how != tr || one != want.String() {
			t.Fatalf("%v of %v is %s, want %v", tr, a, one, want)
		}
		if two, _ := done(m, tr, category.IPAddress, one); two != one {
			t.Fatalf("%v is not idempotent: %s, %s", tr, one, two)
		}
		if s := sourceOf(tr); !s.Yields([]byte(one)) || bits < 32 && one != a.String() && s.Yields([]byte(a.String())) {
			t.Fatalf("%v yields %s, or %v", tr, one, a)
		}
	}
}

func TestTruncateOfWhatIsNoAddressIsDropped(t *testing.T) {
	m := maker(t, nil)
	for _, text := range texts() {
		if _, err := netip.ParseAddr(text); err == nil {
			continue
		}
		if got, how := done(m, must(Truncate(24, 48)), category.IPAddress, text); got != "" || how != Drop() {
			t.Errorf("%q left of what is no address", got)
		}
	}
}

func TestTruncateReadsMappedAddressesAsIPv4AndDropsZones(t *testing.T) {
	m, tr := maker(t, nil), must(Truncate(24, 48))
	for text, want := range map[string]string{
		"::ffff:203.0.113.77":    "203.0.113.0",
		"fe80::1:2%eth0":         "fe80::",
		"2001:db8:1:2::9":        "2001:db8:1::",
		"203.0.113.0":            "203.0.113.0",
		"::1":                    "::",
		"2001:db8:1:ffff:1::1:1": "2001:db8:1::",
	} {
		if got, _ := done(m, tr, category.IPAddress, text); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

func TestAMaskDoesNotDependOnWhatItHides(t *testing.T) {
	m, r := maker(t, nil), rand.New(rand.NewPCG(5, 6))
	for range 500 {
		first, last := r.IntN(4), r.IntN(4)
		tr := must(Mask(first, last))
		head, tail := "åbcdefgh"[:0], ""
		for range first {
			head += string(rune('a' + r.IntN(26)))
		}
		for range last {
			tail += string(rune('æ' + r.IntN(26)))
		}
		hidden := strings.Repeat("x", leastHidden+r.IntN(30))
		other := strings.Repeat("日", leastHidden+r.IntN(30))
		one, _ := done(m, tr, "", head+hidden+tail)
		two, _ := done(m, tr, "", head+other+tail)
		if one != two || one != head+"***"+tail {
			t.Fatalf("%v: %q and %q", tr, one, two)
		}
	}
	for _, short := range []string{"a", "ab", "abcdef", "日本語"} {
		if got, _ := done(m, must(Mask(2, 2)), "", short); got != "***" {
			t.Errorf("%q left of a short value", got)
		}
	}
}

func TestDropAndReplaceDoNotDependOnTheValue(t *testing.T) {
	m := maker(t, nil)
	for _, text := range texts() {
		if got, how := done(m, Drop(), "", text); got != "" || how != Drop() {
			t.Errorf("drop left %q", got)
		}
		if got, _ := done(m, must(Replace("[hidden]")), "", text); got != "[hidden]" {
			t.Errorf("replace wrote %q", got)
		}
	}
}

func TestTruncateTextIsAPrefixAndIdempotent(t *testing.T) {
	m := maker(t, nil)
	for _, text := range texts() {
		for _, n := range []int{1, 5, 40} {
			tr := must(TruncateText(n))
			one, _ := done(m, tr, "", text)
			two, _ := done(m, tr, "", one)
			if !strings.HasPrefix(text, one) || utf8.RuneCountInString(one) > n || one != two {
				t.Errorf("%v: %q, %q", tr, one, two)
			}
		}
	}
}

func TestOriginIsIdempotentAndWithinItsSet(t *testing.T) {
	m := maker(t, nil, "www.nordhost.example")
	for text, want := range map[string]string{
		"https://forum.example/t/9?u=a":           "https://forum.example",
		"https://anna.blog.forum.co.uk/":          "https://forum.co.uk",
		"HTTP://WWW.Nordhost.Example:8080/a":      "http://www.nordhost.example",
		"https://anna:secret@a.forum.example/":    "https://forum.example",
		"https://203.0.113.77/x":                  "",
		"https://[2001:db8::1]/x":                 "",
		"https://0x7f.1/x":                        "",
		"https://localhost/x":                     "",
		"https://anna%40x.dk/":                    "",
		"/relative?x":                             "",
		"android-app://com.google/":               "",
		"mailto:anna@example.dk":                  "",
		"https:///nothing":                        "",
		"https://forum.example\\@evil.example/":   "https://forum.example",
		"https://forum.example?next=evil.example": "https://forum.example",
	} {
		got, how := done(m, Origin(), "", text)
		if got != want || (want == "") != (how == Drop()) {
			t.Errorf("origin of %s is %q, want %q", text, got, want)
		}
		if again, _ := done(m, Origin(), "", got); want != "" && again != got {
			t.Errorf("origin is not idempotent: %q, %q", got, again)
		}
	}
	for _, text := range texts() {
		if got, _ := done(m, Origin(), "", text); got != "" {
			t.Errorf("%q left of what is no URL", got)
		}
	}
}
