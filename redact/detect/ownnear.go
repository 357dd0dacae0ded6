package detect

// nearby are words of which one must stand before a match. No words stand everywhere.
type nearby struct {
	words  []string // lower case
	first  [256]bool
	most   int // bytes of the longest
	within int
}

const usualWithin = 40

func newNearby(list []string, within int) nearby {
	n := nearby{within: within}
	if within == 0 {
		n.within = usualWithin
	}
	for _, word := range list {
		b := []byte(word)
		lower(b)
		n.words = append(n.words, string(b))
		n.first[b[0]] = true
		if isLetter(b[0]) {
			n.first[b[0]&^0x20] = true
		}
		n.most = max(n.most, len(b))
	}
	return n
}

// looking goes through a text and knows the last word before a place.
type looking struct {
	*nearby
	named bool // the field's name has a word
	next  int  // no word is looked for before it again
	end   int  // of the last word that was found, -1 where none was
}

// from begins looking where matches at or behind place can have a word.
func (n *nearby) from(place int, name []byte) looking {
	l := looking{nearby: n, end: -1, next: max(0, place-n.within-n.most)}
	for i := range name {
		l.named = l.named || n.wordAt(name, i, len(name)) > 0
	}
	return l
}

// at reports whether a word stands before a match that begins at place. Places come
// in their order.
func (l *looking) at(text []byte, place int) bool {
	if len(l.words) == 0 || l.named {
		return true
	}
	for ; l.next < place; l.next++ {
		n := l.wordAt(text, l.next, place)
		if n == 0 {
			continue
		}
		l.end = max(l.end, l.next+n)
	}
	return l.end >= 0 && place-l.end <= l.within
}

// wordAt is the length of the word that begins at i and ends before limit, 0 where
// there is none. It begins where no letter stands before it: no kunde in a sekunde.
func (n *nearby) wordAt(text []byte, i, limit int) int {
	if !n.first[text[i]] || i > 0 && startsInside(text[i-1], text[i]) {
		return 0
	}
next:
	for _, word := range n.words {
		if i+len(word) > limit {
			continue
		}
		for j := range len(word) {
			c := text[i+j]
			if c >= 'A' && c <= 'Z' {
				c |= 0x20
			}
			if c != word[j] {
				continue next
			}
		}
		return len(word)
	}
	return 0
}

// startsInside reports whether c goes on with the word that before is of: a capital
// behind a small letter begins one.
func startsInside(before, c byte) bool {
	return (isLetter(before) || before >= 0x80) && !(c >= 'A' && c <= 'Z' && before >= 'a' && before <= 'z')
}
