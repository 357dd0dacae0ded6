package record

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"weir/redact/transform"
)

// FuzzLinesAreWellFormed compares what a reader of the line gets with what was kept.
func FuzzLinesAreWellFormed(f *testing.F) {
	for _, seed := range []string{"", "a", `"\`, "\x00\x1b[31m\x7f", "æøå\u2028\u202e\u0085", "\xff\xc0", "😀", "a b&c=d#%41", "\"}\n{\"time\":", "..", "{id}"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		m := newMaker()
		e := filled(m, text)
		e.Values = append(e.Values, Value{Part: ResponseHeader, Name: name, Text: transform.Literal(text)})
		e.Service, e.Retain = transform.Literal(name), transform.Literal(text)
		e.Query = append(e.Query, Parameter{Name: transform.Literal(name)})
		line, _ := AppendJSON(nil, e, nil)
		if !utf8.Valid(line) || bytes.IndexByte(line, '\n') != len(line)-1 {
			t.Fatalf("not one line of UTF-8: %q", line)
		}
		var got map[string]any
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if utf8.ValidString(text) && text != "" {
			if got["client.address"] != text || got["http.request.header.referer"].([]any)[0] != text {
				t.Fatalf("%q is read as %q", text, got["client.address"])
			}
		}
		if want := strings.ToValidUTF8(name, "\ufffd"); utf8.ValidString(name) && name != "" && got["service"] != want {
			t.Fatalf("%q is read as %q", name, got["service"])
		}
		seen := map[string]bool{}
		d := json.NewDecoder(bytes.NewReader(line))
		d.Token()
		for d.More() {
			key, _ := d.Token()
			if k := key.(string); seen[k] && utf8.ValidString(name) {
				t.Fatalf("%q stands twice", k)
			} else {
				seen[k] = true
			}
			var v any
			d.Decode(&v)
		}
		for _, format := range []Format{Common, Combined} {
			line, _ := Append(nil, format, e, nil)
			for _, c := range line[:len(line)-1] {
				if c < ' ' || c > '~' {
					t.Fatalf("%v holds %q: %q", format, c, line)
				}
			}
			if n := fields(line); n != map[Format]int{Common: 7, Combined: 9}[format] {
				t.Fatalf("%v has %d fields: %s", format, n, line)
			}
		}
	})
}

// fields counts the fields of a log line as a reader of Apache's would.
func fields(line []byte) int {
	n, quoted, bracketed := 1, false, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"' && !bracketed:
			quoted = !quoted
		case c == '[' && !quoted && i > 0 && line[i-1] == ' ':
			bracketed = true
		case c == ']' && !quoted:
			bracketed = false
		case c == ' ' && !quoted && !bracketed:
			n++
		}
	}
	return n
}
