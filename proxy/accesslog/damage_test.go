package accesslog

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/proxy/telemetry"
	"weir/redact/record"
)

// leftBehind writes a plain segment as a killed process leaves it.
func leftBehind(t testing.TB, dir string, content []byte) (path string) {
	t.Helper()
	folder := filepath.Join(dir, "30d")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, classFile), []byte(`{"keep":"720h0m0s"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(folder, "20261122T100000Z-00000001.jsonl")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTailTornAnywhereIsRepairedAndTold(t *testing.T) {
	c := newClock()
	var whole []byte
	for n := 1; n <= 3; n++ {
		whole = append(whole, entry(n, c.Now()).Line...)
	}
	for size := range len(whole) + 1 {
		dir := t.TempDir()
		path := leftBehind(t, dir, whole[:size])
		var told bytes.Buffer
		log, err := telemetry.NewLog(telemetry.LogConfig{Out: &told, Level: telemetry.LevelWarn})
		if err != nil {
			t.Fatal(err)
		}
		l := open(t, Config{Dir: dir, Log: log, Now: c.Now})
		flush(t, l)
		l.look()
		l.Append(entry(4, c.Now()))
		flush(t, l)
		lines, damages := read(t, dir)
		got := numbers(t, lines)
		kept := bytes.Count(whole[:size], []byte{'\n'})
		torn := size > 0 && whole[size-1] != '\n'
		var want []int
		for n := 1; n <= kept; n++ {
			want = append(want, n)
		}
		if torn {
			want = append(want, 0) // the gap
		}
		want = append(want, 4)
		if !slices.Equal(got, want) || len(damages) > 0 {
			t.Fatalf("cut at %d: got %v, want %v, %v", size, got, want, damages)
		}
		var repairs uint64
		if torn {
			repairs = 1
		}
		m := l.cfg.Metrics
		if m.Repairs.Load() != repairs || m.Lost.Load() != repairs || m.Gaps.Load() != repairs ||
			strings.Contains(told.String(), "log_torn_tail_repaired") != torn {
			t.Fatalf("cut at %d: %d repairs told: %s", size, m.Repairs.Load(), &told)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Fatalf("cut at %d: the segment was not sealed", size)
		}
	}
}

func TestTailOfOtherBytesIsCutOff(t *testing.T) {
	c := newClock()
	good := slices.Concat(entry(1, c.Now()).Line, entry(2, c.Now()).Line)
	for name, tail := range map[string][]byte{
		"zeros, as after a power cut": make([]byte, 4096),
		"more zeros than a line":      make([]byte, 3*MaxLine+17),
		"lines that are not JSON":     []byte("x\n\n{\"time\":\n[1]\n"),
		"zeros with line feeds":       bytes.Repeat([]byte("\x00\x00\n"), 100),
	} {
		dir := t.TempDir()
		leftBehind(t, dir, slices.Concat(good, tail))
		l := open(t, Config{Dir: dir, Now: c.Now})
		flush(t, l)
		lines, damages := read(t, dir)
		if got := numbers(t, lines); !slices.Equal(got, []int{1, 2, 0}) || len(damages) > 0 {
			t.Errorf("%s: got %v %v", name, got, damages)
		}
	}
}

func TestLiveTailIsNoDamage(t *testing.T) {
	dir := t.TempDir()
	line := entry(1, time.Now()).Line
	leftBehind(t, dir, slices.Concat(line, line[:20]))
	if lines, damages := read(t, dir); len(lines) != 1 || len(damages) > 0 {
		t.Errorf("%v %v", lines, damages)
	}
}

func TestDamagedLineIsNamedAndPassed(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	path := leftBehind(t, dir, slices.Concat(entry(1, now).Line, []byte("{\"n\": anna@example.dk\n"), entry(3, now).Line))
	lines, damages := read(t, dir)
	if got := numbers(t, lines); !slices.Equal(got, []int{1, 3}) {
		t.Errorf("got %v", got)
	}
	if len(damages) != 1 || damages[0].Segment != path || damages[0].Offset != int64(len(entry(1, now).Line)) || strings.Contains(damages[0].Error(), "anna") {
		t.Errorf("damages %v", damages)
	}
}

func TestDamageIsBounded(t *testing.T) {
	dir := t.TempDir()
	line := entry(1, time.Now()).Line
	leftBehind(t, dir, slices.Concat(line, bytes.Repeat([]byte("\n"), 1000), line))
	lines, damages := read(t, dir)
	if len(lines) != 1 || len(damages) != maxDamages+1 {
		t.Errorf("%d lines, %d damages", len(lines), len(damages))
	}
	leftBehind(t, dir, slices.Concat(line, bytes.Repeat([]byte("x"), 2*MaxLine), line))
	lines, damages = read(t, dir)
	if len(lines) != 1 || len(damages) != 1 || damages[0].What != "a line has no end" {
		t.Errorf("%d lines, %v", len(lines), damages)
	}
}

// sealedLog seals entries 1 to n and returns the sealed file.
func sealedLog(t testing.TB, dir string, n int) (path string, content []byte) {
	t.Helper()
	c := newClock()
	l := open(t, Config{Dir: dir, Now: c.Now})
	for i := 1; i <= n; i++ {
		l.Append(entry(i, c.Now()))
	}
	flush(t, l)
	c.Advance(time.Hour)
	flush(t, l)
	l.look()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "30d", "20261122T100000Z-00000001.jsonl.zst")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, content
}

func TestSealedSegmentIsReadUpToWhereItIsCutOff(t *testing.T) {
	dir := t.TempDir()
	path, content := sealedLog(t, dir, 2000)
	frame := len(content) - footerSize
	for size := 0; size < len(content); size += 1 + size/40 {
		if err := os.WriteFile(path, content[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		lines, damages := read(t, dir)
		for i, n := range numbers(t, lines) {
			if n != i+1 {
				t.Fatalf("cut at %d: entry %d in place %d", size, n, i+1)
			}
		}
		if len(lines) < 2000 && len(damages) != 1 && size > 0 {
			t.Fatalf("cut at %d of %d: %d lines and nothing told", size, frame, len(lines))
		}
		for _, d := range damages {
			if d.Segment != path {
				t.Fatalf("cut at %d: %v", size, d)
			}
		}
	}
}

func TestFlippedByteInASealedSegmentIsTold(t *testing.T) {
	dir := t.TempDir()
	path, content := sealedLog(t, dir, 500)
	want, _ := read(t, dir)
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		at := rnd.IntN(len(content) - footerSize)
		spoilt := bytes.Clone(content)
		spoilt[at] ^= 1 << rnd.IntN(8)
		if err := os.WriteFile(path, spoilt, 0o600); err != nil {
			t.Fatal(err)
		}
		got, damages := read(t, dir)
		if !slices.Equal(got, want) && len(damages) == 0 {
			t.Fatalf("byte %d: %d lines, other than what was written, and nothing told", at, len(got))
		}
	}
}

func TestSpoiltFooterKeepsTheSegmentForItsTime(t *testing.T) {
	dir := t.TempDir()
	path, content := sealedLog(t, dir, 10)
	for size := range footerSize {
		if err := os.WriteFile(path, content[:len(content)-footerSize+size], 0o600); err != nil {
			t.Fatal(err)
		}
		written := time.Now() // is the file's time
		if begun := newClock().Now(); written.Before(begun) {
			written = begun
		}
		now := &clock{now: written.Add(month - time.Hour)}
		l := open(t, Config{Dir: dir, Now: now.Now})
		l.look()
		if got := files(t, filepath.Join(dir, "30d")); len(got) != 1 {
			t.Fatalf("cut at %d: deleted early", size)
		}
		if size == 7 {
			now.Advance(2 * time.Hour)
			l.look()
			if got := files(t, filepath.Join(dir, "30d")); len(got) != 0 {
				t.Fatalf("kept too long: %v", got)
			}
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func FuzzSealedSegment(f *testing.F) {
	dir := f.TempDir()
	path, content := sealedLog(f, dir, 50)
	f.Add(content)
	f.Add(content[:len(content)/2])
	f.Add([]byte{0x28, 0xb5, 0x2f, 0xfd, 0xe4, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		s := Segment{Dir: filepath.Dir(path), Class: "30d", Start: newClock().Now(), Sequence: 1, Ext: "jsonl", Sealed: true}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		for line := range s.Lines() {
			if len(line) >= MaxLine {
				t.Fatal("a line beyond the bound")
			}
		}
		if tally, ok := readFooter(path); ok && (tally.size < 0 || tally.times.empty()) {
			t.Fatal("a senseless footer was believed")
		}
	})
}

func FuzzRepair(f *testing.F) {
	good := entry(1, time.Unix(0, 0)).Line
	f.Add(good, true)
	f.Add(slices.Concat(good, good[:9]), true)
	f.Add([]byte("a [22/Nov/2026:10:00:00 +0000]\n\x00"), false)
	path := filepath.Join(f.TempDir(), "segment")
	f.Fuzz(func(t *testing.T, b []byte, json bool) {
		ext := extension(record.Common)
		if json {
			ext = extension(record.JSON)
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		cut, err := repair(path, ext)
		if err != nil {
			t.Fatal(err)
		}
		left, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(b, left) || int64(len(b)-len(left)) != cut {
			t.Fatal("more than the tail was changed")
		}
		if n := len(left); n > 0 {
			last := left[:n-1]
			last = last[bytes.LastIndexByte(last, '\n')+1:]
			if left[n-1] != '\n' || !whole(last, ext) {
				t.Fatalf("the last line is not whole: %q", last)
			}
		}
		if again, err := repair(path, ext); err != nil || again != 0 {
			t.Fatalf("repaired twice: %d %v", again, err)
		}
	})
}
