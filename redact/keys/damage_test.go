package keys

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/redact/category"
)

const day = 24 * time.Hour

func ringFile(t *testing.T, dir string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, ringName))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRingIsForItsOwnerOnly(t *testing.T) {
	dir := folder(t)
	key(t, open(t, dir, &clock{t: noon}), noon)
	for name, want := range map[string]os.FileMode{"": 0o700, ringName: 0o600, lockName: 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%q: %v %v", name, info.Mode(), err)
		}
	}
	files, _ := os.ReadDir(dir)
	if len(files) != 2 {
		t.Errorf("left over: %v", files)
	}
}

func TestBadRingIsRefusedByName(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(dir string) error
		want  error
	}{
		"folder open to others": {func(d string) error { return os.Chmod(d, 0o755) }, ErrTooOpen},
		"open to group":         {func(d string) error { return os.Chmod(filepath.Join(d, ringName), 0o640) }, ErrTooOpen},
		"open to others":        {func(d string) error { return os.Chmod(filepath.Join(d, ringName), 0o604) }, ErrTooOpen},
		"read-only file":        {func(d string) error { return os.Chmod(filepath.Join(d, ringName), 0o400) }, ErrReadOnly},
		"read-only folder":      {func(d string) error { return os.Chmod(d, 0o500) }, ErrReadOnly},
		"empty":                 {func(d string) error { return os.Truncate(filepath.Join(d, ringName), 0) }, ErrShort},
		"cut":                   {func(d string) error { return os.Truncate(filepath.Join(d, ringName), 120) }, ErrShort},
		"a folder": {func(d string) error {
			return errors.Join(os.Remove(filepath.Join(d, ringName)), os.Mkdir(filepath.Join(d, ringName), 0o700))
		}, ErrUnreadable},
		"another version": {replace("weir keys 1\n", "weir keys 2\n"), ErrVersion},
		"another epoch":   {rewrite(time.Hour, 20000), ErrEpoch},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t)
			key(t, open(t, dir, &clock{t: noon}), noon)
			if err := c.spoil(dir); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
			_, err := Open(Config{Dir: dir, Now: (&clock{t: noon}).now})
			var fault *Error
			if !errors.Is(err, c.want) || !errors.As(err, &fault) || fault.Instead == "" || !strings.Contains(err.Error(), dir) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// ring is one class with one chain.
func ring(oldest int64, key secret) map[string]*lineage {
	return map[string]*lineage{class: {chains: []chain{{oldest: oldest, key: key}}}}
}

func replace(old, new string) func(string) error {
	return func(dir string) error {
		b, err := os.ReadFile(filepath.Join(dir, ringName))
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, ringName), bytes.Replace(b, []byte(old), []byte(new), 1), 0o600)
	}
}

func rewrite(epoch time.Duration, oldest int64) func(string) error {
	return func(dir string) error {
		b := encode(epoch, ring(oldest, secret{1}))
		return os.WriteFile(filepath.Join(dir, ringName), b, 0o600)
	}
}

func TestEveryDamagedByteIsNoticed(t *testing.T) {
	want := map[string]*lineage{
		class: {chains: []chain{{oldest: 20000, key: secret{1}}, {oldest: 20004, key: secret{3}, since: 20004*86400 + 17}}},
		"2y":  {chains: []chain{{oldest: 20001, key: secret{2}}}},
	}
	good := encode(day, want)
	if _, found, err := decode(good); err != nil || len(found) != 2 || !found["2y"].equal(want["2y"]) || !found[class].equal(want[class]) {
		t.Fatal(found, err)
	}
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		if _, _, err := decode(bad); err == nil {
			t.Errorf("byte %d", i)
		}
		if _, _, err := decode(good[:i]); err == nil {
			t.Errorf("cut at %d", i)
		}
	}
}

func TestDestroyedEpochHasNoKey(t *testing.T) {
	dir, c := folder(t), &clock{t: noon}
	r := open(t, dir, c)
	if err := r.Class(class, 30*day); err != nil {
		t.Fatal(err)
	}
	early, later := key(t, r, noon), key(t, r, noon.Add(day))
	before := ringFile(t, dir)

	c.add(32 * day)
	if err := r.Retire(class, c.now()); err != nil {
		t.Fatal(err)
	}
	for _, ring := range []*Ring{r, open(t, dir, c)} {
		if _, err := ring.Key(class, noon, "www", category.Email); !errors.Is(err, ErrDestroyed) {
			t.Errorf("the destroyed epoch: %v", err)
		}
		if key(t, ring, noon.Add(2*day)) == early {
			t.Error("epochs moved")
		}
	}
	// What is left is the same as without destruction.
	c2 := &clock{t: noon}
	copied := folder(t)
	if err := os.Mkdir(copied, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(copied, ringName), before, 0o600); err != nil {
		t.Fatal(err)
	}
	old := open(t, copied, c2)
	if key(t, old, noon.Add(3*day)) != key(t, r, noon.Add(3*day)) || key(t, old, noon.Add(day)) != later {
		t.Error("later epochs have other keys")
	}
	if bytes.Equal(before, ringFile(t, dir)) {
		t.Error("the file still holds the old key")
	}
}

