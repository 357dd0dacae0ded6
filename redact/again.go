package redact

import (
	"bytes"

	"weir/redact/category"
	"weir/redact/detect"
	"weir/redact/transform"
)

// What weir redact wrote may be read by it once more, and then stays: a pseudonym is
// not given another, and of what stands for a value no more than its kind is told.

// again is what is done instead of t to a text that another program logged: a
// pseudonym that would be made of one stays. Whoever sends what has its form may
// thereby have his own 22 characters written.
func (s *state) again(t transform.Transform, text []byte) transform.Transform {
	if s.cleaner != nil && t.Kind() == transform.KindHash && transform.IsPseudonym(text) {
		return transform.Keep()
	}
	return t
}

// writtenBefore adds a finding for each pseudonym of which neither a name nor its place
// says whose it is: it tells one from another, as any identifier.
func (s *state) writtenBefore(text []byte) {
	named := len(s.spans)
next:
	for at := 0; ; {
		n := bytes.Index(text[at:], pseudonymBegins)
		if n < 0 {
			return
		}
		start := at + n
		end := start + transform.PseudonymLength
		at = start + len(pseudonymBegins)
		if end > len(text) || start > 0 && isNameByte(text[start-1]) || end < len(text) && isNameByte(text[end]) && text[end] != '.' || !transform.IsPseudonym(text[start:end]) {
			continue
		}
		for i := range s.spans[:named] {
			if sp := &s.spans[i]; sp.start < end && start < sp.end {
				continue next
			}
		}
		at = end
		s.spans = append(s.spans, span{start, end, category.UniqueID, detect.Certain, true, text[start:end], nil})
	}
}

var pseudonymBegins = []byte("h1.")

// told reports whether what stands in text[start:end], or in the angle brackets
// around it, is the word that replaces values of a category.
func told(text []byte, start, end int, key category.Key) bool {
	if start < end && text[start] != '<' && start > 0 {
		start--
	}
	if end < len(text) && text[end] == '>' {
		end++
	}
	word := bytes.TrimRight(text[start:end], " ")
	return transform.IsType(word, key)
}
