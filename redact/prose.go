package redact

import (
	"bytes"
	"strings"

	"weir/redact/category"
	"weir/redact/detect"
	"weir/redact/raw"
)

// maxPairs bounds the names of one text that are looked up.
const maxPairs = 256

// maxBracketed is how many bytes behind a bracket its value may end.
const maxBracketed = 256

// prose decides on a free text: what is found in it by its form, and what stands
// behind a name.
func (s *state) prose(f *raw.Field, p *raw.Place, text []byte) {
	if len(text) == 0 {
		return
	}
	s.named(p.Category, p.Confidence, len(text))
	if !s.scan(text) || !s.pairs(text) {
		s.refuse(p, text)
		return
	}
	s.mentions(text)
	s.decide(f, p, text)
}

// mentions adds a finding for each account that sshd and PAM tell of: "password for
// NAME from", "for user NAME by", "invalid user NAME 10.0.0.1", "by NAME(uid=0)".
// What stands around a name has to be all there: "for user input" tells of nobody.
func (s *state) mentions(text []byte) {
	var second, first []byte // the words before the one at hand
	for at := 0; at < len(text); {
		word, rest, _ := bytes.Cut(text[at:], []byte{' '})
		next, _, _ := bytes.Cut(rest, []byte{' '})
		name, _, called := bytes.Cut(word, []byte("(uid="))
		switch string(first) {
		case "user":
			called = oneOf(second, "for", "from", "invalid", "Invalid", "illegal", "Illegal", "unknown", "authenticating") && (called || leads(next) || len(next) == 0 && bytes.Contains(text[:at], session))
		case "for":
			called = oneOf(second, "password", "publickey", "none", "hostbased", "keyboard-interactive/pam", "gssapi-with-mic") && leads(next)
		case "by":
		default:
			called = false
		}
		if called && len(name) > 0 {
			p := s.decider.Place(raw.LogField, userName)
			if p.Category != "" {
				s.spans = append(s.spans, span{start: at, end: at + len(name), category: p.Category, confidence: p.Confidence})
			}
		}
		second, first = first, word
		at += len(word) + 1
	}
}

var userName, session = []byte("user"), []byte("session ")

// leads reports whether a word may stand behind the name of an account: one that
// leads to an address, or an address.
func leads(word []byte) bool {
	if oneOf(word, "from", "by", "port") {
		return true
	}
	_, ok := detect.Address(word)
	return ok
}

func oneOf(word []byte, words ...string) bool {
	for _, w := range words {
		if w == string(word) {
			return true
		}
	}
	return false
}

// pairs adds a finding for each value in a text that stands behind a name whose
// values have a category: name=value, name="a value", "name": "value". It reports
// whether it saw all.
func (s *state) pairs(text []byte) bool {
	left := maxPairs
	for at := 0; at < len(text); {
		next := bytes.IndexAny(text[at:], "=:")
		if next < 0 {
			return true
		}
		sep := at + next
		at = sep + 1
		name := nameBefore(text[:sep])
		if len(name) == 0 {
			continue
		}
		if left--; left < 0 {
			return false
		}
		p := s.decider.Place(raw.LogField, name)
		if p.Category == "" || p.Confidence < detect.NameVariant {
			continue
		}
		start, end := valueAfter(text, sep, p.Category)
		if start == end || told(text, start, end, p.Category) {
			continue
		}
		s.spans = append(s.spans, span{start: start, end: end, category: p.Category, confidence: p.Confidence})
	}
	return true
}

// nameBefore is the name that a text ends with, which may stand in quotes.
func nameBefore(text []byte) []byte {
	for len(text) > 0 && text[len(text)-1] == ' ' {
		text = text[:len(text)-1]
	}
	for n := len(text); n > 0 && (text[n-1] == '"' || text[n-1] == '\'' || text[n-1] == '\\'); n-- {
		text = text[:n-1]
	}
	start := len(text)
	for start > 0 && isNameByte(text[start-1]) {
		start--
	}
	return text[start:]
}

func isNameByte(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.' || c >= 0x80
}

// valueAfter is where the value behind a name stands. Credentials in a header go
// to the end of the line: they have a scheme before them.
func valueAfter(text []byte, sep int, key category.Key) (start, end int) {
	start = sep + 1
	spaced, escaped := false, false
	for start < len(text) && text[start] == ' ' {
		start++
		spaced = true
	}
	if start+1 < len(text) && text[start] == '\\' && text[start+1] == '"' {
		start++
		escaped = true
	}
	if start == len(text) {
		return start, start
	}
	if q := text[start]; q == '"' || q == '\'' {
		start++
		end = start
		for end < len(text) && text[end] != q {
			if text[end] == '\\' {
				if escaped && end+1 < len(text) && text[end+1] == q {
					break
				}
				end++
			}
			end++
		}
		return start, min(end, len(text))
	}
	if text[sep] == ':' && key.Within(category.Credentials) {
		return start, len(text)
	}
	if text[sep] == '=' && spaced && sep > 0 && text[sep-1] != ' ' {
		return start, start // a name without a value before the next one
	}
	if closer := strings.IndexByte("<>[]()", text[start]); closer >= 0 && closer%2 == 0 {
		start++
		inside := text[start:min(len(text), start+maxBracketed)]
		if n := bytes.IndexByte(inside, "<>[]()"[closer+1]); n >= 0 {
			return start, start + n
		}
	}
	end = start
	for end < len(text) && strings.IndexByte(" \t,;&|\"'<>()[]{}", text[end]) < 0 {
		end++
	}
	if end > start && end < len(text) && text[end-1] == '=' && strings.IndexByte("<[({\"'", text[end]) >= 0 {
		return start, start // a name, with its value in brackets
	}
	return start, end
}

// spareNetworks takes addresses of networks out of what the guard looks for: they
// tell of nobody, and are what truncating leaves of themselves.
func (s *state) spareNetworks() {
	kept := s.withheld.values[:0]
	for _, v := range s.withheld.values {
		if bytes.HasSuffix(v, []byte(".0")) || bytes.HasSuffix(v, []byte("::")) {
			if _, ok := detect.Address(v); ok {
				continue
			}
		}
		kept = append(kept, v)
	}
	s.withheld.cutTo(len(kept))
}
