package detect

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// The bounds of a user's pattern.
const (
	maxPattern  = 500     // bytes as it is written
	maxInsts    = 1000    // of its program
	maxTable    = 1 << 15 // cells of its automaton
	maxLetters  = 250     // kinds of characters that it tells apart
	longestOwn  = 128     // bytes of what it matches
	shortestOwn = 3
)

// automaton recognises the texts that a pattern matches, a character a step. It is
// run from each place where a match can begin, at most longestOwn bytes far: so its
// time is linear in the text, whatever the pattern.
type automaton struct {
	classes int // of characters; the text's end is one of its own
	ascii   [utf8.RuneSelf]uint8
	wide    []span32 // of the characters beyond ASCII
	// next holds for each state and class the state behind it, and accepts where the
	// characters before the one at hand are a match. State 0 has nothing behind it.
	next  []uint16
	start [befores]uint16 // by what stands before
	first [256]bool       // bytes that a match can begin with
	only  int             // the only one, or -1
	looks bool            // what stands before a character counts: there is a \b or ^
}

type span32 struct {
	from  rune
	class uint8
}

const accepts = 1 << 15

// What stands before a character, for \b and ^.
const (
	beforeAll = iota // nothing: it is the first
	afterLine
	afterWord
	afterOther
	befores
)

func beforeOf(r rune) int {
	switch {
	case r == '\n':
		return afterLine
	case syntax.IsWordChar(r):
		return afterWord
	}
	return afterOther
}

// builder makes an automaton of a program, by the construction of subsets.
type builder struct {
	*automaton
	prog    *syntax.Prog
	samples []rune // one character of each class; the text's end is -1
	states  map[string]uint16
	keys    [][]uint32 // of each state its instructions, and what stands before
	seen    []bool
}

// build returns nil where the automaton would be too large.
func build(prog *syntax.Prog) *automaton {
	if len(prog.Inst) > maxInsts {
		return nil
	}
	b := &builder{automaton: &automaton{only: -1}, prog: prog, states: make(map[string]uint16), seen: make([]bool, len(prog.Inst))}
	if !b.letters() {
		return nil
	}
	b.keys = append(b.keys, nil) // state 0
	b.next = make([]uint16, b.classes)
	for i := range prog.Inst {
		b.looks = b.looks || prog.Inst[i].Op == syntax.InstEmptyWidth
	}
	for before := range uint32(befores) {
		b.start[before] = b.state([]uint32{uint32(prog.Start)}, before)
	}
	for at := 1; at < len(b.keys); at++ {
		if len(b.next) > maxTable {
			return nil
		}
		b.row(at)
	}
	b.firsts()
	return b.automaton
}

