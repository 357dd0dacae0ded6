package keys

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"weir/redact/category"
)

// A disk that takes its time holds up nobody who asks for a key that is known, of
// a class that is or was asked for before.
func TestExchangesDoNotWaitWhileKeysAreDestroyed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	day := 24 * time.Hour
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	clock := now
	r, err := Open(Config{Dir: dir, Now: func() time.Time { return clock }})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Class("30d", 30*day); err != nil {
		t.Fatal(err)
	}
	clock = now.Add(40 * day)
	// The ring's own lock stands for a disk: Retire waits for it.
	held, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if err := unix.Flock(int(held.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	retired := make(chan error, 1)
	go func() { retired <- r.Retire("30d", clock) }()
	for r.changing.TryLock() { // until it has begun to wait
		r.changing.Unlock()
		runtime.Gosched()
	}
	for n := range 100 { // new derivations, each
		if _, err := r.Key("30d", clock, "www", category.Key(fmt.Sprintf("x.c%d", n))); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case err := <-retired:
		t.Fatalf("keys were destroyed before the disk was there: %v", err)
	default:
	}
	if err := unix.Flock(int(held.Fd()), unix.LOCK_UN); err != nil {
		t.Fatal(err)
	}
	if err := <-retired; err != nil {
		t.Fatal(err)
	}
	if _, err := r.Key("30d", now, "www", "x.a"); err != ErrDestroyed {
		t.Errorf("%v", err)
	}
}

// A disk that fails is asked once a second, however many exchanges there are.
func TestDiskThatFailsIsNotAskedForEachExchange(t *testing.T) {
	dir, c := folder(t), &clock{t: noon}
	r := open(t, dir, c)
	asked := 0
	link := r.store.link
	r.store.link = func(string, string) error {
		asked++
		return unix.ENOSPC
	}
	for _, want := range []int{1, 2} {
		for range 100 {
			if err := usable(r, noon); !errors.Is(err, unix.ENOSPC) {
				t.Fatal(err)
			}
		}
		if asked != want {
			t.Errorf("the disk was asked %d times, want %d", asked, want)
		}
		c.add(again)
	}
	for range 2 { // a clock that is set back does not prolong it
		c.add(-time.Hour)
		_ = usable(r, noon)
	}
	if asked != 4 {
		t.Errorf("the disk was asked %d times, want 4", asked)
	}
	r.store.link = link
	c.add(again)
	key(t, r, noon)
}
