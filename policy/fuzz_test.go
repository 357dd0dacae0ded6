package policy_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"weir/policy"
	"weir/redact/raw"
)

// FuzzParse: whatever the file says, it is a policy or all its errors, soon.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/cases/*/policy.yaml")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds")
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<13 {
			return
		}
		start := time.Now()
		p, err := policy.Parse("p", data)
		if (p == nil) == (err == nil) {
			t.Fatal("neither a policy nor an error, or both")
		}
		if p != nil {
			x := newExchange("/device/1?a=b", "")
			for _, kind := range []raw.Kind{raw.Query, raw.RequestHeader, raw.ClientAddress} {
				p.Decide(question(p, x, kind, "x-app", "v", "", 0))
				p.Decide(question(p, x, kind, "zzz", "v", "user.contact.email", 95))
			}
			p.Route([]byte("/device/1"))
			p.Lint()
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// FuzzRoute: no path makes the router fail, and what it finds fits the path.
func FuzzRoute(f *testing.F) {
	for _, s := range []string{"/", "/device/1", "/devi%63e/1", "/u/%", "//", "/u/a/settings", "/%2F"} {
		f.Add([]byte(s))
	}
	p := nordhost(f)
	f.Fuzz(func(t *testing.T, path []byte) {
		r := p.Route(path)
		if r == nil {
			return
		}
		slashes := 0
		for _, c := range path {
			if c == '/' {
				slashes++
			}
		}
		if slashes != len(r.Segments) {
			t.Errorf("%d slashes match %s", slashes, r.Template)
		}
	})
}

// FuzzPlace: no name becomes the text of a place unless it was one before.
func FuzzPlace(f *testing.F) {
	for _, s := range []string{"email", "X-App", "customer[email]", "\xff", "a%00b", ""} {
		f.Add([]byte(s))
	}
	p := nordhost(f)
	f.Fuzz(func(t *testing.T, name []byte) {
		for kind := range raw.Kind(raw.KindCount) {
			pl := p.Place(kind, name)
			if pl == nil || pl.Kind != kind {
				t.Fatal("no place of that kind")
			}
			if again := p.Place(kind, name); again != pl {
				t.Fatal("two places for one name")
			}
		}
	})
}
