package http1

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

const (
	tick = 50 * time.Millisecond
	// period is how often every connection is looked at, even where nothing is due.
	period    = time.Second
	slotCount = int(period / tick)
)

// phase is what a connection is being read for; it stands in the low bits of a
// deadline, so that whoever moves one knows what it is of.
type phase int64

const (
	phaseIdle   phase = iota // the first byte of a request
	phaseHead                // the rest of a head
	phaseAnswer              // the first byte of a response
	phaseBody
	phaseMask = 3
)

// never is later than every deadline.
const never = math.MaxInt64 &^ phaseMask

// Sweeper keeps the deadlines of any number of connections in one goroutine,
// closes idle upstream connections and notices clients that left. Setting a
// deadline is one atomic store against its clock.
//
// The clock counts the sweeper's own ticks: on a machine that stalled, time
// limits stretch rather than strike.
type Sweeper struct {
	clock atomic.Int64 // nanoseconds

	mu     sync.Mutex
	slots  [slotCount][]*entry
	hand   []*entry // being looked at
	count  int
	cursor int64 // the last tick that was swept
	quit   chan struct{}
	wake   chan struct{}
	once   sync.Once
}

// swept is what the sweeper looks at. visit does what is due at clock time now
// and returns when it wants to be looked at again; it must not block.
type swept interface {
	visit(now int64) (next int64)
}

// entry is a connection's place with the sweeper.
type entry struct {
	owner     swept
	slot, pos int // slot is -1 while it is in the sweeper's hand, or gone
	gone      bool
	sooner    int64 // a time asked for while it was in hand; 0 is none
}

// NewSweeper starts a sweeper. Its goroutine sleeps as long as there is no
// connection.
func NewSweeper() *Sweeper {
	s := &Sweeper{quit: make(chan struct{}), wake: make(chan struct{}, 1)}
	s.clock.Store(int64(period)) // so that 0 is no deadline
	s.cursor = s.clock.Load() / int64(tick)
	go s.run()
	return s
}

// Close ends the sweeper. Connections that still use it have no deadlines any more.
func (s *Sweeper) Close() { s.once.Do(func() { close(s.quit) }) }

func (s *Sweeper) run() {
	t := time.NewTicker(tick)
	defer t.Stop()
	last := time.Now()
	for {
		s.mu.Lock()
		idle := s.count == 0
		s.mu.Unlock()
		if idle {
			t.Stop()
			select {
			case <-s.quit:
				return
			case <-s.wake:
			}
			t.Reset(tick)
			last = time.Now()
			continue
		}
		select {
		case <-s.quit:
			return
		case <-t.C:
		}
		now := time.Now()
		s.sweep(s.clock.Add(int64(min(now.Sub(last), 2*tick))))
		last = now
	}
}

// sweep looks at what is due up to now.
func (s *Sweeper) sweep(now int64) {
	for {
		s.mu.Lock()
		if s.cursor >= now/int64(tick) {
			s.mu.Unlock()
			return
		}
		s.cursor++
		slot := &s.slots[s.cursor%int64(slotCount)]
		s.hand, *slot = *slot, s.hand[:0]
		for _, e := range s.hand {
			e.slot = -1
		}
		s.mu.Unlock()
		// Not under the lock: connections come and go meanwhile.
		for _, e := range s.hand {
			next := e.owner.visit(now)
			s.mu.Lock()
			if !e.gone {
				if e.sooner != 0 {
					next, e.sooner = min(next, e.sooner), 0
				}
				s.place(e, next)
			}
			s.mu.Unlock()
		}
		clear(s.hand)
	}
}

// place puts e where it is looked at at next, or after period if that is sooner.
func (s *Sweeper) place(e *entry, next int64) {
	k := (next-1)/int64(tick) + 1
	k = max(s.cursor+1, min(k, s.cursor+int64(slotCount)-1))
	e.slot = int(k % int64(slotCount))
	e.pos = len(s.slots[e.slot])
	s.slots[e.slot] = append(s.slots[e.slot], e)
}

func (s *Sweeper) take(e *entry) {
	slot := s.slots[e.slot]
	last := slot[len(slot)-1]
	slot[e.pos], last.pos = last, e.pos
	slot[len(slot)-1] = nil
	s.slots[e.slot] = slot[:len(slot)-1]
	e.slot = -1
}

func (s *Sweeper) add(e *entry) {
	s.mu.Lock()
	s.count++
	first := s.count == 1
	s.place(e, s.clock.Load()+int64(period))
	s.mu.Unlock()
	if first {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

func (s *Sweeper) remove(e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.gone {
		return
	}
	e.gone = true
	s.count--
	if e.slot >= 0 {
		s.take(e)
	}
}

// hurry looks at e sooner, because a deadline was set that is due before its turn.
func (s *Sweeper) hurry(e *entry, next int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case e.gone:
	case e.slot < 0: // in hand: its deadlines may have been looked at before this one
		if e.sooner == 0 || next < e.sooner {
			e.sooner = next
		}
	default:
		s.take(e)
		s.place(e, next)
	}
}

// due is the deadline d from now; a d of 0 is none.
func (s *Sweeper) due(d time.Duration, p phase) int64 {
	if d <= 0 {
		return never | int64(p)
	}
	// The clock is up to a tick late.
	return (s.clock.Load()+int64(d+tick))&^phaseMask | int64(p)
}

func deadline(by int64) int64 { return by &^ phaseMask }
