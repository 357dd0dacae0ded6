package mixed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"weir/proxy/accesslog"
)

// tally reads the log while it is written: segments of the load are deleted when
// their time is over.
type tally struct {
	dir     string
	numbers *numbers

	mu         sync.Mutex
	taken      map[string]bool // segments
	numbered   int             // entries of the load's exchanges
	unnumbered int             // other entries: heads that broke off
	unknown    int             // entries of numbers that nobody began
	gaps       int             // gap entries
	leaks      int             // lines that hold what must not be written
	damaged    int
	errors     map[string]int // entries by error.type
	statuses   map[int]int
}

func newTally(dir string, n *numbers) *tally {
	return &tally{dir: dir, numbers: n, taken: make(map[string]bool), errors: make(map[string]int), statuses: make(map[int]int)}
}

// readLog reads what was sealed, every few seconds.
func (r *Run) readLog(ctx context.Context) {
	every(ctx, 5*time.Second, func(int) {
		if err := r.tally.read(false); err != nil {
			r.fault("log", err)
		}
	})
}

// read takes in the segments that were sealed since; at the end all that are left.
func (t *tally) read(end bool) error {
	all, err := accesslog.Segments(t.dir)
	if err != nil {
		return err
	}
	for _, s := range all {
		key := fmt.Sprint(s.Class, s.Start, s.Sequence)
		if t.taken[key] || !s.Sealed && !end {
			continue
		}
		t.taken[key] = true
		for line, err := range s.Lines() {
			t.line(line, err)
		}
	}
	return nil
}

// entry is what is looked at of a line.
type entry struct {
	Number []string `json:"http.request.header.x-number"`
	Status int      `json:"http.response.status_code"`
	Error  string   `json:"error.type"`
	Gap    any      `json:"gap"`
}

func (t *tally) line(line []byte, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var e entry
	if err != nil || json.Unmarshal(line, &e) != nil {
		t.damaged++
		return
	}
	if bytes.Contains(bytes.ToLower(line), []byte(canary)) || bytes.Contains(line, []byte(clientAddress)) {
		t.leaks++
	}
	if e.Error != "" {
		t.errors[e.Error]++
	}
	t.statuses[e.Status]++
	switch {
	case e.Gap != nil:
		t.gaps++
	case len(e.Number) != 1:
		t.unnumbered++
	default:
		told := state(0)
		if e.Error == "" && (e.Status == 200 || e.Status == 101) {
			told = clean
		}
		if !t.numbers.found(e.Number[0], told) {
			t.unknown++
			return
		}
		t.numbered++
	}
}

func (t *tally) entries() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.numbered
}
