package keys

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"weir/redact/category"
)

func usable(r *Ring, at time.Time) error {
	_, err := r.Key(class, at, "www", category.Email)
	return err
}

// A break changes every key from its second on, for all who share the ring, and
// keeps those before.
func TestBreakCannotBeForetoldFromAnOlderCopy(t *testing.T) {
	dir, c := folder(t), &clock{t: noon}
	r := open(t, dir, c)
	before, tomorrow := key(t, r, noon), key(t, r, noon.Add(day))
	stolen := folder(t)
	copyRing(t, dir, stolen)
	replica := open(t, dir, c)

	at := noon.Add(90*time.Second + time.Millisecond)
	if err := r.Break(at); err != nil {
		t.Fatal(err)
	}
	if changed, err := replica.Reload(); !changed || err != nil {
		t.Fatal(changed, err)
	}
	if changed, err := replica.Reload(); changed || err != nil {
		t.Error("it changed again", err)
	}
	from := noon.Add(91 * time.Second)
	for _, ring := range []*Ring{r, replica, open(t, dir, c)} {
		if key(t, ring, noon) != before || key(t, ring, from.Add(-time.Nanosecond)) != before {
			t.Error("what began before the break has another key")
		}
		if key(t, ring, from) == before || key(t, ring, noon.Add(day)) == tomorrow {
			t.Error("what begins after the break has the old key")
		}
		if key(t, ring, from) != key(t, r, from) || key(t, ring, noon.Add(day)) != key(t, r, noon.Add(day)) {
			t.Error("replicas disagree")
		}
		for when, want := range map[time.Time]string{noon: "2026-11-22", from: "2026-11-22T12:01:31Z", noon.Add(6 * time.Hour): "2026-11-22T12:01:31Z", noon.Add(day): "2026-11-23"} {
			if got := ring.Epoch(when); got != want {
				t.Errorf("epoch of %v is %s, want %s", when, got, want)
			}
		}
	}
	if got := r.Ends(); !got.Equal(from) {
		t.Errorf("the key ends %v", got)
	}
	if thief := open(t, stolen, c); key(t, thief, from) == key(t, r, from) || key(t, thief, noon.Add(9*day)) == key(t, r, noon.Add(9*day)) {
		t.Error("the older copy knows the keys after the break")
	}
}

