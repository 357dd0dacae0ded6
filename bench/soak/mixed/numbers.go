package mixed

import "sync"

// numbers knows of every exchange what is expected of it and how often it was
// found in the log.
type numbers struct {
	mu  sync.Mutex
	all []number
}

// what is a number and its kind, for messages.
type what struct {
	kind uint8
	word string
}

type number struct {
	kind  uint8
	state state
	found uint8
}

// state is what became of an exchange, as its client and its upstream saw it.
type state uint8

const (
	ended   state = 1 << iota // the client has done with it
	whole                     // its answer was complete, or its head was sent whole and read
	reached                   // its upstream saw it
	right                     // its answer was the upstream's, to the end
	clean                     // its entry says so too
)

// alphabet has letters only, none of them a vowel: no detector takes such a
// word for anything.
const alphabet = "bcdfghjklmnpqrst"

const wordLength = 8

func (n *numbers) begin(kind uint8) uint32 {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, number{kind: kind})
	return uint32(len(n.all) - 1)
}

func (n *numbers) set(i uint32, s state) {
	n.mu.Lock()
	n.all[i].state |= s
	n.mu.Unlock()
}

// saw notes that an upstream got the request of a word.
func (n *numbers) saw(text string) {
	if i, ok := parseWord(text); ok {
		n.mark(i, func(e *number) { e.state |= reached })
	}
}

// found notes an entry, which is clean or tells of an error. It reports whether
// there is such a number.
func (n *numbers) found(text string, told state) bool {
	i, ok := parseWord(text)
	return ok && n.mark(i, func(e *number) {
		e.state |= told
		if e.found < 255 {
			e.found++
		}
	})
}

func (n *numbers) mark(i uint32, f func(*number)) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if int(i) >= len(n.all) {
		return false
	}
	f(&n.all[i])
	return true
}

func (n *numbers) begun() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.all)
}

// count is the tally of one kind.
type count struct {
	begun, once, absent int
	// Faults: entries that are missing, entries that stand twice, exchanges that
	// never ended.
	missing, twice, open int
	// Entries that tell of an error where the client had its answer.
	wrong int
}

func (n *numbers) count(kinds int) []count {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := make([]count, kinds)
	for _, e := range n.all {
		c := &out[e.kind]
		c.begun++
		switch {
		case e.found == 1:
			c.once++
		case e.found > 1:
			c.twice++
		case e.state&(whole|reached) != 0:
			c.missing++
		default:
			c.absent++
		}
		if e.found > 0 && e.state&(right|clean) == right {
			c.wrong++
		}
		if e.state&ended == 0 {
			c.open++
		}
	}
	return out
}

// some are the words of up to most numbers whose entry is missing, and of such
// that have several or a wrong one.
func (n *numbers) some(most int) (missing, twice, wrong []what) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, e := range n.all {
		switch {
		case e.found > 1 && len(twice) < most:
			twice = append(twice, what{e.kind, word(uint32(i))})
		case e.found == 0 && e.state&(whole|reached) != 0 && len(missing) < most:
			missing = append(missing, what{e.kind, word(uint32(i))})
		case e.found > 0 && e.state&(right|clean) == right && len(wrong) < most:
			wrong = append(wrong, what{e.kind, word(uint32(i))})
		}
	}
	return missing, twice, wrong
}

// word is a number as it is sent.
func word(i uint32) string {
	var b [wordLength]byte
	for at := wordLength - 1; at >= 0; at-- {
		b[at] = alphabet[i&15]
		i >>= 4
	}
	return string(b[:])
}

// echo is what of a word goes elsewhere than into its header: the word itself in
// a place that the policy withholds would be a leak. It is another word always.
func echo(text string) string {
	i, _ := parseWord(text)
	return word(^i)
}

func parseWord(text string) (i uint32, ok bool) {
	if len(text) != wordLength {
		return 0, false
	}
	for _, c := range []byte(text) {
		digit := -1
		for d := range len(alphabet) {
			if alphabet[d] == c {
				digit = d
			}
		}
		if digit < 0 {
			return 0, false
		}
		i = i<<4 | uint32(digit)
	}
	return i, true
}
