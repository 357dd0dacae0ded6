package keys

import (
	"errors"
	"testing"
	"time"
)

// A break while the only chain lies ahead leaves a ring that can be read: what
// began before the break, too, is asked for after it.
func TestBreakUnderAClockThatWasAheadLeavesAReadableRing(t *testing.T) {
	dir, c := folder(t), &clock{t: noon.Add(100 * day)}
	r := open(t, dir, c)
	if err := r.Class(class, 30*day); err != nil {
		t.Fatal(err)
	}
	c.add(-100 * day)
	at := noon.Add(5 * time.Minute)
	if err := r.Break(at); err != nil {
		t.Fatal(err)
	}
	now, after := key(t, r, noon), key(t, r, at)
	again := open(t, dir, c)
	if now == after || key(t, again, noon) != now || key(t, again, at) != after {
		t.Error("the ring that was read again gives other keys")
	}
}

// A chain that a break began and that was retired since is ahead, too, of a clock
// that falls behind it.
func TestClockBehindABreakThatIsKeptHasKeys(t *testing.T) {
	dir, c := folder(t), &clock{t: noon}
	r := open(t, dir, c)
	if err := r.Class(class, day); err != nil {
		t.Fatal(err)
	}
	if err := r.Break(noon); err != nil {
		t.Fatal(err)
	}
	c.add(50 * day)
	if err := r.Retire(class, c.now()); err != nil {
		t.Fatal(err)
	}
	c.add(-30 * day)
	if err := usable(r, c.now()); err != nil {
		t.Error(err)
	}
	if usable(open(t, dir, c), c.now()) != nil || usable(r, noon.Add(60*day)) != nil {
		t.Error("the ring that was read again has no key")
	}
}

func TestRingThatCouldNotBeReadAgainIsNotWritten(t *testing.T) {
	dir, c := folder(t), &clock{t: noon}
	r := open(t, dir, c)
	want := key(t, r, noon)
	_, err := r.store.change(func(classes map[string]*lineage) (bool, error) {
		l := classes[class]
		l.add(&chain{key: secret{1}}) // of the time of the one before
		return true, nil
	})
	if !errors.Is(err, ErrReadOnly) || !errors.Is(err, ErrDamaged) {
		t.Error(err)
	}
	if got := key(t, open(t, dir, c), noon); got != want {
		t.Error("another ring stands there")
	}
}

// Epochs of a second: a weir that was down for long has many to step over.
func TestShortEpochsAreRetiredAfterLong(t *testing.T) {
	c := &clock{t: noon}
	r, err := Open(Config{Dir: folder(t), Now: c.now, Epoch: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Class(class, time.Hour); err != nil {
		t.Fatal(err)
	}
	c.add(40 * time.Hour)
	if err := r.Retire(class, c.now()); err != nil {
		t.Fatal(err)
	}
	if err := usable(r, c.now()); err != nil {
		t.Error(err)
	}
}
