package detect

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

// base64 looks into the tokens of t: into each run of the alphabets' letters,
// from each of four offsets at which it may show text or a hidden @.
func (s *Scanner) base64(t []byte) {
	for i := 0; i < len(t); {
		if sextet[t[i]] == notSextet {
			i++
			continue
		}
		start := i
		for i < len(t) && sextet[t[i]] != notSextet {
			i++
		}
		if i-start < minToken {
			continue
		}
		end := i
		for end < len(t) && end < i+2 && t[end] == '=' {
			end++
		}
		for offset := range 4 {
			if promising(t[start+offset : i]) {
				s.token(t, start, offset, i, end)
			}
		}
	}
}

// promising reports whether a run of base64, read from its first byte on, may
// hold something: it begins or ends in ASCII text, or an @ stands somewhere
// between two bytes that can stand beside one.
func promising(run []byte) bool {
	if len(run) < minToken {
		return false
	}
	whole := len(run) &^ 3
	if texts(run[:8]) || texts(run[whole-8:whole]) {
		return true
	}
	for i := 0; i+4 <= len(run); i += 4 {
		a, b, c, d := sextet[run[i]], sextet[run[i+1]], sextet[run[i+2]], sextet[run[i+3]]
		switch {
		case a == 0b010000 && b>>4 == 0:
			if i > 0 && mailByte(sextet[run[i-2]]<<6|sextet[run[i-1]]) && mailByte(b<<4|c>>2) {
				return true
			}
		case b&0b1111 == 0b0100 && c>>2 == 0:
			if mailByte(a<<2|b>>4) && mailByte(c<<6|d) {
				return true
			}
		case c&0b11 == 0b01 && d == 0:
			if i+6 <= len(run) && mailByte(b<<4|c>>2) && mailByte(sextet[run[i+4]]<<2|sextet[run[i+5]]>>4) {
				return true
			}
		}
	}
	return false
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

// token decodes t[start+offset:stop] and scans it. What is found there spans
// t[start:end], the whole token with its padding.
func (s *Scanner) token(t []byte, start, offset, stop, end int) {
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
	for i := range s.findings[first:] {
		f := &s.findings[first+i]
		f.Start, f.End, f.How = start, end, Base64
	}
}

func isText(b []byte) bool {
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
