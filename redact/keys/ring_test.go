package keys

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/redact/category"
)

const class = "30d"

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func folder(t *testing.T) string { return filepath.Join(t.TempDir(), "keys") }

func open(t *testing.T, dir string, c *clock) *Ring {
	t.Helper()
	r, err := Open(Config{Dir: dir, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func key(t *testing.T, r *Ring, at time.Time) Key {
	t.Helper()
	k, err := r.Key(class, at, "www", category.Email)
	if err != nil {
		t.Fatal(err)
	}
	if k == (Key{}) {
		t.Fatal("no key")
	}
	return k
}

func TestKeysDifferByEveryPart(t *testing.T) {
	r := open(t, folder(t), &clock{t: noon})
	seen := make(map[Key]string)
	for _, class := range []string{"30d", "2y"} {
		for _, at := range []time.Time{noon, noon.Add(12 * time.Hour)} {
			for _, domain := range []string{"www", "billing", "www1"} {
				for _, c := range []category.Key{category.Email, category.IPAddress, ""} {
					k, err := r.Key(class, at, domain, c)
					if err != nil {
						t.Fatal(err)
					}
					what := fmt.Sprint(class, at, domain, c)
					if seen[k] != "" {
						t.Errorf("%s has the key of %s", what, seen[k])
					}
					seen[k] = what
					if again, _ := r.Key(class, at, domain, c); again != k {
						t.Errorf("%s has two keys", what)
					}
				}
			}
		}
	}
}

func TestEpochIsThatOfTheStartInUTC(t *testing.T) {
	r := open(t, folder(t), &clock{t: noon})
	copenhagen := time.FixedZone("CET", 3600)
	late := time.Date(2026, 11, 22, 23, 59, 59, 999, time.UTC)
	for at, want := range map[time.Time]string{
		noon: "2026-11-22", late: "2026-11-22", late.Add(time.Second): "2026-11-23",
		time.Date(2026, 11, 23, 0, 30, 0, 0, copenhagen): "2026-11-22",
		time.Unix(-1, 0): "1969-12-31",
	} {
		if got := r.Epoch(at); got != want {
			t.Errorf("%v: %s", at, got)
		}
	}
	if key(t, r, noon) != key(t, r, late) || key(t, r, late) == key(t, r, late.Add(time.Second)) {
		t.Error("keys do not follow the epochs")
	}
	hourly, err := Open(Config{Dir: folder(t), Epoch: time.Hour, Now: (&clock{t: noon}).now})
	if err != nil {
		t.Fatal(err)
	}
	if got := hourly.Epoch(late); got != "2026-11-22T23:00:00Z" {
		t.Error(got)
	}
}

func TestReplicasWithOneRingAgree(t *testing.T) {
	dir, c := folder(t), &clock{t: noon}
	first := open(t, dir, c)
	want := key(t, first, noon.Add(40*24*time.Hour))
	if got := key(t, open(t, dir, c), noon.Add(40*24*time.Hour)); got != want {
		t.Error("a second process has another key")
	}
	elsewhere := folder(t)
	if err := os.Mkdir(elsewhere, 0o755); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, ringName))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(elsewhere, ringName), b, 0o440); err != nil {
		t.Fatal(err)
	}
	copied, err := Open(Config{Dir: elsewhere, External: true, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	if got := key(t, copied, noon.Add(40*24*time.Hour)); got != want {
		t.Error("a copy of the ring has another key")
	}
}

func TestTwoAtOnceAgreeOnOneRing(t *testing.T) {
	for range 20 {
		dir, c := folder(t), &clock{t: noon}
		got := make(chan Key, 8)
		for range cap(got) {
			go func() {
				r, err := Open(Config{Dir: dir, Now: c.now})
				if err != nil {
					t.Error(err)
					got <- Key{}
					return
				}
				k, err := r.Key(class, noon, "www", category.Email)
				if err != nil {
					t.Error(err)
				}
				got <- k
			}()
		}
		first := <-got
		for range cap(got) - 1 {
			if <-got != first {
				t.Fatal("two rings")
			}
		}
	}
}

func TestExchangeFromBeforeMidnightHasAKey(t *testing.T) {
	midnight := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	r := open(t, folder(t), &clock{t: midnight})
	key(t, r, midnight.Add(-time.Second))
}

func TestFarFutureIsRefused(t *testing.T) {
	r := open(t, folder(t), &clock{t: noon})
	if _, err := r.Key(class, noon.Add(maxAhead*24*time.Hour+48*time.Hour), "www", category.Email); !errors.Is(err, ErrFuture) {
		t.Error(err)
	}
}

func TestKeysAndRingsNeverPrint(t *testing.T) {
	dir := folder(t)
	r := open(t, dir, &clock{t: noon})
	k := key(t, r, noon)
	s := r.classes[class].chains[0].key
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
		fmt.Fprintf(&out, verb+verb+verb+verb+verb, k, &k, r, &s, struct{ K Key }{k})
	}
	b, err := json.Marshal([]any{k, r})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(b)
	for _, secret := range [][]byte{k.Peek(), s[:]} {
		if strings.Contains(out.String(), hex.EncodeToString(secret)[:8]) || strings.Contains(out.String(), fmt.Sprint(secret[:4])[1:9]) {
			t.Errorf("a key shows in %s", out.String())
		}
	}
	if !strings.Contains(out.String(), placeholder) {
		t.Error(out.String())
	}
}

func hexOf(k Key) string { return hex.EncodeToString(k.Peek()) }

func TestVectorsHold(t *testing.T) {
	var s, next, pseudonym, deterministic, prefix secret
	for i := range s {
		s[i] = byte(i)
	}
	next = s
	next.next()
	s.derive(&pseudonym, labelPseudonym, "www", string(category.Email))
	s.derive(&deterministic, labelEncryption, "www", string(Deterministic))
	s.derive(&prefix, labelEncryption, "www", string(Prefix))
	for name, c := range map[string]struct {
		got  secret
		want string
	}{
		"next epoch":    {next, vectorNext},
		"pseudonym":     {pseudonym, vectorKey},
		"deterministic": {deterministic, vectorDeterministic},
		"prefix":        {prefix, vectorPrefix},
	} {
		if got := hex.EncodeToString(c.got[:]); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	c := &clock{t: noon}
	r := open(t, folder(t), c)
	if err := r.Class(class, 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range 200 {
				at := c.now().Add(time.Duration(i%3) * 24 * time.Hour)
				if _, err := r.Key(class, at, "www", category.Key(fmt.Sprint("x.c", g, i%5))); err != nil && !errors.Is(err, ErrDestroyed) {
					t.Error(err)
				}
				r.Epoch(at)
				if g == 0 && i%40 == 0 {
					c.add(24 * time.Hour)
					if err := r.Retire(class, c.now()); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	r := open(t, folder(t), &clock{t: noon})
	if n := testing.AllocsPerRun(100, func() {
		if r.Epoch(noon) == "" {
			t.Error("no name")
		}
		key(t, r, noon)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkKey(b *testing.B) {
	r, err := Open(Config{Dir: filepath.Join(b.TempDir(), "keys")})
	if err != nil {
		b.Fatal(err)
	}
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Key(class, now, "www.nordhost.example", category.Email); err != nil {
			b.Fatal(err)
		}
	}
}
