package accesslog

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/redact/record"
)

// spoilers are what disks and people do to files.
var spoilers = map[string]func(r *rand.Rand, b []byte) []byte{
	"bits flip": func(r *rand.Rand, b []byte) []byte {
		for range 1 + r.IntN(5) {
			b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		}
		return b
	},
	"it is cut off": func(r *rand.Rand, b []byte) []byte { return b[:r.IntN(len(b))] },
	"a part is zeros": func(r *rand.Rand, b []byte) []byte {
		at := r.IntN(len(b))
		clear(b[at:min(len(b), at+1+r.IntN(8192))])
		return b
	},
	"blocks are swapped": func(r *rand.Rand, b []byte) []byte {
		const block = 4096
		n := len(b) / block
		if n < 2 {
			return b[:len(b)/2]
		}
		i, j := r.IntN(n), r.IntN(n)
		one := bytes.Clone(b[i*block : (i+1)*block])
		copy(b[i*block:], b[j*block:(j+1)*block])
		copy(b[j*block:], one)
		return b
	},
	"a part is missing": func(r *rand.Rand, b []byte) []byte {
		at := r.IntN(len(b))
		return slices.Delete(b, at, min(len(b), at+1+r.IntN(5000)))
	},
}

// longer is the nth line of a test that fills several frames, with random text so
// that they do not become tiny.
func longer(r *rand.Rand, n int, at time.Time) record.Sealed {
	e := entry(n, at)
	text := make([]byte, 200)
	for i := range text {
		text[i] = "0123456789abcdef"[r.IntN(16)]
	}
	e.Line = fmt.Appendf(nil, `{"time":"%s","service":"www","x":"%s","n":%d}`+"\n", at.UTC().Format(time.RFC3339), text, n)
	return e
}

// written makes a log of one segment, sealed or not, and returns its lines.
func written(t *testing.T, dir string, sealed bool, entries int) (path string, content []byte, lines map[string]int) {
	t.Helper()
	c := newClock()
	l := open(t, Config{Dir: dir, Now: c.Now})
	r := rand.New(rand.NewPCG(7, 7))
	for n := 1; n <= entries; n++ {
		l.Append(longer(r, n, c.Now()))
		if n%1000 == 0 {
			flush(t, l)
		}
	}
	flush(t, l)
	if sealed {
		c.Advance(time.Hour)
		flush(t, l)
		l.look()
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(dir, "30d", "*.jsonl*"))
	if err != nil || len(found) != 1 || strings.HasSuffix(found[0], sealedSuffix) != sealed {
		t.Fatalf("%v %v", found, err)
	}
	all, damages := read(t, dir)
	if len(all) != entries || len(damages) > 0 {
		t.Fatalf("%d lines, %v", len(all), damages)
	}
	lines = make(map[string]int)
	for i, line := range all {
		lines[line] = i
	}
	content, err = os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	return found[0], content, lines
}

// What is read of a sealed segment that was spoilt is what was written, and where
// something is missing that is named. Without a checksum a letter of a plain line
// can become another one; its structure cannot.
func TestSpoiltSegmentIsReadAroundTheDamageThatIsNamed(t *testing.T) {
	for _, sealed := range []bool{true, false} {
		dir := t.TempDir()
		path, content, want := written(t, dir, sealed, 4_000)
		for name, spoil := range spoilers {
			t.Run(fmt.Sprintf("sealed %v, %s", sealed, name), func(t *testing.T) {
				r := rand.New(rand.NewPCG(1, 2))
				saved, rounds := 0, 8
				for range rounds {
					if err := os.WriteFile(path, spoil(r, bytes.Clone(content)), 0o600); err != nil {
						t.Fatal(err)
					}
					good, foreign, named := 0, 0, 0
					var offset int64
					for line, err := range Lines(dir, "") {
						var d *Damage
						if errors.As(err, &d) {
							if named++; d.Segment != path || d.Offset < offset || d.What == "" {
								t.Fatalf("%v behind %d", d, offset)
							}
							offset = d.Offset
							continue
						} else if err != nil {
							t.Fatal(err)
						}
						if _, ok := want[string(line)]; ok {
							good++
						} else {
							foreign++
						}
					}
					if sealed && foreign > 0 {
						t.Fatalf("%d lines that nobody wrote", foreign)
					}
					// The end of an open segment may be one that is still written.
					if good < len(want) && named == 0 && foreign == 0 && (sealed || name != "it is cut off" && name != "a part is missing") {
						t.Fatalf("%d of %d lines, and no damage named", good, len(want))
					}
					saved += good
				}
				if saved < rounds*len(want)/6 {
					t.Errorf("%d lines of %d were saved", saved/rounds, len(want))
				}
			})
		}
	}
}

// A tail of many broken lines is looked at once, not once for each of them.
func TestLongTailOfBrokenLinesIsRepaired(t *testing.T) {
	dir := t.TempDir()
	c := newClock()
	good := slices.Concat(entry(1, c.Now()).Line, entry(2, c.Now()).Line)
	for name, tail := range map[string][]byte{
		"short lines":             bytes.Repeat([]byte("\x00\n"), 4<<20),
		"long lines":              bytes.Repeat(append(bytes.Repeat([]byte("x"), 70_000), '\n'), 100),
		"long and short lines":    bytes.Repeat(append(bytes.Repeat([]byte("x\n"), 1000), bytes.Repeat([]byte("y"), 90_000)...), 60),
		"lines longer than lines": bytes.Repeat(append(bytes.Repeat([]byte("x"), MaxLine+5), '\n'), 10),
	} {
		path := leftBehind(t, dir, slices.Concat(good, tail))
		counted := &counting{}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		counted.f = f
		end, err := lastWhole(counted, int64(len(good)+len(tail)), "jsonl")
		_ = f.Close()
		if err != nil || end != int64(len(good)) {
			t.Errorf("%s: whole up to %d of %d, %v", name, end, len(good), err)
		}
		if most := 5 * (len(tail) + 4<<20); counted.read > most {
			t.Errorf("%s: %d bytes read of %d", name, counted.read, len(tail))
		}
	}
}

// counting counts what is read of a file.
type counting struct {
	f    *os.File
	read int
}

func (c *counting) ReadAt(p []byte, at int64) (int, error) {
	c.read += len(p)
	return c.f.ReadAt(p, at)
}
