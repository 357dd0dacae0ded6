package telemetry

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// rules counts by the name of a rule. Names come from policies only.
type rules struct {
	mu    sync.Mutex // of who names
	named atomic.Pointer[map[string]*Counter]
	other Counter
}

// maxRules bounds the names of all policies that one process has seen.
const maxRules = 1000

// name adds names. A counter never goes back, so those of earlier policies stay.
func (r *rules) name(names []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make(map[string]*Counter)
	if old := r.named.Load(); old != nil {
		maps.Copy(all, *old)
	}
	for _, n := range names {
		if all[n] == nil && len(all) < maxRules {
			all[n] = new(Counter)
		}
	}
	r.named.Store(&all)
}

func (r *rules) matched(rule string, n int) {
	c := &r.other
	if named := r.named.Load(); named != nil {
		if known := (*named)[rule]; known != nil {
			c = known
		}
	}
	c.Add(uint64(n))
}

// each visits the names in order, "other" last and only where it counted.
func (r *rules) each(visit func(rule string, n uint64)) {
	if named := r.named.Load(); named != nil {
		for _, name := range slices.Sorted(maps.Keys(*named)) {
			visit(name, (*named)[name].Load())
		}
	}
	if n := r.other.Load(); n > 0 {
		visit(other, n)
	}
}
