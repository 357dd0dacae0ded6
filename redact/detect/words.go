package detect

import (
	"bytes"
	_ "embed"
	"strings"
)

//go:embed words.txt
var wordList string

// commonWords is the embedded list, read once and never changed: true for a
// word, false for the ending of a file.
var commonWords = readWords(wordList)

// Word reports whether a path segment is one of the common words that say
// nothing of anybody, and so may be written: exactly as words.txt has it, in
// lower case, by itself or as a file's stem before one of the endings there
// (app.js, app.min.js).
func Word(segment []byte) bool {
	if word, ok := commonWords[string(segment)]; ok {
		return word
	}
	dot := bytes.LastIndexByte(segment, '.')
	if dot <= 0 {
		return false
	}
	if word, ok := commonWords[string(segment[dot:])]; !ok || word {
		return false
	}
	stem := bytes.TrimSuffix(segment[:dot], []byte(".min"))
	return commonWords[string(stem)]
}

func readWords(list string) map[string]bool {
	words := make(map[string]bool)
	for line := range strings.Lines(list) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, word := range strings.Fields(line) {
			words[word] = word[0] != '.' || word == ".well-known"
		}
	}
	return words
}
