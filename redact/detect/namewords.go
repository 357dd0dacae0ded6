package detect

// words is a name in folded form: lower case, one word after the other without
// what stood between them. It lies on the caller's stack.
type words struct {
	buf    [maxName]byte
	size   int
	starts [maxWords]uint8
	sums   [maxWords]uint32 // of the words from each on, as sum left them
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
		} else if w.size > 0 && c >= 0x80 {
			c = lowerSecond(w.buf[w.size-1], c)
		}
		w.buf[w.size] = c
		w.size++
	}
}

// lowerSecond returns the second byte of the small letter for that of a letter of
// Latin-1 (À to Þ) or Latin Extended-A (Ā to Ž), where the second byte tells the case.
func lowerSecond(first, second byte) byte {
	switch {
	case first == 0xC3 && second <= 0x9E && second != 0x97:
		return second | 0x20
	case first == 0xC4 && second <= 0xB6, first == 0xC5 && second >= 0x8A && second <= 0xB6:
		return second | 1
	case first == 0xC4 && second >= 0xB9 && second <= 0xBD, first == 0xC5 && (second >= 0x81 && second <= 0x87 || second >= 0xB9 && second <= 0xBD):
		return second + second&1
	}
	return second
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

// sum works out the hashes of all endings of the name: FNV-1a, from the last byte
// to the first.
func (w *words) sum() {
	h := uint32(noWords)
	k := w.n - 1
	for i := w.size - 1; i >= 0; i-- {
		h = (h ^ uint32(w.buf[i])) * 16777619
		if k >= 0 && i == int(w.starts[k]) {
			w.sums[k] = h ^ h>>15
			k--
		}
	}
}

// noWords is the hash of a name without words.
const noWords = 2166136261

// hash is that of the words from the kth on.
func (w *words) hash(k int) uint32 {
	if k >= w.n {
		return noWords
	}
	return w.sums[k]
}
