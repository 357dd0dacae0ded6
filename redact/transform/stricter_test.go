package transform

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// ofEveryKind has two of each kind that has numbers, unlike in both of them.
func ofEveryKind() []Transform {
	return []Transform{Drop(), must(Replace("<x>")), Type(), Hash(), Encrypt(), EncryptPrefix(),
		must(Mask(0, 0)), must(Mask(1, 2)), must(Mask(8, 4)), must(Mask(5, 16)), must(Mask(16, 5)), must(Mask(16, 16)), must(Mask(0, 16)),
		must(Truncate(24, 48)), must(Truncate(16, 64)), must(Truncate(32, 128)), must(TruncateText(1)), must(TruncateText(9)), must(TruncateText(64)),
		Family(), PhoneCountry(), Year(), Month(), must(Bucket(1)), must(Bucket(100)), must(Bucket(150)), must(Coordinates(1)), must(Coordinates(4)),
		Domain(), Origin(), Template(), NoQuery(), Keep()}
}

// valuesOfEverySort are random values, which each transform can read some of.
func valuesOfEverySort() []*Value {
	r := rand.New(rand.NewPCG(7, 8))
	word := func() string {
		b := make([]byte, 4+r.IntN(12))
		for i := range b {
			b[i] = byte('a' + r.IntN(26))
		}
		return string(b)
	}
	var out []*Value
	add := func(text string) *Value {
		v := &Value{Text: []byte(text), Canonical: []byte(text)}
		if path, ok := PathOf(v.Text); ok && len(path) > 0 {
			v.Path = []byte("/users/{id}")
		}
		v.Address, _ = netip.ParseAddr(text)
		out = append(out, v)
		return v
	}
	for range 40 {
		var b [16]byte
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		add(netip.AddrFrom16(b).String())
		add(netip.AddrFrom4([4]byte(b[:4])).String())
		add(word() + "." + word() + "@" + word() + ".dk")
		add(fmt.Sprintf("https://0%s:%s@%s.%s.dk/users/%s?%s=%s#%s", word(), word(), word(), word(), word(), word(), word(), word()))
		add("/users/" + word() + "?" + word())
		add(fmt.Sprintf("+45%08d", r.IntN(1e8)))
		add(fmt.Sprint(1e6 + r.IntN(1e9)))
		add(fmt.Sprintf("%.7f, %.7f", r.Float64()*89, r.Float64()*179))
		add(word() + " Firefox/145.0 " + word())
		day := time.Unix(r.Int64N(1e9), 0)
		v := add(day.Format(time.DateOnly))
		v.Year, v.Month = day.Year(), int(day.Month())
		add(strings.Repeat(word()+" ", 1+r.IntN(9)))
	}
	return out
}

// unshared is a run of four bytes of text that stands in got and not in other.
func unshared(text, got, other string) string {
	for i := 0; i+4 <= len(text); i++ {
		if run := text[i : i+4]; strings.Contains(got, run) && !strings.Contains(other, run) {
			return run
		}
	}
	return ""
}

func TestTheStricterOfTwoShowsNothingThatEitherHides(t *testing.T) {
	m := maker(t, nil)
	write := func(tr Transform, v *Value) string {
		m.Begin("30d", start)
		m.Open(Plain)
		m.Apply(tr, v)
		return m.Close().String()
	}
	all := ofEveryKind()
	for _, v := range valuesOfEverySort() {
		for _, a := range all {
			for _, b := range all {
				s := Stricter(a, b)
				if s.kind < KindMask {
					continue // what stands there is none of the value
				}
				got := write(s, v)
				for _, other := range []Transform{a, b} {
					if run := unshared(string(v.Text), got, write(other, v)); run != "" {
						t.Fatalf("stricter of %v and %v is %v: of %q it leaves %q, in which %v hides %q", a, b, s, v.Text, got, other, run)
					}
				}
			}
		}
	}
}

func TestTheStricterOfEachTwoKinds(t *testing.T) {
	stars := must(Mask(0, 0))
	for _, a := range ofEveryKind() {
		for _, b := range ofEveryKind() {
			var want Transform
			switch lo, hi := min(a.kind, b.kind), max(a.kind, b.kind); {
			case lo == hi:
				continue
			case hi == KindKeep, lo < KindMask:
				want = a
				if b.kind == lo {
					want = b
				}
			case lo == KindMask:
				want = stars
			case lo == KindYear && hi == KindMonth:
				want = Year()
			case lo == KindOrigin:
				want = Origin()
			case lo == KindTemplate:
				want = Template()
			}
			if got := Stricter(a, b); got != want {
				t.Errorf("stricter of %v and %v is %v, want %v", a, b, got, want)
			}
		}
	}
}