// letters tells apart the characters that the program does.
func (b *builder) letters() bool {
	cuts := []rune{0, '\n', '\n' + 1, '0', '9' + 1, 'A', 'Z' + 1, '_', '_' + 1, 'a', 'z' + 1, utf8.RuneSelf}
	for i := range b.prog.Inst {
		in := &b.prog.Inst[i]
		switch {
		case in.Op != syntax.InstRune && in.Op != syntax.InstRune1:
		case len(in.Rune) == 1:
			for r := in.Rune[0]; ; {
				cuts = append(cuts, r, r+1)
				if r = unicode.SimpleFold(r); r == in.Rune[0] {
					break
				}
			}
		default:
			for j := 0; j+1 < len(in.Rune); j += 2 {
				cuts = append(cuts, in.Rune[j], in.Rune[j+1]+1)
			}
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	byKind := make(map[string]uint8)
	for i, r := range cuts {
		kind := b.kind(r)
		class, ok := byKind[kind]
		if !ok {
			if len(byKind) == maxLetters {
				return false
			}
			class = uint8(len(byKind))
			byKind[kind] = class
			b.samples = append(b.samples, r)
		}
		end := rune(utf8.RuneSelf)
		if i+1 < len(cuts) {
			end = min(end, cuts[i+1])
		}
		for c := r; c < end; c++ {
			b.ascii[c] = class
		}
		if r >= utf8.RuneSelf {
			b.wide = append(b.wide, span32{r, class})
		}
	}
	b.classes = len(b.samples) + 1
	b.samples = append(b.samples, -1)
	return true
}

// kind says all that the program can ask of a character.
func (b *builder) kind(r rune) string {
	bits := make([]byte, 1+len(b.prog.Inst)/8+1)
	bits[0] = byte(beforeOf(r))
	for i := range b.prog.Inst {
		if in := &b.prog.Inst[i]; takes(in) && in.MatchRune(r) {
			bits[1+i/8] |= 1 << (i % 8)
		}
	}
	return string(bits)
}

func takes(in *syntax.Inst) bool {
	switch in.Op {
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		return true
	}
	return false
}

// state numbers a set of instructions.
func (b *builder) state(insts []uint32, before uint32) uint16 {
	if len(insts) == 0 {
		return 0
	}
	if !b.looks {
		before = 0
	}
	slices.Sort(insts)
	insts = append(slices.Compact(insts), before)
	key := make([]byte, 0, 4*len(insts))
	for _, i := range insts {
		key = binary.LittleEndian.AppendUint32(key, i)
	}
	if s, ok := b.states[string(key)]; ok {
		return s
	}
	s := uint16(len(b.keys)) // below maxTable/classes, and so below accepts
	b.states[string(key)] = s
	b.keys = append(b.keys, insts)
	return s
}

// row works out what stands behind one state.
func (b *builder) row(at int) {
	key := b.keys[at]
	before := int(key[len(key)-1])
	for _, sample := range b.samples {
		clear(b.seen)
		var live []uint32
		met := false
		for _, pc := range key[:len(key)-1] {
			live, met = b.follow(pc, flags(before, sample), live, met)
		}
		cell := uint16(0)
		if sample >= 0 {
			var behind []uint32
			for _, pc := range live {
				if in := &b.prog.Inst[pc]; in.MatchRune(sample) {
					behind = append(behind, in.Out)
				}
			}
			cell = b.state(behind, uint32(beforeOf(sample)))
		}
		if met {
			cell |= accepts
		}
		b.next = append(b.next, cell)
	}
}

// flags are the conditions that hold between what stands before and a character.
func flags(before int, r rune) syntax.EmptyOp {
	var f syntax.EmptyOp
	if before == beforeAll {
		f |= syntax.EmptyBeginText
	}
	if before <= afterLine {
		f |= syntax.EmptyBeginLine
	}
	if r < 0 {
		f |= syntax.EmptyEndText
	}
	if r < 0 || r == '\n' {
		f |= syntax.EmptyEndLine
	}
	if (before == afterWord) != syntax.IsWordChar(r) {
		return f | syntax.EmptyWordBoundary
	}
	return f | syntax.EmptyNoWordBoundary
}

// follow adds to live the instructions that take a character and are reached from pc
// without one; met is set where the match is.
func (b *builder) follow(pc uint32, holds syntax.EmptyOp, live []uint32, met bool) ([]uint32, bool) {
	stack := []uint32{pc}
	for len(stack) > 0 {
		pc = stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if b.seen[pc] {
			continue
		}
		b.seen[pc] = true
		switch in := &b.prog.Inst[pc]; in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			stack = append(stack, in.Out, in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			stack = append(stack, in.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.Arg)&^holds == 0 {
				stack = append(stack, in.Out)
			}
		case syntax.InstMatch:
			met = true
		case syntax.InstFail:
		default:
			live = append(live, pc)
		}
	}
	return live, met
}

// firsts notes the bytes that a match can begin with. All beyond ASCII are alike:
// those that begin no character stand for one that is none.
func (b *builder) firsts() {
	count := 0
	for c := range b.first {
		ok := false
		for _, s := range b.start {
			if c < utf8.RuneSelf {
				ok = ok || b.next[int(s)*b.classes+int(b.ascii[c])]&^accepts != 0
				continue
			}
			for _, w := range b.wide {
				ok = ok || b.next[int(s)*b.classes+int(w.class)]&^accepts != 0
			}
		}
		if b.first[c] = ok; ok {
			b.only = c
			count++
		}
	}
	if count != 1 {
		b.only = -1
	}
}

// wideClass is the class of the character beyond ASCII that begins at i, and its
// length in bytes.
func (a *automaton) wideClass(text []byte, i int) (class, length int) {
	r, n := utf8.DecodeRune(text[i:])
	lo, hi := 0, len(a.wide)
	for lo < hi {
		if middle := (lo + hi) / 2; a.wide[middle].from > r {
			hi = middle
		} else {
			lo = middle + 1
		}
	}
	return int(a.wide[lo-1].class), n
}

// match returns the end of the longest match that begins at i, or -1.
func (a *automaton) match(text []byte, i int) int {
	state, best := int(a.start[beforeAll]), -1
	if a.looks && i > 0 {
		r, _ := utf8.DecodeLastRune(text[:i])
		state = int(a.start[beforeOf(r)])
	}
	for j := i; j < len(text); {
		class, n := 0, 1
		if c := text[j]; c < utf8.RuneSelf {
			class = int(a.ascii[c])
		} else {
			class, n = a.wideClass(text, j)
		}
		cell := a.next[state*a.classes+class]
		if cell&accepts != 0 {
			best = j
		}
		if state = int(cell &^ accepts); state == 0 {
			return best
		}
		j += n
	}
	if a.next[state*a.classes+a.classes-1]&accepts != 0 {
		return len(text)
	}
	return best
}

// reads is how many characters of an ASCII text are read, behind its first, before no
// match can come.
func (a *automaton) reads(text []byte) int {
	state := int(a.start[beforeOf(rune(text[0]))])
	for i, c := range text[1:] {
		if state = int(a.next[state*a.classes+int(a.ascii[c])] &^ accepts); state == 0 {
			return i
		}
	}
	return len(text) - 1
}

// inside reports whether a character that began before i goes on there.
func inside(text []byte, i int) bool {
	for back := 1; back < utf8.UTFMax && back <= i && !utf8.RuneStart(text[i-back+1]); back++ {
		if _, n := utf8.DecodeRune(text[i-back:]); n > back {
			return true
		}
	}
	return false
}