func TestRetireNeedsClockAndLogToAgree(t *testing.T) {
	c := &clock{t: noon}
	r := open(t, folder(t), c)
	if err := r.Retire(class, noon); !errors.Is(err, ErrUnknownClass) {
		t.Error(err)
	}
	if err := r.Class(class, 30*day); err != nil {
		t.Fatal(err)
	}
	usable := func(at time.Time) bool { _, err := r.Key(class, at, "www", category.Email); return err == nil }
	for _, step := range []struct {
		name   string
		add    time.Duration
		before time.Time
		usable bool
	}{
		{"a log that lost its entries", 29 * day, noon.Add(29 * day), true},
		{"a clock that is ahead of the log", 100 * day, noon, true},
		{"entries of the same epoch", 0, noon.Add(11 * time.Hour), true},
		{"both", 0, noon.Add(13 * time.Hour), false},
	} {
		c.add(step.add)
		if err := r.Retire(class, step.before); err != nil {
			t.Fatal(step.name, err)
		}
		if usable(noon) != step.usable {
			t.Errorf("%s: usable is %v", step.name, !step.usable)
		}
	}
}

func TestOldBytesAreOverwritten(t *testing.T) {
	dir, c := folder(t), &clock{t: noon}
	r := open(t, dir, c)
	if err := r.Class(class, day); err != nil {
		t.Fatal(err)
	}
	old, err := os.Open(filepath.Join(dir, ringName))
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	c.add(10 * day)
	if err := r.Retire(class, c.now()); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1024)
	n, _ := old.ReadAt(b, 0)
	if n == 0 || !bytes.Equal(b[:n], make([]byte, n)) {
		t.Errorf("%d bytes, not all zero", n)
	}
}

// A crash can leave the ring as it was, with a new one beside it that is whole
// or cut anywhere.
func TestCrashWhileRetiringLosesNothing(t *testing.T) {
	next := encode(day, ring(20999, secret{9}))
	for _, cut := range []int{0, 1, 40, len(next) / 2, len(next) - 1, len(next)} {
		t.Run(fmt.Sprint(cut), func(t *testing.T) {
			dir, c := folder(t), &clock{t: noon}
			want := key(t, open(t, dir, c), noon)
			if err := os.WriteFile(filepath.Join(dir, newName), next[:cut], 0o600); err != nil {
				t.Fatal(err)
			}
			r := open(t, dir, c)
			if key(t, r, noon) != want {
				t.Error("the ring changed")
			}
			if _, err := os.Stat(filepath.Join(dir, newName)); !os.IsNotExist(err) {
				t.Error("the half-written ring is still there")
			}
			if err := r.Class(class, day); err != nil {
				t.Fatal(err)
			}
			c.add(10 * day)
			if err := r.Retire(class, c.now()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCrashBeforeTheFirstRingStartsAnew(t *testing.T) {
	dir := folder(t)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, newName), []byte("weir ke"), 0o600); err != nil {
		t.Fatal(err)
	}
	key(t, open(t, dir, &clock{t: noon}), noon)
}

func TestRetiringTwiceFromTwoProcessesAgrees(t *testing.T) {
	dir, c := folder(t), &clock{t: noon}
	a, b := open(t, dir, c), open(t, dir, c)
	for _, r := range []*Ring{a, b} {
		if err := r.Class(class, day); err != nil {
			t.Fatal(err)
		}
	}
	c.add(10 * day)
	if err := a.Retire(class, c.now()); err != nil {
		t.Fatal(err)
	}
	if err := b.Class("2y", day); err != nil { // b's memory of 30d is older than the file
		t.Fatal(err)
	}
	if err := b.Retire(class, c.now().Add(-2*day)); err != nil {
		t.Fatal(err)
	}
	if key(t, a, c.now()) != key(t, b, c.now()) || key(t, a, c.now()) != key(t, open(t, dir, c), c.now()) {
		t.Error("they disagree")
	}
}

func TestExternalRingIsNeverWritten(t *testing.T) {
	dir, c := folder(t), &clock{t: noon}
	key(t, open(t, dir, c), noon)
	if err := os.Remove(filepath.Join(dir, lockName)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chmod(filepath.Join(dir, ringName), 0o400), os.Chmod(dir, 0o500)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	before := ringFile(t, dir)
	r, err := Open(Config{Dir: dir, External: true, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	key(t, r, noon)
	if _, err := r.Key("2y", noon, "www", category.Email); !errors.Is(err, ErrUnknownClass) {
		t.Error(err)
	}
	if err := r.Class(class, day); err != nil {
		t.Error(err)
	}
	c.add(10 * day)
	if err := r.Retire(class, c.now()); err != nil {
		t.Error(err)
	}
	files, _ := os.ReadDir(dir)
	if !bytes.Equal(before, ringFile(t, dir)) || len(files) != 1 {
		t.Errorf("it was written: %v", files)
	}
	if _, err := Open(Config{Dir: filepath.Join(dir, "none"), External: true}); !errors.Is(err, ErrUnreadable) {
		t.Error(err)
	}
}

func TestConfigIsChecked(t *testing.T) {
	for _, c := range []Config{{}, {Dir: "x", Epoch: -time.Hour}, {Dir: "x", Epoch: 1500 * time.Millisecond}} {
		if _, err := Open(c); err == nil {
			t.Errorf("%+v", c)
		}
	}
	r := open(t, folder(t), &clock{t: noon})
	for _, name := range []string{"", "a b", "a\nb", strings.Repeat("x", 65)} {
		if _, err := r.Key(name, noon, "www", category.Email); !errors.Is(err, ErrUnknownClass) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encode(day, ring(20000, secret{1})))
	f.Add([]byte("weir keys 1\nepoch 86400\ncheck 00\n"))
	f.Add([]byte("weir keys 1\nepoch 9999999999999999999\nclass  1 1\ncheck "))
	f.Fuzz(func(t *testing.T, b []byte) {
		epoch, found, err := decode(b)
		if err == nil && !bytes.Equal(encode(epoch, found), b) {
			t.Error("not what was written")
		}
	})
}
