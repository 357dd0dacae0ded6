package detect

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// notSextet marks bytes outside both of base64's alphabets.
const notSextet = 0xff

// sextet gives each byte's value in base64 and base64url (RFC 4648 sections 4
// and 5) alike.
var sextet = func() (t [256]byte) {
	for i := range t {
		t[i] = notSextet
	}
	for i := range byte(26) {
		t['A'+i], t['a'+i] = i, 26+i
	}
	for i := range byte(10) {
		t['0'+i] = 52 + i
	}
	t['+'], t['-'], t['/'], t['_'] = 62, 62, 63, 63
	return t
}()

// minToken is the length of the shortest token that is decoded: base64 of a@b.dk.
const minToken = 8

// base64 looks into the tokens of t, runs of the alphabets' letters. A run is
// decoded from each of the four offsets at which it may show something: where a
// group of four holds an @ between two bytes that can stand beside one, or where
// the run begins or ends in ASCII text. So a token is also found that has other
// letters before it, as in user_YW5u…. hidden says whether any @ may be there.
// What is looked for has digits or an @, which become capitals, and hardly one at the
// beginning alone: so runs are known by a capital behind another of the letters.
func (s *Scanner) base64(t []byte, hidden bool) {
	low := 0
	for at := nextCapital(t, 1); at < len(t); at = nextCapital(t, at) {
		if sextet[t[at-1]] == notSextet {
			at++
			continue
		}
		start, i := at, at+1
		for start > low && sextet[t[start-1]] != notSextet {
			start--
		}
		for i < len(t) && sextet[t[i]] != notSextet {
			i++
		}
		low, at = i, i+1
		if i-start < minToken {
			continue
		}
		offsets, before := uint(0), uint64(0)
		for j := start; j < i && hidden; j++ {
			now := pairs[t[j]]
			if hidden := signs(now&(before>>32)) & signsHiddenAt; hidden != 0 {
				offsets |= hiddenAt(t, start, j, hidden)
			}
			before = now
		}
		run := t[start:i]
		if texts(run[:8]) {
			offsets |= 1
		}
		for offset := range 4 {
			if whole := (len(run) - offset) &^ 3; whole >= 8 && texts(run[offset+whole-8:offset+whole]) {
				offsets |= 1 << offset
			}
		}
		for offset := 0; offsets != 0; offset++ {
			if offsets&1 != 0 {
				s.token(t, start, offset, i)
			}
			offsets >>= 1
		}
	}
}

// nextCapital returns the offset of the first capital at or behind i, or the end of t.
func nextCapital(t []byte, i int) int {
	for i+8 <= len(t) {
		w := binary.LittleEndian.Uint64(t[i:])
		low := w &^ highBits
		if m := (low + (0x80-'A')*eachByte) &^ (low + (0x80-'Z'-1)*eachByte) &^ w & highBits; m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
		i += 8
	}
	for i < len(t) && (t[i] < 'A' || t[i] > 'Z') {
		i++
	}
	return min(i, len(t))
}

// hiddenAt returns, as a set of bits, the offsets from start at which t[i-1:i+1]
// holds an @ that has bytes of a mail address on both sides.
func hiddenAt(t []byte, start, i int, hidden signs) (offsets uint) {
	at := func(j int) byte {
		if j < start || j >= len(t) {
			return notSextet
		}
		return sextet[t[j]]
	}
	first := func(j int) byte { return at(j)<<2 | at(j+1)>>4&3 }
	second := func(j int) byte { return at(j+1)<<4 | at(j+2)>>2&15 }
	third := func(j int) byte { return at(j+2)<<6 | at(j+3)&63 }
	add := func(group int, left, right byte) {
		if mailByte(left) && mailByte(right) {
			offsets |= 1 << ((group - start) & 3)
		}
	}
	if g := i - 1; hidden&signHiddenAt0 != 0 && g-4 >= start {
		add(g, third(g-4), second(g))
	}
	if g := i - 2; hidden&signHiddenAt1 != 0 && g >= start {
		add(g, first(g), third(g))
	}
	if g := i - 3; hidden&signHiddenAt2 != 0 && g >= start {
		add(g, second(g), first(g+4))
	}
	return offsets
}

func mailByte(c byte) bool {
	return c >= 0x80 || isAlnum(c) || c == '_' || c == '"' || c == '[' || c == '-'
}

// texts reports whether whole groups of base64 are printable ASCII.
func texts(groups []byte) bool {
	for i := 0; i+4 <= len(groups); i += 4 {
		a, b, c, d := sextet[groups[i]], sextet[groups[i+1]], sextet[groups[i+2]], sextet[groups[i+3]]
		if !printable(a<<2|b>>4) || !printable(b<<4|c>>2) || !printable(c<<6|d) {
			return false
		}
	}
	return true
}

func printable(c byte) bool { return c >= ' ' && c < 0x7f }

// token decodes t[start+offset:stop] and scans it. What is found there spans the
// whole token, t[start:stop] and its padding.
func (s *Scanner) token(t []byte, start, offset, stop int) {
	run := t[start+offset : stop]
	if s.depth == maxDepth || s.tokens == maxTokens || s.budget < len(run) {
		s.cut = s.cut || texts(run)
		return
	}
	s.budget -= len(run)
	l := &s.layers[s.depth]
	l.text = unbase64(l.text[:0], run)
	outer, binary, first := s.how, s.binary, len(s.findings)
	s.how, s.binary = Base64, !isText(l.text)
	s.depth++
	s.tokens++
	s.scan(l.text, sweep(l.text))
	s.depth--
	s.tokens--
	s.how, s.binary = outer, binary
	end := stop
	for end < len(t) && end < stop+2 && t[end] == '=' {
		end++
	}
	for i := range s.findings[first:] {
		f := &s.findings[first+i]
		f.Start, f.End, f.How = start, end, Base64
	}
}

// isText reports whether b is text that somebody wrote.
func isText(b []byte) bool {
	if !utf8.Valid(b) {
		return false
	}
	for _, c := range b {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// unbase64 appends what run stands for. Bits that do not fill a byte are left out.
func unbase64(dst, run []byte) []byte {
	for len(run) >= 4 {
		a, b, c, d := sextet[run[0]], sextet[run[1]], sextet[run[2]], sextet[run[3]]
		dst = append(dst, a<<2|b>>4, b<<4|c>>2, c<<6|d)
		run = run[4:]
	}
	if len(run) >= 2 {
		dst = append(dst, sextet[run[0]]<<2|sextet[run[1]]>>4)
	}
	if len(run) == 3 {
		dst = append(dst, sextet[run[1]]<<4|sextet[run[2]]>>2)
	}
	return dst
}
