package accesslog

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const classFile = "class.json"

// className is what a class may be called: it names a folder.
var className = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// class is one retention class: its queue, its folder and its segments.
type class struct {
	name  string
	dir   string
	keep  atomic.Int64 // time.Duration; 0: not known, nothing is deleted
	queue queue

	// The writer's alone.
	file  *file
	saved time.Duration // keep as class.json has it

	mu       sync.Mutex
	segments []Segment // in order; an open one is the last
	sequence uint64    // of the last segment that was begun
}

func newClass(dir, name string, keep time.Duration) *class {
	c := &class{name: name, dir: filepath.Join(dir, name), queue: newQueue()}
	c.keep.Store(int64(keep))
	return c
}

// aboutClass is what class.json holds.
type aboutClass struct {
	Keep string `json:"keep"`
}

// save writes class.json anew where keep has changed.
func (c *class) save() error {
	keep := time.Duration(c.keep.Load())
	if keep == c.saved || keep == 0 {
		return nil
	}
	text, err := json.Marshal(aboutClass{Keep: keep.String()})
	if err != nil {
		return err
	}
	path := filepath.Join(c.dir, classFile)
	if err := writeSynced(path+tempSuffix, append(text, '\n')); err != nil {
		return err
	}
	if err := os.Rename(path+tempSuffix, path); err != nil {
		return err
	}
	c.saved = keep
	return syncDir(c.dir)
}

// load reads class.json. Where that is not there or not readable the name may say
// as much; the error is returned all the same, and where nothing says keep is unknown.
func (c *class) load(named func(class string) (time.Duration, bool)) error {
	err := c.read()
	if err != nil && named != nil {
		if keep, ok := named(c.name); ok {
			c.keep.Store(int64(keep))
		}
	}
	return err
}

func (c *class) read() error {
	text, err := os.ReadFile(filepath.Join(c.dir, classFile))
	if err != nil {
		return err
	}
	var about aboutClass
	if err := json.Unmarshal(text, &about); err != nil {
		return fmt.Errorf("%s is damaged", classFile)
	}
	keep, err := time.ParseDuration(about.Keep)
	if err != nil || keep <= 0 {
		return fmt.Errorf("%s has no valid keep", classFile)
	}
	c.keep.Store(int64(keep))
	c.saved = keep
	return nil
}

// writeSynced brings text to the disk before it returns: a power cut after the
// renaming must not leave a class without its keep, which nothing would delete.
func writeSynced(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// folder makes the class's folder, and makes it last.
func (c *class) folder() error {
	err := os.Mkdir(c.dir, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(c.dir))
}

// begin adds the segment that is written from now on.
func (c *class) begin(ext string, now time.Time) Segment {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sequence++
	s := Segment{Dir: c.dir, Class: c.name, Start: now.UTC().Truncate(time.Second), Sequence: c.sequence, Ext: ext, Open: true, times: noSpan}
	c.segments = append(c.segments, s)
	return s
}

// change updates the segment with a sequence, or drops it where keep is false.
func (c *class) change(sequence uint64, f func(*Segment) (keep bool)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.segments {
		if c.segments[i].Sequence == sequence {
			if !f(&c.segments[i]) {
				c.segments = slices.Delete(c.segments, i, i+1)
			}
			return
		}
	}
}

// snapshot copies the list of segments.
func (c *class) snapshot() []Segment {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.segments)
}

// listClass finds the segments of one class on disk, in order, and temporary
// files. A segment that lies there both plain and sealed is listed twice,
// the plain one first.
func listClass(dir, name string) (segments []Segment, leftovers []string, err error) {
	folder := filepath.Join(dir, name)
	files, err := os.ReadDir(folder)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range files {
		if final, ok := strings.CutSuffix(f.Name(), tempSuffix); ok {
			if _, ok := parseName(final); ok || final == classFile {
				leftovers = append(leftovers, filepath.Join(folder, f.Name()))
			}
		} else if s, ok := parseName(f.Name()); ok && f.Type().IsRegular() {
			s.Dir, s.Class, s.times = folder, name, noSpan
			segments = append(segments, s)
		}
	}
	slices.SortFunc(segments, func(a, b Segment) int {
		return cmp.Or(cmp.Compare(a.Sequence, b.Sequence), cmp.Compare(a.Name(), b.Name()))
	})
	return segments, leftovers, nil
}

// listClasses finds the folders of classes below dir.
func listClasses(dir string) ([]string, error) {
	folders, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, f := range folders {
		if f.IsDir() && className.MatchString(f.Name()) {
			names = append(names, f.Name())
		}
	}
	return names, nil
}
