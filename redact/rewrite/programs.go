package rewrite

import (
	"bytes"
	_ "embed"
	"strings"
	"time"

	"weir/redact/capture"
	"weir/redact/category"
	"weir/redact/transform"
)

// What a log says of the program that wrote it says of somebody where a machine or
// a thread has a person's name. So what is made of known words stands at its place
// (log.hostname, log.thread), and all other at that of names.

// properName is the name of the place of what is no word of programs.
var properName = []byte("proper_name")

//go:embed programs.txt
var programList string

// programWords is the embedded list, read once and never changed.
var programWords = func() map[string]bool {
	words := make(map[string]bool)
	for line := range strings.Lines(programList) {
		if !strings.HasPrefix(line, "#") {
			for word := range strings.FieldsSeq(line) {
				words[word] = true
			}
		}
	}
	return words
}()

const (
	maxProgram  = 128  // bytes of a name that is looked at
	maxOrdinals = 4    // digits that tell machines, threads and the like apart, in all of a name
	maxOrdinal  = 3    // in one number
	firstYear   = 2026 // of weir: an earlier day is somebody's
	maxProcess  = 7    // of the id of a process: Linux has up to 4194304
)

// placed is the name of the place of a value that tells of a program.
func (w *lines) placed(f *capture.Field, text []byte) []byte {
	switch {
	case !f.Program,
		f.Name == "procid" && len(text) <= maxProcess && isDigits(text),
		f.Name == "weir" && isWeirs(text),
		w.ofPrograms(text):
		return f.Spelled()
	}
	return properName
}

// ofPrograms reports whether a text tells of programs and nobody else: words of the
// list, small numbers and what divides them; a version; addresses alone, on which
// the policy decides. Words may be joined by their capitals.
func (w *lines) ofPrograms(text []byte) bool {
	if len(text) > maxProgram {
		return false
	}
	if w.cleaner.Finds(text) {
		return len(bytes.Trim(text, "0123456789abcdefABCDEF.:[], ")) == 0
	}
	if isVersion(text) || transform.IsPseudonym(text) {
		return true
	}
	if at := bytes.LastIndexByte(text, ':'); at > 0 && at >= len(text)-6 && bytes.IndexByte(text[:at], '.') > 0 {
		if isDigits(text[at+1:]) {
			text = text[:at] // the line in a file
		}
	}
	ordinals := 0
	for i := 0; i < len(text); {
		start := i
		switch c := text[i]; {
		case letter(c) || '0' <= c && c <= '9':
			for i < len(text) && (letter(text[i]) || '0' <= text[i] && text[i] <= '9') {
				i++
			}
			if !joined(text[start:i], &ordinals) {
				return false
			}
		case c < 0x80:
			i++
		default:
			return false
		}
	}
	return ordinals <= maxOrdinals
}

func isDigits(b []byte) bool {
	_, ok := digits(b)
	return ok
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// joined reports whether a run of letters and digits is one word, or several that
// capitals and digits divide.
func joined(run []byte, ordinals *int) bool {
	if listed(run) {
		return true
	}
	for len(run) > 0 {
		n := 1
		if !letter(run[0]) {
			for n < len(run) && !letter(run[n]) {
				n++
			}
			if !listed(run[:n]) {
				if *ordinals += n; n > maxOrdinal {
					return false
				}
			}
			run = run[n:]
			continue
		}
		upper := func(i int) bool { return i < len(run) && letter(run[i]) && run[i]&0x20 == 0 }
		for n < len(run) && letter(run[n]) && (!upper(n) || upper(n-1) && (n+1 == len(run) || upper(n+1) || !letter(run[n+1]))) {
			n++
		}
		if !listed(run[:n]) {
			return false
		}
		run = run[n:]
	}
	return true
}

// listed reports whether a word is in the list.
func listed(word []byte) bool {
	var lower [32]byte
	if len(word) > len(lower) {
		return false
	}
	for i, c := range word {
		if lower[i] = c; 'A' <= c && c <= 'Z' {
			lower[i] = c | 0x20
		}
	}
	return programWords[string(lower[:len(word)])]
}

// isVersion reports whether b is a version: up to four groups of at most four
// digits, of which one is shorter, divided by dots.
func isVersion(b []byte) bool {
	groups, short := 0, false
	for len(b) > 0 {
		group, rest, more := bytes.Cut(b, []byte{'.'})
		if _, ok := digits(group); !ok || len(group) > 4 || groups == 4 || more && len(rest) == 0 {
			return false
		}
		groups, short = groups+1, short || len(group) < 4
		b = rest
	}
	return groups > 1 && short
}

// isWeirs reports whether b is what weir's own entries hold of themselves: the day of
// the keys, the policy's fingerprint, how long they are kept, a category.
func isWeirs(b []byte) bool {
	if hash, ok := bytes.CutPrefix(b, []byte("sha256:")); ok {
		return len(hash) == 64 && len(bytes.Trim(hash, "0123456789abcdef")) == 0
	}
	if len(b) == len(time.DateOnly) {
		if day, err := time.Parse(time.DateOnly, string(b)); err == nil && day.Year() >= firstYear {
			return true
		}
	}
	if n := len(b) - 1; 0 < n && n <= maxOrdinal && isDigits(b[:n]) {
		return bytes.IndexByte([]byte("smhdwy"), b[n]) >= 0
	}
	return bytes.HasPrefix(b, []byte("user.")) && category.Known(category.Key(b))
}
