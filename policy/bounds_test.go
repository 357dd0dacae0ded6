package policy_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"weir/policy"
	"weir/redact/raw"
)

// thousands are rules that know some thousands of names.
func thousands(n int) []string {
	var rules []string
	for i := 0; i < n; i += 500 {
		var names []string
		for j := i; j < i+500; j++ {
			names = append(names, fmt.Sprintf(`"n%d"`, j))
		}
		rules = append(rules, `field.name in [`+strings.Join(names, ", ")+`] => keep()`)
	}
	return rules
}

// everyPlace asks for the place of each of n names on shelf after shelf until yield has
// enough.
func everyPlace(p *policy.Policy, n int, yield func(*raw.Place) bool) {
	headers := []string{"", "referer", "origin", "location", "destination", "link", "refresh", "sourcemap", "x-original-url"}
	for _, header := range headers {
		for kind := range raw.Kind(raw.KindCount) {
			if !kind.Named() || header != "" && kind != raw.RequestHeader && kind != raw.ResponseHeader {
				continue
			}
			for i := range n {
				name := fmt.Appendf(nil, "n%d", i)
				pl := p.Place(kind, name)
				if header != "" {
					pl = p.Within(p.Place(kind, []byte(header)), raw.Query, name)
				}
				if !yield(pl) {
					return
				}
			}
		}
	}
}

// Who names everything that there is, with everything that can be found, makes no
// more be remembered than a fixed amount.
func TestWhatIsRememberedIsBounded(t *testing.T) {
	fields := "fields:\n" + repeat(2000, "  url.query.c#: x.c#\n")
	// Each name makes another plan, and a plan of some hundred parts.
	var parts []string
	for i := range 150 {
		parts = append(parts, fmt.Sprintf(`!field.name.contains("%c%c") && request.method == "M%d"`, 'a'+i%26, 'a'+i/26, i))
	}
	p := parse(t, fields, append(thousands(3000), strings.Join(parts, " || ")+` => drop()`, `field.confidence > 0.5 && field.category != "" => keep()`)...)
	x := newExchange("/", "")
	before := heap()
	places := 0
	everyPlace(p, 3000, func(pl *raw.Place) bool {
		for _, key := range []string{"", "user.contact.email"} {
			q := question(p, x, pl.Kind, "n1", "v", key, 90)
			q.Place = pl
			p.Decide(q)
		}
		places++
		return places < 6000
	})
	seed := uint32(1)
	name := make([]byte, 40)
	for range 300 {
		for i := range name {
			seed = seed*1664525 + 1013904223
			name[i] = 'a' + byte(seed>>24)%26
		}
		ask(p, x, raw.Query, string(name), "v", "")
	}
	used := heap() - before
	t.Logf("%d MiB", used>>20)
	if used > 40<<20 {
		t.Errorf("%d MiB are remembered", used>>20)
	}
	runtime.KeepAlive(p)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Where there is no room for a row of a place's own, what is remembered elsewhere is
// told apart by all that was known.
func TestWithoutRoomForARowTheSameIsDecided(t *testing.T) {
	fields := "fields:\n" + repeat(4000, "  url.query.c#: x.c#\n")
	p := parse(t, fields, append(thousands(1000), `request.path == "" && field.kind == "query" => keep()`, `field.name.startsWith("zz") => hash()`,
		`field.category == "x.c3990" && field.confidence > 0.5 => mask()`, `field.category == "user.name" && field.name == "c3991" => hash()`)...)
	places := 0
	everyPlace(p, 1000, func(pl *raw.Place) bool {
		p.Decide(&raw.Question{Place: pl})
		places++
		return places < 1000 // of which a few hundred have rows
	})
	for range 2 {
		for _, path := range []string{"", "/a"} {
			x := newExchange(path, "")
			for _, name := range []string{"c3990", "c3991"} {
				for _, key := range []string{"", "x.c3990", "x.c3991", "user.name"} {
					for _, confidence := range []uint8{0, 50, 51, 100} {
						q := question(p, x, raw.Query, name, "v", key, confidence)
						if got, want := p.Decide(q), afresh(p, q); got != want {
							t.Errorf("%q %s %q %d: %v, want %v", path, name, key, confidence, got, want)
						}
					}
				}
			}
		}
	}
}
