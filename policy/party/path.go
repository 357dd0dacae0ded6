package party

import "strings"

// reading is one way in which a server may read a path. RFC 3986 section 6 lets a
// server treat some of them as equal, and servers go further, each in its own way: who
// is told of by one reading alone is not told of.
type reading uint8

const (
	literal  reading = iota // parts between slashes, escapes that nobody reads otherwise decoded
	resolved                // empty parts and dots taken out as well (RFC 3986 section 5.2.4)
	decoded                 // escapes decoded first: %2F parts, %2E%2E goes up
	lenient                 // decoded until nothing is left to decode; a backslash parts, ";x" is cut off, case is ignored
	readings
)

// part is a piece of a path as it was sent.
type part struct{ from, to int }

// walk takes a path apart as far as declared paths go. It returns how many parts there
// are; of more than maxSegments only the first have their place in parts. It allocates
// nothing and looks at each byte once or twice.
func (r reading) walk(path string, parts *[maxSegments]part) (n int) {
	add := func(from, to int) {
		if r != literal {
			switch dots := r.dots(path[from:to]); {
			case dots == 0 || dots == 1:
				return
			case dots == 2:
				n = max(n-1, 0)
				return
			}
		}
		if n < maxSegments {
			parts[n] = part{from, to}
		}
		n++
	}
	from := 0
	if path[0] == '/' {
		from = 1
	}
	for at := from; at < len(path); {
		c, width := r.next(path[at:])
		if c == '/' || c == '\\' && r == lenient {
			add(from, at)
			from = at + width
		}
		at += width
	}
	if from < len(path) {
		add(from, len(path)) // a slash at the end adds nothing
	}
	return n
}

// dots tells a part that is empty (0), "." (1) or ".." (2) from all others (3).
func (r reading) dots(part string) (n int) {
	for at := 0; at < len(part); {
		c, width := r.next(part[at:])
		if c == ';' && r == lenient {
			break
		}
		if c != '.' || n == 2 {
			return 3
		}
		n++
		at += width
	}
	return n
}

// next is the character that s begins with, and how many bytes it has.
func (r reading) next(s string) (c byte, width int) {
	c, width = s[0], 1
	if c == '%' && len(s) >= 3 {
		if v, ok := hex(s[1], s[2]); ok && (r >= decoded || plain(v)) {
			c, width = v, 3
			for r == lenient && c == '%' && len(s) >= width+2 {
				if v, ok = hex(s[width], s[width+1]); !ok {
					break
				}
				c, width = v, width+2
			}
		}
	}
	if r == lenient && 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c, width
}

// plain reports whether an escape can only mean its character: one that has to be
// escaped in a path (RFC 3986 section 3.3) and parts nothing.
func plain(c byte) bool {
	return c >= 0x80 || c == ' ' || c == '"' || c == '<' || c == '>' || c == '^' || c == '`' || c == '{' || c == '|' || c == '}' || c == '[' || c == ']'
}

// equal reports whether a part reads as a declared one.
func (r reading) equal(part, declared string) bool {
	i := 0
	for at := 0; at < len(part); i++ {
		c, width := r.next(part[at:])
		if c == ';' && r == lenient {
			break
		}
		if i == len(declared) {
			return false
		}
		want := declared[i]
		if r == lenient && 'A' <= want && want <= 'Z' {
			want += 'a' - 'A'
		}
		if c != want {
			return false
		}
		at += width
	}
	return i == len(declared)
}

// fits reports whether what walk found is a declared path, or lies below it.
func (r reading) fits(path string, parts *[maxSegments]part, n int, declared []string, tree bool) bool {
	if n < len(declared) || n > len(declared) && !tree {
		return false
	}
	for i, want := range declared {
		if !r.equal(path[parts[i].from:parts[i].to], want) {
			return false
		}
	}
	return true
}

func hex(a, b byte) (byte, bool) {
	hi, ok1 := digit(a)
	lo, ok2 := digit(b)
	return hi<<4 | lo, ok1 && ok2
}

func digit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// bare is a path without what may stand behind it.
func bare(path string) string {
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		return path[:i]
	}
	return path
}
