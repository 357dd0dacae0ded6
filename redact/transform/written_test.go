package transform

import (
	"testing"

	"weir/redact/category"
)

func TestWhatWasWrittenIsKnownByItsForm(t *testing.T) {
	for text, want := range map[string]bool{
		"h1.DvJjYHB08uvMCCDtottNtQ": true, "h1.DvJjYHB08uvMCCDtottNtR": false, "h1.DvJjYHB08uvMCCDtottNt": false, "h2.DvJjYHB08uvMCCDtottNtQ": false,
		"h1.DvJjYHB08uvMCCDtottNtQ=": false, "h1.anna@example.dk0000000A": false, "h1.\nvJjYHB08uvMCCDtottNtQ": false, "": false,
	} {
		if IsPseudonym([]byte(text)) != want {
			t.Errorf("%q", text)
		}
	}
	for _, c := range append(category.All(), "x.customer", "") {
		if word := appendType(nil, c); !IsType(word, c) {
			t.Errorf("%s of %q", word, c)
		}
	}
	for _, text := range []string{"<hunter2>", "<>", "email", "<email", "<<email>>", ""} {
		if IsType([]byte(text), category.Email) {
			t.Errorf("%q", text)
		}
	}
}
