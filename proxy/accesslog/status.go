package accesslog

import (
	"errors"
	"io/fs"
	"time"
)

// Standing is what lies on the disk of one class.
type Standing struct {
	Class string
	Keep  time.Duration // 0: nobody knows, and nothing is deleted
	// Segments and Entries are how many there are, Bytes what they take on the disk.
	Segments int
	Entries  int64
	Bytes    int64
	// Oldest and Newest are times of entries; zero where there are none.
	Oldest, Newest time.Time
	// Overdue are the segments that should have been deleted by now.
	Overdue int
	// Guessed are the segments whose end is damaged: their times are those of their files.
	Guessed int
}

// Standings tells of each class below c.Dir, in the order of their names, at c.Now. It opens and
// changes nothing, whether a Log is open there or not; what waits to be written is not counted. Of
// c are read Dir, MaxAge, Keep and Now. A folder that is not there has no classes.
func (c Config) Standings() ([]Standing, error) {
	c = c.withDefaults()
	names, err := listClasses(c.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	segments, err := Segments(c.Dir)
	if err != nil {
		return nil, err
	}
	var all []Standing
	for _, name := range names {
		k := newClass(c.Dir, name, 0)
		unknown := k.load(c.Keep)
		s := Standing{Class: name, Keep: time.Duration(k.keep.Load())}
		times := noSpan
		for _, g := range segments {
			if g.Class != name {
				continue
			}
			here, err := s.add(g, &c)
			if err != nil {
				return nil, err
			}
			times = times.with(here)
		}
		if unknown != nil && s.Segments == 0 {
			continue // a folder of somebody else
		}
		if !times.empty() {
			s.Oldest, s.Newest = time.Unix(0, times.first).UTC(), time.Unix(0, times.last).UTC()
		}
		all = append(all, s)
	}
	return all, nil
}

// add counts a segment, and returns the times of its entries.
func (s *Standing) add(g Segment, c *Config) (span, error) {
	f, sealed, err := g.open()
	if errors.Is(err, fs.ErrNotExist) {
		return noSpan, nil // its time was over since it was listed
	}
	if err != nil {
		return noSpan, err
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	if err != nil {
		return noSpan, err
	}
	t, ok := tally{times: noSpan}, true
	if sealed {
		t, ok = readFooter(f.Name())
	} else if t, err = measure(f, g.Ext); err != nil {
		return noSpan, err
	}
	if !ok {
		s.Guessed++
		t = tally{times: guess(g, info.ModTime())}
	}
	s.Segments++
	s.Entries += t.entries
	s.Bytes += info.Size()
	if over, known := c.deadline(g, t.times, s.Keep); known && c.Now().After(over) {
		s.Overdue++
	}
	return t.times, nil
}

// deadline is by when a segment is to be deleted at the latest; known is false
// where nothing says.
func (c *Config) deadline(g Segment, times span, keep time.Duration) (at time.Time, known bool) {
	if times.empty() || keep == 0 {
		return at, false
	}
	at = time.Unix(0, times.last).Add(keep)
	if left := g.Start.Add(c.MaxAge); g.Open && left.After(at) {
		at = left
	}
	return at.Add(min(patience, keep/8) + 2*tendInterval), true
}
