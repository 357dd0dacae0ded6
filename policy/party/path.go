package party

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

// maxRead is the longest path that is read. Of a longer one nothing is known.
const maxRead = 4096

// maxDecode is how often escapes in a path are decoded. Who needs more hides something.
const maxDecode = 8

// walk takes a path apart as far as declared paths go. It returns how many parts there
// are; of more than maxSegments only the first have their place in parts. It allocates
// nothing and looks at each byte once or twice.
func (r reading) walk(path []byte, parts *[maxSegments]part) (n int) {
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
func (r reading) dots(part []byte) (n int) {
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

// next is the character that s begins with, and how many bytes it has. What lenient is
// asked of is decoded already.
func (r reading) next(s []byte) (c byte, width int) {
	c, width = s[0], 1
	if c == '%' && len(s) >= 3 && r != lenient {
		if v, ok := hex(s[1], s[2]); ok && (r == decoded || plain(v)) {
			c, width = v, 3
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
func (r reading) equal(part []byte, declared string) bool {
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
func (r reading) fits(path []byte, parts *[maxSegments]part, n int, declared []string, tree bool) bool {
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

// take copies a path into space, without what may stand behind it. Not ok means that
// nothing can be said of it: it was not seen, is too long, has an escape that is none, or a
// character that ends a text for some.
func take(space *[maxRead]byte, path string) (taken []byte, ok bool) {
	if path == "" || path[0] != '/' {
		return nil, false
	}
	for i := range len(path) {
		switch c := path[i]; {
		case c == '?' || c == '#':
			return space[:i], true
		case i == len(space) || c < ' ' || c == 0x7f:
			return nil, false
		case c == '%':
			if len(path)-i < 3 {
				return nil, false
			}
			if v, ok := hex(path[i+1], path[i+2]); !ok || odd(v) {
				return nil, false
			}
		}
		space[i] = path[i]
	}
	return space[:len(path)], true
}

// odd are characters that no path has: controls, and what begins the spellings of ASCII
// that are too long to be UTF-8.
func odd(c byte) bool { return c < ' ' || c == 0x7f || c == 0xc0 || c == 0xc1 }

// flatten decodes escapes in place until there are none. Not ok means that it had to be
// done too often, or that odd characters came of it.
func flatten(path []byte) (flat []byte, ok bool) {
	for range maxDecode {
		n, more := 0, false
		for i := 0; i < len(path); i, n = i+1, n+1 {
			path[n] = path[i]
			if path[i] != '%' || len(path)-i < 3 {
				continue
			}
			v, ok := hex(path[i+1], path[i+2])
			if !ok {
				continue
			}
			if odd(v) {
				return nil, false
			}
			path[n], more = v, true
			i += 2
		}
		if path = path[:n]; !more {
			return path, true
		}
	}
	return nil, false
}
