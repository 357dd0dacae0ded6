package keys

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/redact/category"
)

const childDir = "WEIR_KEYS_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		child(dir)
		return
	}
	os.Exit(m.Run())
}

// mask hides what is searched for: the search must not find itself.
const mask = 0x5a

// forms are the shapes in which a key can lie about, masked: as it is, as the file
// has it, and padded as HMAC pads it.
func forms(key secret) [][]byte {
	padded := func(with byte) []byte {
		b := make([]byte, 64)
		key.pad(b, with)
		return b[:Size]
	}
	all := [][]byte{bytes.Clone(key[:]), []byte(hex.EncodeToString(key[:])), padded(0x36), padded(0x5c)}
	for _, b := range all {
		for i := range b {
			b[i] ^= mask
		}
	}
	return all
}

// finder counts the places in memory where needles stand.
type finder struct {
	needles [][]byte
	first   [1 << 16][]int
}

func newFinder(needles [][]byte) *finder {
	f := &finder{needles: needles}
	for i, n := range needles {
		at := int(n[0])<<8 | int(n[1])
		f.first[at] = append(f.first[at], i)
	}
	return f
}

// count counts them in b; the race detector would make it twenty times as slow.
//
//go:norace
func (f *finder) count(b []byte) (n int) {
	for i := 0; i+1 < len(b); i++ {
	needles:
		for _, at := range f.first[int(b[i]^mask)<<8|int(b[i+1]^mask)] {
			for j, c := range f.needles[at] {
				if i+j >= len(b) || b[i+j]^mask != c {
					continue needles
				}
			}
			n++
		}
	}
	return n
}

// inMemory searches all of the process's own memory.
func (f *finder) inMemory() (n int) {
	maps, err := os.ReadFile("/proc/self/maps")
	must(err)
	mem, err := os.Open("/proc/self/mem")
	must(err)
	defer mem.Close()
	const step, overlap = 1 << 20, 4 * Size
	const shadow = 1 << 30 // beyond it, the race detector's notes of who read and wrote
	b := make([]byte, step+overlap)
	for line := range strings.Lines(string(maps)) {
		var from, to int64
		var mode string
		if _, err := fmt.Sscanf(line, "%x-%x %s", &from, &to, &mode); err != nil || mode[0] != 'r' || to-from > shadow || strings.Contains(line, "[v") {
			continue
		}
		for ; from < to; from += step {
			read, _ := mem.ReadAt(b[:min(int64(len(b)), to-from)], from)
			n += f.count(b[:read])
			clear(b[:read])
		}
	}
	return n
}

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// needlesOf reads what the parent wants searched: one masked needle a line.
func needlesOf(name string) (all [][]byte) {
	for line := range strings.FieldsSeq(os.Getenv(name)) {
		b, err := hex.DecodeString(line)
		must(err)
		all = append(all, b)
	}
	return all
}

// child uses a ring for ten days, has it destroyed what is over, and searches its
// own memory before and after.
func child(dir string) {
	c := &clock{t: noon}
	r, err := Open(Config{Dir: dir, Now: c.now})
	must(err)
	must(r.Class(class, 30*day))
	burn()
	use(r)
	burn()
	old, kept := newFinder(needlesOf("OLD")), newFinder(needlesOf("KEPT"))
	fmt.Println("before", old.inMemory() > 0)
	c.add(45 * day)
	must(r.Retire(class, c.now()))
	fmt.Println("after", old.inMemory())
	fmt.Println("kept", kept.inMemory() > 0)
	_, err = r.Key(class, noon, "www", category.Email)
	fmt.Println(err)
	if len(os.Args) > 1 && os.Args[1] == "shred" {
		must(r.Shred())
		fmt.Println("shredded", kept.inMemory())
	}
}

// use asks for keys as exchanges of ten days do.
//
//go:noinline
func use(r *Ring) {
	for d := range 10 {
		at := noon.Add(time.Duration(d) * day)
		_, err := r.Key(class, at, "www", category.Email)
		must(err)
		_, err = r.Encryption(class, at, "www", Prefix)
		must(err)
		r.Epoch(at)
	}
}

// What is destroyed is nowhere: not in the memory of the process that used it, nor
// in any file, nor in the blocks of the file that was replaced.
func TestDestroyedKeysAreInNoMemoryAndNoFile(t *testing.T) {
	dir := folder(t)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	var root secret
	if _, err := rand.Read(root[:]); err != nil { // one in the source would be in the binary
		t.Fatal(err)
	}
	first := noon.Unix()/86400 - 1
	held := ring(first, root)
	if err := os.WriteFile(filepath.Join(dir, ringName), encode(day, held), 0o600); err != nil {
		t.Fatal(err)
	}
	replaced, err := os.Open(filepath.Join(dir, ringName))
	if err != nil {
		t.Fatal(err)
	}
	defer replaced.Close()
	// Noon and 45 days, less 30: what began before that day is over.
	last := noon.Unix()/86400 + 15
	var old, kept [][]byte
	for n := first; n <= last; n++ {
		var s, derived secret
		if err := held[class].chains[0].at(n, &s); err != nil {
			t.Fatal(err)
		}
		if n == last {
			kept = append(kept, forms(s)[:1]...)
			break
		}
		old = append(old, forms(s)...)
		s.derive(&derived, labelPseudonym, "www", string(category.Email))
		old = append(old, forms(derived)...)
		s.derive(&derived, labelEncryption, "www", string(Prefix))
		old = append(old, forms(derived)...)
	}
	listed := func(name string, needles [][]byte) string {
		all := make([]string, len(needles))
		for i, n := range needles {
			all[i] = hex.EncodeToString(n)
		}
		return name + "=" + strings.Join(all, " ")
	}
	cmd := exec.Command(os.Args[0], "shred")
	cmd.Env = append(os.Environ(), childDir+"="+dir, listed("OLD", old), listed("KEPT", kept))
	var errors bytes.Buffer
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if want := "before true\nafter 0\nkept true\n" + ErrDestroyed.Error() + "\nshredded 0\n"; err != nil || string(out) != want {
		t.Errorf("%v %s\n%s\nwant\n%s", err, errors.Bytes(), out, want)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Error(files, err)
	}
	finder := newFinder(append(old, kept...))
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil || finder.count(b) != 0 {
			t.Errorf("%s still holds a key (%v)", f.Name(), err)
		}
	}
	b := make([]byte, 4096)
	n, _ := replaced.ReadAt(b, 0)
	if n == 0 || finder.count(b[:n]) != 0 || !bytes.Equal(b[:n], make([]byte, n)) {
		t.Errorf("%d bytes of the file that was replaced are not all overwritten", n)
	}
	if finder.count(encode(day, held)) == 0 {
		t.Error("the search does not find the key in the file as it was")
	}
}
