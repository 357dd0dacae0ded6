package walk

import (
	"bytes"
	"unicode/utf8"
)

// textParser walks plain text in windows of at most Limits.Value bytes, each of
// them one value. A window is cut behind its last line end; where it has none,
// at the last blank between two words without digits, or else at its last blank:
// a number written in groups is divided only where nothing else is left. A window
// without a blank is TooLong.
//
// Where a window ends depends on nothing but the text. One that is all of the text
// and holds JSON is walked as such: beacons and fields of forms send it as text.
type textParser struct {
	o       *outlet
	started bool
	held    []byte
	inner   nested
}

func newText(o *outlet) parser { return &textParser{o: o} }

func (t *textParser) write(p []byte) Reason {
	for len(p) > 0 {
		n := min(len(p), t.o.limits.Value-len(t.held))
		t.held = append(t.held, p[:n]...)
		p = p[n:]
		if len(t.held) < t.o.limits.Value {
			break
		}
		end := windowEnd(t.held)
		if end == 0 {
			return TooLong
		}
		if why := t.window(t.held[:end], false); why != Scanned {
			return why
		}
		t.held = t.held[:copy(t.held, t.held[end:])]
	}
	return Scanned
}

func (t *textParser) close() Reason {
	if len(t.held) == 0 {
		return Scanned
	}
	return t.window(t.held, !t.started)
}

// window visits a window; whole says that it is all of the text.
func (t *textParser) window(text []byte, whole bool) Reason {
	if !utf8.Valid(text) {
		return Broken
	}
	if !t.started {
		t.started = true
		if rest, found := bytes.CutPrefix(text, byteOrderMark); found {
			t.o.emit(byteOrderMark)
			if text = rest; len(text) == 0 {
				return Scanned
			}
		}
	}
	var put []byte
	var change bool
	var why Reason
	if whole {
		put, change, why = t.inner.value(t.o, text)
	} else {
		put, change, why = t.o.visit(text)
	}
	if change {
		text = put
	}
	if why == Scanned {
		t.o.emit(text)
	}
	return why
}

var byteOrderMark = []byte("\ufeff")

// windowEnd is where a window is cut; 0 is nowhere.
func windowEnd(text []byte) int {
	if i := bytes.LastIndexByte(text, '\n'); i >= 0 {
		return i + 1
	}
	if i := bytes.LastIndexByte(text, '\r'); i >= 0 {
		return i + 1
	}
	last, digits := 0, true // whether the word behind holds one; that of the last is not known
	for i := len(text) - 1; i >= 0; i-- {
		switch {
		case !isGap(text[i]):
			digits = digits || kinds[text[i]]&isDigit != 0
		case i+1 < len(text) && isGap(text[i+1]): // one check for each gap
		case !digits && !endsInDigits(text[:i]):
			return i + 1
		default:
			if digits = false; last == 0 {
				last = i + 1
			}
		}
	}
	return last
}

func isGap(c byte) bool { return c == ' ' || c == '\t' }

// endsInDigits reports whether the last word of text holds a digit.
func endsInDigits(text []byte) bool {
	text = bytes.TrimRight(text, " \t")
	for i := len(text) - 1; i >= 0 && !isGap(text[i]); i-- {
		if kinds[text[i]]&isDigit != 0 {
			return true
		}
	}
	return false
}
