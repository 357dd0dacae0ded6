package main

import (
	"bufio"
	"bytes"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"
)

func writeFile(path, text string) error { return os.WriteFile(path, []byte(text), 0o600) }

func corpus(t *testing.T, n int, seed uint64, only string) []byte {
	t.Helper()
	var b bytes.Buffer
	out := bufio.NewWriter(&b)
	if err := generate(out, n, seed, only); err != nil {
		t.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestEqualSeedsGiveEqualCorpora(t *testing.T) {
	a := corpus(t, 500, 7, "")
	if !bytes.Equal(a, corpus(t, 500, 7, "")) || bytes.Equal(a, corpus(t, 500, 8, "")) {
		t.Error("the seed does not decide")
	}
}

// Every template names kinds that there are, and every kind stands in one.
func TestTemplatesAndKindsBelongTogether(t *testing.T) {
	var all strings.Builder
	for _, language := range languages {
		if len(sentences[language]) == 0 || len(moreSentences[language]) == 0 {
			t.Errorf("no sentence in %s", language)
		}
		all.WriteString(strings.Join(slices.Concat(sentences[language], moreSentences[language]), "\n"))
	}
	for _, of := range [][]string{logLines, jsonTexts, forms, urls, hardOnes} {
		all.WriteString(strings.Join(of, "\n"))
	}
	for _, f := range fields {
		all.WriteString(f.value)
	}
	for name := range kinds {
		if !strings.Contains(all.String(), "{"+name+"}") && !strings.Contains(all.String(), "{"+name+"%}") {
			t.Errorf("no template has {%s}", name)
		}
	}
	samples, err := read(bytes.NewReader(corpus(t, 20_000, 1, "")))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range samples {
		if strings.Contains(s.Text+s.Value, "%}") {
			t.Errorf("a kind was left: %s", s.Text+s.Value)
		}
	}
}

// Numbers that their issuers, or the standard, publish as examples.
func TestRulesHoldForPublishedExamples(t *testing.T) {
	for _, s := range []string{"4111111111111111", "378282246310005", "8112189876"} {
		if !luhn(s) || luhn(s[:len(s)-1]+string('0'+(s[len(s)-1]-'0'+1)%10)) {
			t.Error(s)
		}
	}
	if weighted("9434765919", 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)%11 != 0 { // NHS
		t.Error("NHS")
	}
	if weighted("44051401359", 1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)%10 != 0 { // PESEL
		t.Error("PESEL")
	}
	if dniLetters[12345678%23] != 'Z' {
		t.Error("DNI")
	}
	if c := codiceCheck("RSSMRA85T10A562"); c != 'S' {
		t.Errorf("codice fiscale ends in %c", c)
	}
}

// The generator's files share no code with the detectors.
func TestGeneratorImportsNoDetector(t *testing.T) {
	for _, file := range []string{"generate.go", "kinds.go", "numbers.go", "values.go", "agents.go", "sentences.go", "sentences_more.go", "carriers.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imp := range f.Imports {
			if strings.HasPrefix(imp.Path.Value, `"weir/`) && imp.Path.Value != `"weir/redact/category"` {
				t.Errorf("%s imports %s", file, imp.Path.Value)
			}
		}
	}
}

func TestOtherDetectorsAnswerIsReadByCategory(t *testing.T) {
	found, err := besideFindings(strings.NewReader(`[{"Entity":"EMAIL_ADDRESS","Start":1,"End":3},{"Entity":"URL","Start":2,"End":3}]`+"\n[]\n"), 2)
	if err != nil || len(found[0]) != 1 || found[0][0] != (finding{start: 1, end: 3, category: "user.contact.email"}) || len(found[1]) != 0 {
		t.Error(found, err)
	}
	of := claimed(sample{Text: "0123456789", Spans: []span{{0, 2, "user.contact.email", ""}, {3, 5, "user.unique_id", ""}}})
	if of.Spans[0].Category != "user.contact.email" || of.Spans[1].Category != ignore {
		t.Error(of.Spans)
	}
	if _, err := besideFindings(strings.NewReader("[]\n"), 2); err == nil {
		t.Error("an answer is missing")
	}
}
