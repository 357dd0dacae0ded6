package detect

// words is a name in folded form: lower case, one word after the other without
// what stood between them. It lies on the caller's stack.
type words struct {
	buf    [maxName]byte
	size   int
	starts [maxWords]uint8
	n      int
	cut    bool // there is more before the first word
}

func (w *words) at(i int) []byte {
	if i+1 < w.n {
		return w.buf[w.starts[i]:w.starts[i+1]]
	}
	return w.buf[w.starts[i]:w.size]
}

// from returns all words from the ith on as one.
func (w *words) from(i int) []byte { return w.buf[w.starts[i]:w.size] }

// split folds name. Of a name that is too long its last words are taken.
func (w *words) split(name []byte) {
	if len(name) > maxName {
		name, w.cut = name[len(name)-maxName:], true
	}
	between, before := true, byte(0)
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c == '%' && i+2 < len(name) && isHex(name[i+1]) && isHex(name[i+2]) {
			c = unhex(name[i+1])<<4 | unhex(name[i+2])
			i += 2
		}
		if c < 0x80 && !isAlnum(c) {
			between, before = true, c
			continue
		}
		upper := c >= 'A' && c <= 'Z'
		if between || upper && startsWord(before, name[i+1:]) {
			w.begin()
		}
		between, before = false, c
		if upper {
			c |= 0x20
		} else if w.size > 0 && w.buf[w.size-1] == 0xC3 && c >= 0x80 && c <= 0x9E && c != 0x97 {
			c |= 0x20 // À to Þ: two bytes, of which the second tells the case
		}
		w.buf[w.size] = c
		w.size++
	}
}

// startsWord reports whether a capital begins a word: behind a small letter or a
// digit, and before a small letter where capitals stand before it (HTTPServer).
func startsWord(before byte, rest []byte) bool {
	if before >= 'A' && before <= 'Z' {
		return len(rest) > 0 && rest[0] >= 'a' && rest[0] <= 'z'
	}
	return true
}

// begin begins a word; the first one is forgotten where there are too many.
func (w *words) begin() {
	if w.n == maxWords {
		first := w.starts[1]
		copy(w.buf[:], w.buf[first:w.size])
		w.size -= int(first)
		for i := 1; i < maxWords; i++ {
			w.starts[i-1] = w.starts[i] - first
		}
		w.n--
		w.cut = true
	}
	w.starts[w.n] = uint8(w.size)
	w.n++
}
