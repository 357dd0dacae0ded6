package walk

// longestName is how many bytes a key may have that passes for a name.
const longestName = 40

// isName reports whether a key looks like the name of a field and not like a
// value: no longer than longestName, at most three digits, no @ but in front (as
// in JSON-LD), at most one colon, and none of the signs of escapes, quotes,
// brackets and full-width letters.
//
// Keys are chosen by whoever makes the body: {"anna@x.dk": 3} is a table by
// person. A bare word can not be told from a name, and passes for one, as does
// what is hidden in base64.
func isName(key []byte) bool {
	if len(key) > longestName {
		return false
	}
	digits, colons := 0, 0
	for i, c := range key {
		switch {
		case kinds[c]&isPlain != 0:
		case kinds[c]&isDigit != 0:
			digits++
		case c == ':':
			colons++
		case c == '@' && i > 0:
			return false
		case c == '%' || c == '"' || c == '\\' || c == '{' || c == '[' && i == 0 || c == '+' || c < 0x20:
			return false
		case c == 0xef && i+1 < len(key) && (key[i+1] == 0xbc || key[i+1] == 0xbd): // U+FF00 to U+FF7F
			return false
		}
	}
	return digits <= 3 && colons <= 1
}

// enterKey is enter for a key that may be no name: it is visited then, and "*"
// stands for it in its own name and in the names of what is below it.
func (o *outlet) enterKey(key []byte) (before int, put []byte, change bool, why Reason) {
	if isName(key) {
		before, why = o.enter(key)
		if why != Scanned || o.config == nil || o.config.Known == nil || o.config.Known(o.name) {
			return before, nil, false, why
		}
		o.leave(before)
	}
	if before, why = o.enter(anyKey); why != Scanned {
		return before, nil, false, why
	}
	put, change, why = o.visit(key)
	return before, put, change, why
}

var anyKey = []byte{'*'}
