package rewrite

import (
	"bytes"
	"encoding/json"

	"weir/redact/capture"
)

// maxLooked is how many of the first lines a format is recognised by.
const maxLooked = 20

// Recognise says which format a log is most likely written in by how it begins.
// Each of the first whole lines has to be of it but one in four. Of objects one in
// four is enough: as words, what stands under keys that nobody knows would stay.
// What is of none is free text.
func Recognise(first []byte) *Format {
	var head [][]byte
	for line := range bytes.Lines(first) {
		if line = bytes.TrimRight(line, "\r\n"); len(line) > 0 && len(head) < maxLooked {
			head = append(head, line)
		}
	}
	if len(head) > 1 && first[len(first)-1] != '\n' {
		head = head[:len(head)-1] // it may be cut
	}
	if name := whole(first); name != "" {
		f, _ := Named(name)
		return f
	}
	for _, name := range []string{"combined", "syslog", "jsonl"} {
		f, err := Named(name)
		if err == nil && len(head) > 0 && f.fits(head) {
			return f
		}
	}
	f, _ := Named("text")
	return f
}

// fits reports whether the lines are of a format, but one in four; or one in four
// of objects.
func (f *Format) fits(head [][]byte) bool {
	wrong := 0
	for _, line := range head {
		if !f.is(line) {
			wrong++
		}
	}
	if f.name == "jsonl" {
		return wrong*4 <= len(head)*3
	}
	return wrong*4 <= len(head)
}

// is reports whether a line is of a format.
func (f *Format) is(line []byte) bool {
	var l capture.Line
	switch f.name {
	case "jsonl":
		return line[0] == '{' && json.Valid(line)
	case "syslog":
		return capture.Syslog(line, &l)
	}
	for _, t := range f.templates {
		if t.Parse(line, &l) {
			return true
		}
	}
	return false
}

// whole is the format of a log that is not made of lines, "" where it is.
func whole(first []byte) string {
	text := bytes.TrimLeft(first, "\xef\xbb\xbf \t\r\n")
	if after, ok := bytes.CutPrefix(text, []byte{'{'}); ok {
		if after, ok = bytes.CutPrefix(bytes.TrimLeft(after, " \t\r\n"), []byte(`"log"`)); ok {
			after = bytes.TrimLeft(after, ": \t\r\n")
			if bytes.HasPrefix(after, []byte{'{'}) {
				return "har"
			}
		}
	}
	if opens(first) {
		return "http"
	}
	return ""
}
