package detect

import "weir/redact/category"

// cookieID reports identifiers of analytics cookies: Google Analytics' (GA1.2.x.y,
// GS1.1.x…, GS2.1.s…), Meta's (fb.1.time.x), and a client identifier by itself, ten
// digits each before and behind a dot.
func (s *Scanner) cookieID(t []byte, g int) int {
	d := &s.figures
	start, end := d.groups[g].start, d.groups[g].end
	if start > 0 && isDigit(t[start-1]) {
		return g
	}
	switch before := t[max(0, start-3):start]; {
	case endsWith(before, "GA"), endsWith(before, "GS"):
		start -= 2
	case endsWith(before, "fb."):
		start -= 3
	default:
		return s.clientID(t, g)
	}
	if start > 0 && isAlnum(t[start-1]) {
		return g
	}
	parts := 0
	for end < len(t) && (t[end] == '.' || parts > 1 && t[end] == '$') && end+1 < len(t) && isTokenByte(t[end+1]) {
		parts++
		for end++; end < len(t) && isTokenByte(t[end]); end++ {
		}
	}
	if parts < 2 || end-start < 12 {
		return g
	}
	s.sole(t, start, end, category.CookieID, Certain)
	return d.behind(g, end)
}

// clientID reports a client identifier that stands by itself: a random number and
// the time of the first visit, in seconds, from 2001 to 2033.
func (s *Scanner) clientID(t []byte, g int) int {
	d := &s.figures
	if g+1 >= d.n || d.size(g) < 8 || d.size(g) > 10 || d.size(g+1) != 10 || string(d.gap(t, g)) != "." || t[d.groups[g+1].start] != '1' {
		return g
	}
	start, end := d.groups[g].start, d.groups[g+1].end
	if !apart(t, start, end) || d.size(g) == 10 && t[start] == '1' && near1e9(t[start:start+10], t[end-10:end]) {
		return g
	}
	s.sole(t, start, end, category.CookieID, Likely)
	return g + 2
}

// near1e9 reports whether two times in seconds are of about the same year: then both
// are times.
func near1e9(a, b []byte) bool { return a[0] == b[0] && a[1] == b[1] }

func endsWith(t []byte, suffix string) bool {
	return len(t) >= len(suffix) && string(t[len(t)-len(suffix):]) == suffix
}
