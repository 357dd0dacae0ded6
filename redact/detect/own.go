package detect

import (
	"bytes"
	"errors"
	"fmt"
	"regexp/syntax"
	"unicode/utf8"

	"weir/redact/category"
)

// The bounds of a Pattern's words.
const (
	MaxNear   = 16  // words
	maxWord   = 40  // bytes of one
	MaxWithin = 200 // bytes
)

// PatternConfig is a detector of the user's.
type PatternConfig struct {
	Category category.Key
	// Pattern is a regular expression in RE2's syntax (as package regexp has it) of
	// what it recognises: 3 to 128 bytes, and so without * and + that have no end.
	Pattern string
	// Checksum is one of Checksums, or "".
	Checksum string
	// Near are words of which one must stand before a match, or in the name of its
	// field; letter case does not count. Without any no word is asked for.
	Near []string
	// Within is how far before a match a word may stand, in bytes; 0 is 40.
	Within int
	// Confidence is in hundredths; 0 is 95 with a checksum, else 75.
	Confidence uint8
}

// PatternError says what is wrong with a PatternConfig.
type PatternError struct {
	Key     string // "pattern", "checksum", "near", "within", "confidence" or "category"
	Message string
	Instead string
}

func (e *PatternError) Error() string {
	if e.Instead == "" {
		return e.Key + ": " + e.Message
	}
	return e.Key + ": " + e.Message + "; write instead: " + e.Instead
}

// Validate reports the first thing that is wrong, as a *PatternError.
func (c *PatternConfig) Validate() error {
	_, err := c.compile()
	return err
}

// Pattern is an Own made of a PatternConfig. It is immutable and safe for concurrent use.
type Pattern struct {
	category   category.Key
	confidence uint8
	automaton  *automaton
	checksum   func(text []byte) bool
	near       nearby
}

// NewPattern makes a Pattern. Its error is a *PatternError.
func NewPattern(cfg PatternConfig) (*Pattern, error) {
	a, err := cfg.compile()
	if err != nil {
		return nil, err
	}
	p := &Pattern{category: cfg.Category, confidence: cfg.Confidence, automaton: a, checksum: checksumBy(cfg.Checksum), near: newNearby(cfg.Near, cfg.Within)}
	if p.confidence == 0 {
		p.confidence = Likely
		if p.checksum != nil {
			p.confidence = Certain
		}
	}
	return p, nil
}

// Category is what its matches are.
func (p *Pattern) Category() category.Key { return p.category }

// Confidence is how sure it is of a match, in hundredths.
func (p *Pattern) Confidence() uint8 { return p.confidence }

// Next returns the first match at from or behind it, the longest of those that begin
// there. Where that has a wrong checksum, one that begins behind it is looked for.
func (p *Pattern) Next(text, name []byte, from int) (start, end int, confidence uint8, ok bool) {
	look := p.near.from(from, name)
	for i := p.candidate(text, from); i < len(text); i = p.candidate(text, i+1) {
		if !utf8.RuneStart(text[i]) && inside(text, i) {
			continue
		}
		end := p.automaton.match(text, i)
		if end < 0 || p.checksum != nil && !p.checksum(text[i:end]) || !look.at(text, i) {
			continue
		}
		return i, end, p.confidence, true
	}
	return 0, 0, 0, false
}

// Rereads is how many characters of a text of one letter or digit alone are read from
// each of its places, where that is no match: some 5 to 7 nanoseconds each, for every
// byte of a text that was made to be slow.
func (p *Pattern) Rereads() int {
	most := 0
	var text [longestOwn + 1]byte
	for c := byte('0'); c <= 'z'; c++ {
		if !isAlnum(c) {
			continue
		}
		for i := range text {
			text[i] = c
		}
		if p.automaton.match(text[:], 1) < 0 || p.checksum != nil {
			most = max(most, p.automaton.reads(text[:]))
		}
	}
	return most
}

// candidate is the first place at i or behind it where a match can begin.
func (p *Pattern) candidate(text []byte, i int) int {
	if i >= len(text) {
		return len(text)
	}
	if p.automaton.only >= 0 {
		n := bytes.IndexByte(text[i:], byte(p.automaton.only))
		if n < 0 {
			return len(text)
		}
		return i + n
	}
	first := &p.automaton.first
	for i < len(text) && !first[text[i]] {
		i++
	}
	return i
}

