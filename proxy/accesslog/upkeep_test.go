package accesslog

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/proxy/telemetry"
)

// obstacle is a folder that cannot be deleted as a file. It is removed while
// nobody tends l: half removed it could be deleted.
func obstacle(t *testing.T, l *Log, path string) (remove func()) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(path, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	return func() {
		l.tending.Lock()
		defer l.tending.Unlock()
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFailedUpkeepIsToldAndTriedAgain(t *testing.T) {
	dir := t.TempDir()
	c := newClock()
	var told bytes.Buffer
	log, err := telemetry.NewLog(telemetry.LogConfig{Out: &told})
	if err != nil {
		t.Fatal(err)
	}
	plain := filepath.Join(dir, "30d", "20261122T100000Z-00000001.jsonl")
	l := open(t, Config{Dir: dir, Now: c.Now, Log: log})
	l.Append(entry(1, c.Now()))
	flush(t, l)

	remove := obstacle(t, l, plain+sealedSuffix+tempSuffix)
	c.Advance(time.Hour)
	flush(t, l)
	l.look()
	if lines, _ := read(t, dir); len(lines) != 1 {
		t.Fatal("the entry is gone")
	}
	remove()
	l.look()
	if got := files(t, filepath.Dir(plain)); len(got) != 1 || got[0] != filepath.Base(plain)+sealedSuffix {
		t.Fatalf("not sealed: %v", got)
	}

	remove = obstacle(t, l, plain)
	c.Advance(month)
	l.look()
	if _, ok := l.Oldest("30d"); !ok {
		t.Error("forgotten before it was deleted")
	}
	remove()
	l.look()
	if got := files(t, filepath.Dir(plain)); len(got) != 0 {
		t.Errorf("left: %v", got)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"log_upkeep_failed of=seal segment=" + plain, "log_upkeep_failed of=expire segment=" + plain} {
		if !strings.Contains(told.String(), want) {
			t.Errorf("no %q in %s", want, &told)
		}
	}
}

func TestSealingThatIsStoppedLeavesThePlainSegment(t *testing.T) {
	dir := t.TempDir()
	path := leftBehind(t, dir, entry(1, time.Now()).Line)
	s, ok := parseName(filepath.Base(path))
	if !ok {
		t.Fatal("no segment")
	}
	s.Dir = filepath.Dir(path)
	if _, err := compress(s, func() bool { return true }); !errors.Is(err, errStopped) {
		t.Errorf("%v", err)
	}
	if got := files(t, s.Dir); len(got) != 1 || got[0] != filepath.Base(path) {
		t.Errorf("files %v", got)
	}
}

func TestSealingStopsWithinAChunkWhateverItIsAt(t *testing.T) {
	all := bytes.Repeat(entry(1, time.Now()).Line, 50000) // a dozen chunks
	for _, until := range []int{1, len(all) / 2} {
		in, asked := &counted{Reader: bytes.NewReader(all)}, 0
		_, err := compressTo(io.Discard, in, Segment{Ext: "jsonl"}, func() bool { asked = in.read; return in.read >= until })
		if !errors.Is(err, errStopped) || asked > until+2*chunkSize {
			t.Errorf("%v after %d bytes, was to stop after %d", err, asked, until)
		}
	}
}

// counted counts the bytes that are read.
type counted struct {
	*bytes.Reader
	read int
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.read += n
	return n, err
}

func TestPlainSegmentDeletedBySomebodyWhileItIsSealedIsSealed(t *testing.T) {
	path := leftBehind(t, t.TempDir(), entry(1, time.Now()).Line)
	s, ok := parseName(filepath.Base(path))
	if !ok {
		t.Fatal("no segment")
	}
	s.Dir = filepath.Dir(path)
	sealed, err := compress(s, func() bool { return os.Remove(path) == nil && false })
	if err != nil || sealed.entries != 1 {
		t.Errorf("%d entries, %v", sealed.entries, err)
	}
	if got := files(t, s.Dir); len(got) != 1 || got[0] != filepath.Base(path)+sealedSuffix {
		t.Errorf("files %v", got)
	}
}

func TestSegmentDeletedBySomebodyIsForgotten(t *testing.T) {
	dir := t.TempDir()
	c := newClock()
	l := open(t, Config{Dir: dir, Now: c.Now})
	l.Append(entry(1, c.Now()))
	flush(t, l)
	l.tending.Lock()
	c.Advance(time.Hour)
	flush(t, l)
	if err := os.Remove(filepath.Join(dir, "30d", "20261122T100000Z-00000001.jsonl")); err != nil {
		t.Fatal(err)
	}
	l.tending.Unlock()
	l.look()
	if _, ok := l.Oldest("30d"); ok {
		t.Error("still counted as existing")
	}
}

func TestDamagedClassFileDeletesNothing(t *testing.T) {
	for _, text := range []string{"", "{", `{"keep":"-1h"}`, `{"keep":"soon"}`, `{"keep":""}`} {
		dir := t.TempDir()
		c := newClock()
		path := leftBehind(t, dir, entry(1, c.Now()).Line)
		about := filepath.Join(filepath.Dir(path), classFile)
		if err := os.WriteFile(about, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c.Advance(2 * month)
		l := open(t, Config{Dir: dir, Now: c.Now})
		l.look()
		if lines, _ := read(t, dir); len(lines) != 1 {
			t.Fatalf("%q: deleted without a keep", text)
		}
		l.Append(entry(2, c.Now()))
		flush(t, l)
		l.look()
		lines, _ := read(t, dir)
		if got := numbers(t, lines); len(got) != 1 || got[0] != 2 {
			t.Errorf("%q: in use again, got %v", text, got)
		}
	}
}

func TestOnlySegmentsAreTakenForSegments(t *testing.T) {
	for name, want := range map[string]bool{
		"20261122T100000Z-00000001.jsonl":            true,
		"20261122T100000Z-123456789.log.zst":         true,
		"20261122T100000Z-0000001.jsonl":             false,
		"20261322T100000Z-00000001.jsonl":            false,
		"20261122T100000Z-9999999999999999999.jsonl": true,
		"20261122T100000Z-00000001.jsonl.gz":         false,
		"x20261122T100000Z-00000001.jsonl":           false,
		classFile:                                    false,
	} {
		s, ok := parseName(name)
		if ok != want || ok && s.Name() != name {
			t.Errorf("%s: %v, %s", name, ok, s.Name())
		}
	}
}
