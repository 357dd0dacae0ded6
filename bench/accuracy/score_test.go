package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"weir/redact/category"
)

// Each case has the figures that follow from doc.go, by category.
func TestScoreFollowsTheDefinition(t *testing.T) {
	const email, address = category.Email, category.IPAddress
	for name, c := range map[string]struct {
		spans []span
		found []finding
		want  map[category.Key]count
	}{
		"exact":                  {[]span{{0, 4, email, ""}}, []finding{{0, 4, email, false}}, map[category.Key]count{email: {1, 1, 1, 0}}},
		"overlap":                {[]span{{0, 4, email, ""}}, []finding{{3, 9, email, false}}, map[category.Key]count{email: {1, 1, 0, 0}}},
		"touching is none":       {[]span{{0, 4, email, ""}}, []finding{{4, 9, email, false}}, map[category.Key]count{email: {1, 0, 0, 1}}},
		"broader category":       {[]span{{0, 4, email, ""}}, []finding{{0, 4, "user.contact", false}}, map[category.Key]count{email: {1, 1, 1, 0}}},
		"narrower category":      {[]span{{0, 4, "user", ""}}, []finding{{0, 4, email, false}}, map[category.Key]count{"user": {1, 1, 1, 0}}},
		"another category":       {[]span{{0, 4, email, ""}}, []finding{{0, 4, address, false}}, map[category.Key]count{email: {1, 0, 0, 0}, address: {0, 0, 0, 1}}},
		"two findings, one span": {[]span{{0, 9, email, ""}}, []finding{{0, 4, email, false}, {5, 9, email, false}}, map[category.Key]count{email: {1, 1, 0, 0}}},
		"one finding, two spans": {[]span{{0, 4, email, ""}, {5, 9, email, ""}}, []finding{{0, 9, email, false}}, map[category.Key]count{email: {2, 2, 0, 0}}},
		"ignored":                {[]span{{0, 4, ignore, ""}}, []finding{{2, 6, address, false}}, map[category.Key]count{}},
		"ignored and missed":     {[]span{{0, 4, ignore, ""}, {6, 8, email, ""}}, []finding{{0, 4, email, false}}, map[category.Key]count{email: {1, 0, 0, 0}}},
		"inside a token":         {[]span{{0, 9, category.Credentials, ""}}, []finding{{0, 9, category.Credentials, false}, {0, 9, email, true}}, map[category.Key]count{category.Credentials: {1, 1, 1, 0}}},
		"inside, not decoded":    {[]span{{0, 9, category.Credentials, ""}}, []finding{{0, 9, category.Credentials, false}, {0, 3, email, false}}, map[category.Key]count{category.Credentials: {1, 1, 1, 0}, email: {0, 0, 0, 1}}},
		"inside a missed one":    {[]span{{0, 9, category.Credentials, ""}}, []finding{{0, 9, email, true}}, map[category.Key]count{category.Credentials: {1, 0, 0, 0}, email: {0, 0, 0, 1}}},
		"nothing there":          {nil, []finding{{0, 4, email, false}}, map[category.Key]count{email: {0, 0, 0, 1}}},
	} {
		s := newScore()
		s.add(&sample{Text: "0123456789", Spans: c.spans}, c.found)
		if len(s.counts) != len(c.want) {
			t.Errorf("%s: %d categories, want %d", name, len(s.counts), len(c.want))
		}
		for key, want := range c.want {
			if got := s.of(key); *got != want {
				t.Errorf("%s: %s: %+v, want %+v", name, key, *got, want)
			}
		}
	}
}

func TestFieldsAreScoredByNameOrValue(t *testing.T) {
	s := newScore()
	for _, c := range []struct {
		category category.Key
		found    []finding
	}{
		{category.Email, []finding{{category: category.Email}, {category: category.UniqueID}}}, // one is right: the other is not counted
		{category.Email, nil},
		{category.Email, []finding{{category: category.UniqueID}}},
		{"", []finding{{category: category.UniqueID}}},
		{"", nil},
		{ignore, []finding{{category: category.UniqueID}}},
	} {
		s.add(&sample{Field: "f", Value: "v", Category: c.category}, c.found)
	}
	if got, want := *s.of(category.Email), (count{3, 1, 1, 0}); got != want {
		t.Errorf("%+v", got)
	}
	if got, want := *s.of(category.UniqueID), (count{0, 0, 0, 2}); got != want {
		t.Errorf("%+v", got)
	}
}

func TestTableHasTheKeyFirstAndF1Last(t *testing.T) {
	s := newScore()
	*s.of(category.Email) = count{spans: 10, hit: 8, exact: 6, wrong: 2}
	var b strings.Builder
	if err := s.table(&b, "weir"); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if got, want := strings.Fields(lines[1]), "user.contact.email 10 8 2 2 6 0.6000 0.8000 0.8000 0.8000"; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s", got, want)
	}
	if len(lines) != 3 || strings.Fields(lines[2])[0] != "all" {
		t.Error(b.String())
	}
}

func TestCorpusIsReadStrictly(t *testing.T) {
	good := `{"text":"a@b.dk","spans":[{"start":0,"end":6,"category":"user.contact.email"}],"language":"da"}` + "\n\n" + `{"field":"a","value":"b","category":"ignore"}` + "\n"
	all, err := read(strings.NewReader(good))
	if err != nil || len(all) != 2 || all[0].Spans[0].End != 6 || all[1].Category != ignore {
		t.Fatal(all, err)
	}
	for _, bad := range []string{`{`, `{"text":"a","field":"b"}`, `{"text":"a","spans":[{"start":0,"end":2,"category":"user"}]}`, `{"text":"a","spans":[{"start":1,"end":1,"category":"user"}]}`,
		`{"text":"a","spans":[{"start":0,"end":1,"category":"user.emial"}]}`, `{"field":"a","category":"nothing"}`} {
		if _, err := read(strings.NewReader(good + bad + "\n")); err == nil || !strings.HasPrefix(err.Error(), "line 4: ") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// A corpus with known figures, through the command as it is called.
func TestCommandJudgesACorpus(t *testing.T) {
	dir := t.TempDir()
	corpus := dir + "/corpus.jsonl"
	var lines strings.Builder
	for i := range 9 {
		text := fmt.Sprintf("mail user%d@example.dk now", i)
		fmt.Fprintf(&lines, "{\"text\":%q,\"spans\":[{\"start\":5,\"end\":21,\"category\":\"user.contact.email\"}]}\n", text)
	}
	lines.WriteString(`{"text":"mail nobody here","spans":[{"start":5,"end":11,"category":"user.contact.email"}]}` + "\n")
	if err := writeFile(corpus, lines.String()); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if err := run([]string{"--corpus", corpus, "--misses"}, &out, &errs); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"user.contact.email     10    9       1      0      9", "weir miss user.contact.email", "⟦nobody⟧ here"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, &out)
		}
	}
	for _, bad := range [][]string{{}, {"--corpus", corpus, "--generate", "3"}, {"--corpus", corpus, "--beside", "x"}, {"--corpus", dir + "/none"}, {"--generate", "3", "--only", "x"}} {
		if err := run(bad, &out, &errs); err == nil {
			t.Errorf("%v is accepted", bad)
		}
	}
}