func (c *PatternConfig) compile() (*automaton, error) {
	refuse := func(key, message, instead string) (*automaton, error) {
		return nil, &PatternError{key, message, instead}
	}
	switch {
	case !category.Known(c.Category):
		return refuse("category", "this is no category", "a key of Fideslang, or one of your own below x.")
	case c.Checksum != "" && checksumBy(c.Checksum) == nil:
		return refuse("checksum", "there is no such checksum", fmt.Sprintf("one of %v", Checksums()))
	case c.Confidence > 100:
		return refuse("confidence", "a confidence is at most 100 hundredths", "")
	case c.Within < 0 || c.Within > MaxWithin:
		return refuse("within", fmt.Sprintf("it is from 1 to %d bytes", MaxWithin), "")
	case len(c.Near) > MaxNear:
		return refuse("near", fmt.Sprintf("there are more than %d words", MaxNear), "")
	}
	for _, word := range c.Near {
		if len(word) < 2 || len(word) > maxWord {
			return refuse("near", fmt.Sprintf("a word has 2 to %d bytes", maxWord), "")
		}
	}
	if len(c.Pattern) > maxPattern {
		return refuse("pattern", fmt.Sprintf("it is longer than %d bytes", maxPattern), "")
	}
	re, err := syntax.Parse(c.Pattern, syntax.Perl)
	var wrong *syntax.Error
	if errors.As(err, &wrong) {
		return refuse("pattern", fmt.Sprintf("it is no regular expression of RE2: %s: %q", wrong.Code, cut(wrong.Expr)), "")
	}
	least, most := lengths(re)
	switch {
	case most == endless:
		return refuse("pattern", "it has a part without an end", `a number of times, such as \d{1,20} for \d+`)
	case least < shortestOwn:
		return refuse("pattern", fmt.Sprintf("it matches texts of less than %d bytes", shortestOwn), "more of what the value always has")
	case most > longestOwn:
		return refuse("pattern", fmt.Sprintf("it matches texts of more than %d bytes", longestOwn), "less repetition")
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return refuse("pattern", "it is too large", "")
	}
	a := build(prog)
	switch {
	case a == nil:
		return refuse("pattern", "it is too large: too many texts are alike up to their ends", "fewer repetitions of what overlaps")
	case a.matchesAll():
		return refuse("pattern", "it matches any text", "what the value always has, such as its first letter")
	}
	return a, nil
}

// endless is the length of what has no end.
const endless = 1 << 30

// lengths are the least and the most bytes of what re matches.
func lengths(re *syntax.Regexp) (least, most int) {
	switch re.Op {
	case syntax.OpNoMatch, syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return 0, 0
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if re.Flags&syntax.FoldCase != 0 && r >= utf8.RuneSelf {
				most += utf8.UTFMax
			} else {
				most += utf8.RuneLen(r)
			}
		}
		return len(re.Rune), most
	case syntax.OpCharClass:
		most = 1
		if n := len(re.Rune); n > 0 {
			most = max(1, utf8.RuneLen(re.Rune[n-1]))
		}
		return 1, most
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1, utf8.UTFMax
	case syntax.OpConcat:
		for _, s := range re.Sub {
			l, m := lengths(s)
			least, most = min(least+l, endless), min(most+m, endless)
		}
		return least, most
	case syntax.OpAlternate:
		least = endless
		for _, s := range re.Sub {
			l, m := lengths(s)
			least, most = min(least, l), max(most, m)
		}
		return least, most
	}
	least, most = lengths(re.Sub[0])
	switch re.Op {
	case syntax.OpStar:
		return 0, endless
	case syntax.OpPlus:
		return least, endless
	case syntax.OpQuest:
		return 0, most
	case syntax.OpRepeat:
		if re.Max < 0 {
			return min(least*re.Min, endless), endless
		}
		return min(least*re.Min, endless), min(most*re.Max, endless)
	}
	return least, most // a group
}

// matchesAll reports whether there is a match in texts of all kinds.
func (a *automaton) matchesAll() bool {
	for _, text := range []string{"abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "3141592653589793238462643", " .,;-_/:+ .,;-_/:+ .,;-_/:+"} {
		found := false
		for i := range text {
			found = found || a.match([]byte(text), i) >= 0
		}
		if !found {
			return false
		}
	}
	return true
}
