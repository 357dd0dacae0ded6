package walk

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzText(f *testing.F) {
	for i, s := range []string{"anna@x.dk\nb", "\ufeffcall +45 12 34 56 78 now or later, please\r\n", strings.Repeat("a ", 40), strings.Repeat("a", 50), "\xff"} {
		f.Add([]byte(s), uint64(i))
	}
	f.Fuzz(checkText)
}

func checkText(t *testing.T, body []byte, seed uint64) {
	for _, limits := range []Limits{tight, defaults} {
		w, dropped := invariant(t, newText, limits, body, seed)
		if limits == defaults && w.why == Scanned != utf8.Valid(body) && w.why != TooLong {
			t.Fatalf("%q is %q", body, w.why)
		}
		if w.why != Scanned {
			continue
		}
		text, _ := bytes.CutPrefix(body, byteOrderMark)
		if opens(text) && json.Valid(text) {
			holdsNone(t, newText, w, dropped)
			continue
		}
		if joined := strings.Join(w.values, ""); strings.ReplaceAll(joined, "=", "") != strings.ReplaceAll(string(text), "=", "") {
			t.Fatalf("%q was visited as %q", text, w.values)
		}
		if rest, _ := bytes.CutPrefix(dropped.out, byteOrderMark); string(rest) != strings.Repeat(gone, len(w.values)) {
			t.Fatalf("%q became %q", body, dropped.out)
		}
	}
}