func copyRing(t *testing.T, from, to string) {
	t.Helper()
	if err := os.MkdirAll(to, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(to, ringName), ringFile(t, from), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What a break leaves behind is destroyed when it is over, as everything else.
func TestRetiringGoesThroughBreaks(t *testing.T) {
	dir, c := folder(t), &clock{t: noon}
	r := open(t, dir, c)
	if err := r.Class(class, 30*day); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		c.add(2 * day)
		if err := r.Break(c.now()); err != nil {
			t.Fatal(err)
		}
	}
	last := key(t, r, c.now())
	if got := r.Held(); len(got) != 1 || len(got[0].Breaks) != 3 || got[0].Epochs != 8 {
		t.Fatal(got)
	}
	wanted := make(map[time.Time]Key)
	for d := range 7 {
		wanted[noon.Add(time.Duration(d)*day)] = key(t, r, noon.Add(time.Duration(d)*day))
	}
	for d := range 7 {
		at := noon.Add(time.Duration(d) * day)
		for _, ring := range []*Ring{r, open(t, dir, c)} {
			if key(t, ring, at) != wanted[at] {
				t.Errorf("day %d has another key", d)
			}
		}
		c.mu.Lock()
		c.t = at.Add(31 * day)
		c.mu.Unlock()
		if err := r.Retire(class, c.now()); err != nil {
			t.Fatal(err)
		}
		if err := usable(r, at); err != ErrDestroyed {
			t.Errorf("day %d: %v", d, err)
		}
	}
	if got := r.Held(); len(got[0].Breaks) != 1 {
		t.Errorf("breaks that are over stay: %v", got)
	}
	if key(t, r, noon.Add(40*day)) == last || usable(open(t, dir, c), noon.Add(40*day)) != nil {
		t.Error("the last chain does not go on")
	}
}

func TestShreddingLeavesTheOtherClasses(t *testing.T) {
	dir, c := folder(t), &clock{t: noon}
	r := open(t, dir, c)
	gone := key(t, r, noon)
	other, err := r.Key("2y", noon, "www", category.Email)
	if err != nil {
		t.Fatal(err)
	}
	running := open(t, dir, c)
	key(t, running, noon)
	version := running.Version()
	if err := r.Shred(class, "7d"); !errors.Is(err, ErrUnknownClass) {
		t.Error(err)
	}
	if key(t, r, noon) != gone {
		t.Error("it was destroyed though one name was wrong")
	}
	if err := r.Shred(class); err != nil {
		t.Fatal(err)
	}
	if changed, err := running.Reload(); !changed || err != nil || running.Version() == version {
		t.Error(changed, err)
	}
	for _, ring := range []*Ring{r, running} {
		if got, _ := ring.Key("2y", noon, "www", category.Email); got != other {
			t.Error("the other class has another key")
		}
		if key(t, ring, noon) == gone {
			t.Error("the class has its key again")
		}
	}
	if key(t, r, noon) != key(t, running, noon) {
		t.Error("the class began anew twice")
	}
	if err := r.Shred(); err != nil {
		t.Fatal(err)
	}
	if got, err := r.Key("2y", noon, "www", category.Email); got == other || err != nil {
		t.Error("not all was destroyed", err)
	}
}

// What is written after a shred names another epoch than what was written before:
// asked for the one before, the ring has no key, in place of a wrong one.
func TestShreddingBeginsAnEpochNamedByItsTime(t *testing.T) {
	dir, c := folder(t), &clock{t: noon}
	r := open(t, dir, c)
	key(t, r, noon)
	c.add(time.Hour)
	if err := r.Shred(); err != nil {
		t.Fatal(err)
	}
	c.add(time.Hour)
	for _, ring := range []*Ring{r, open(t, dir, c)} {
		if got := ring.Epoch(c.now()); got != "2026-11-22T13:00:00Z" {
			t.Errorf("the epoch after it is named %s", got)
		}
		if got := ring.Epoch(noon); got != "2026-11-22" {
			t.Errorf("the epoch before it is named %s", got)
		}
		if err := usable(ring, noon); err != ErrDestroyed {
			t.Errorf("of the epoch before: %v", err)
		}
		if err := errors.Join(usable(ring, noon.Add(time.Hour)), usable(ring, c.now()), usable(ring, noon.Add(day))); err != nil {
			t.Error(err)
		}
	}
}

func TestBadRingDoesNotTakeTheGoodOnesPlace(t *testing.T) {
	dir, c := folder(t), &clock{t: noon}
	r := open(t, dir, c)
	want := key(t, r, noon)
	for name, spoil := range map[string]func() error{
		"damaged": func() error { return replace("30d", "31d")(dir) },
		"open":    func() error { return os.Chmod(filepath.Join(dir, ringName), 0o644) },
		"gone":    func() error { return os.Remove(filepath.Join(dir, ringName)) },
	} {
		good := ringFile(t, dir)
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		var fault *Error
		if changed, err := r.Reload(); changed || !errors.As(err, &fault) || key(t, r, noon) != want {
			t.Errorf("%s: %v %v", name, changed, err)
		}
		if err := errors.Join(os.WriteFile(filepath.Join(dir, ringName), good, 0o600), os.Chmod(filepath.Join(dir, ringName), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
}

// A clock that was ahead when a class was first used, or that falls behind all that
// is kept, costs nothing but that its epochs have keys of their own.
func TestClockThatJumpsLeavesUsableKeys(t *testing.T) {
	for name, jump := range map[string]time.Duration{"ahead, then right": 400 * day, "right, then behind": 0} {
		dir, c := folder(t), &clock{t: noon.Add(jump)}
		r := open(t, dir, c)
		if err := r.Class(class, 30*day); err != nil {
			t.Fatal(err)
		}
		early := key(t, r, c.now())
		was := c.now()
		c.add(-400 * day)
		for _, ring := range []*Ring{r, open(t, dir, c)} {
			if err := usable(ring, c.now()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if err := usable(ring, c.now().Add(-40*day)); err != ErrDestroyed {
				t.Errorf("%s: an epoch before the clock's: %v", name, err)
			}
			if key(t, ring, was) != early {
				t.Errorf("%s: the epoch ahead has another key", name)
			}
		}
		if key(t, r, c.now()) != key(t, open(t, dir, c), c.now()) {
			t.Errorf("%s: replicas disagree", name)
		}
		// Right again for long, the other time is over as any.
		c.add(500 * day)
		if err := r.Retire(class, c.now()); err != nil {
			t.Fatal(err)
		}
		if got := r.Alive(); got > 32 || usable(r, c.now()) != nil {
			t.Errorf("%s: %d epochs alive", name, got)
		}
	}
}

func TestExternalRingFromTheFutureIsRefused(t *testing.T) {
	dir, c := folder(t), &clock{t: noon}
	key(t, open(t, dir, c), noon)
	c.add(-10 * day)
	if _, err := Open(Config{Dir: dir, External: true, Now: c.now}); !errors.Is(err, ErrNewer) {
		t.Error(err)
	}
}
