package policytest

import (
	"bytes"
	"unicode"

	"weir/redact/detect"
)

// maxPlainName bounds a name that is told, in bytes.
const maxPlainName = 64

// PlainName is a name of a field that the policy does not know, where it may be told:
// every word of it is one of those that weir knows as common words or as names of
// fields, or the x of a name of one's own. Else it is "", for a name may be somebody's.
func PlainName(name []byte) string {
	if len(name) == 0 || len(name) > maxPlainName {
		return ""
	}
	known := false
	for _, word := range words(name) {
		if string(word) == "x" {
			continue
		}
		if match, ok := detect.Lookup(word); !detect.Word(word) && (!ok || !match.Exact) {
			return ""
		}
		known = true
	}
	if !known {
		return ""
	}
	return string(name)
}

// words divides a name at dashes, dots, underscores and where a capital begins a word.
func words(name []byte) [][]byte {
	var all [][]byte
	for _, part := range bytes.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' || r == '.' }) {
		start := 0
		for i := 1; i < len(part); i++ {
			if unicode.IsUpper(rune(part[i])) && unicode.IsLower(rune(part[i-1])) {
				all, start = append(all, bytes.ToLower(part[start:i])), i
			}
		}
		all = append(all, bytes.ToLower(part[start:]))
	}
	return all
}
