package library_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/policy"
	"weir/policy/library"
	"weir/policy/policytest"
)

// today is when cases are that say no time: what holds then is to hold in the
// tests of later years as well.
var today = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func each(t *testing.T, test func(t *testing.T, name string, p *policy.Policy)) {
	for _, name := range library.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := policy.Load(filepath.Join(name, "policy.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			test(t, name, p)
		})
	}
}

func suite(t *testing.T, name string, p *policy.Policy) *policytest.Suite {
	cases, err := policytest.ReadCases(filepath.Join(name, "cases.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return &policytest.Suite{Name: filepath.Join(name, "policy.yaml"), Policy: p, Cases: cases, At: today}
}

func TestCasesPass(t *testing.T) {
	each(t, func(t *testing.T, name string, p *policy.Policy) {
		for _, r := range suite(t, name, p).Run() {
			if r.Err != nil {
				t.Errorf("%s:%d: %s: %v", r.Case.File, r.Case.At.Line, r.Case.Name, r.Err)
			}
			for _, d := range r.Differences {
				t.Errorf("%s:%d: %s: %s: expected %s, got %s %v", r.Case.File, d.At.Line, r.Case.Name, d.Key, d.Want, d.Got, d.Deciders)
			}
		}
	})
}

func TestEveryBranchIsTaken(t *testing.T) {
	each(t, func(t *testing.T, name string, p *policy.Policy) {
		s := suite(t, name, p)
		s.Cover()
		s.Run()
		if rules, matched, branches, taken := s.Coverage.Counts(); matched < rules || taken < branches || rules == 0 {
			t.Errorf("%d of %d rules match in a case, and %d of %d branches are taken", matched, rules, taken, branches)
		}
	})
}

func TestEveryWeakeningIsNoticed(t *testing.T) {
	each(t, func(t *testing.T, name string, p *policy.Policy) {
		m, err := suite(t, name, p).Mutate(nil)
		if err != nil {
			t.Fatal(err)
		}
		if m.Weakened < 40 {
			t.Errorf("only %d weakenings", m.Weakened)
		}
		for _, w := range m.Unnoticed {
			t.Errorf("no case notices %s %q: %s", w.Rule.Section, w.Rule.Name, w.What)
		}
	})
}

// Sight can fail where a promise asks what is in a flow.
var (
	promised = regexp.MustCompile(`(?m)^  - id: (\S+)\n((?:    .*\n)+)`)
	byFlow   = regexp.MustCompile(`(?m)^    holds: .*flow\.`)
)

func TestCasesShowEveryPromiseKeptBrokenAndUndecided(t *testing.T) {
	each(t, func(t *testing.T, name string, _ *policy.Policy) {
		text, err := os.ReadFile(filepath.Join(name, "policy.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		cases, err := os.ReadFile(filepath.Join(name, "cases.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		all := promised.FindAllStringSubmatch(string(text), -1)
		if len(all) < 5 {
			t.Errorf("only %d promises", len(all))
		}
		for _, p := range all {
			states := []string{"kept", "broken"}
			if byFlow.MatchString(p[2]) {
				states = append(states, "undecided")
			}
			for _, state := range states {
				if !strings.Contains(string(cases), p[1]+": "+state) {
					t.Errorf("no case shows the promise %s %s", p[1], state)
				}
			}
		}
	})
}

// quoted is a comment that is a sentence of the document.
var quoted = regexp.MustCompile(`(?m)^ *# "(.*)"$`)

func TestCommentsQuoteTheDocument(t *testing.T) {
	one := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	each(t, func(t *testing.T, name string, _ *policy.Policy) {
		text, err := os.ReadFile(filepath.Join(name, "policy.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		document, err := os.ReadFile(filepath.Join(name, "privacy.md"))
		if err != nil {
			t.Fatal(err)
		}
		quotes := quoted.FindAllStringSubmatch(string(text), -1)
		if len(quotes) == 0 && name != library.Default {
			t.Error("no rule quotes the document")
		}
		for _, q := range quotes {
			if !strings.Contains(one(string(document)), one(q[1])) {
				t.Errorf("the document does not say %q", q[1])
			}
		}
	})
}

func TestEveryFolderIsEmbeddedWhole(t *testing.T) {
	for _, name := range library.Names() {
		folder, err := library.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{"policy.yaml", "privacy.md", "cases.yaml", "README.md"} {
			embedded, err := fs.ReadFile(folder, file)
			if err != nil {
				t.Error(err)
				continue
			}
			if onDisk, err := os.ReadFile(filepath.Join(name, file)); err != nil || !slices.Equal(embedded, onDisk) {
				t.Errorf("%s/%s is not as it is on disk: %v", name, file, err)
			}
		}
	}
	if !slices.Contains(library.Names(), library.Default) {
		t.Errorf("%s is none of %v", library.Default, library.Names())
	}
}

func TestAnUnknownNameIsRefused(t *testing.T) {
	for _, name := range []string{"", ".", "..", "nordhost", "b2b/policy.yaml"} {
		if _, err := library.Open(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// expected is a row of the table of a README.md that says what the lint finds.
var expected = regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| `([^`]*)` \\|")

func TestTheLintFindsWhatThePageExpects(t *testing.T) {
	each(t, func(t *testing.T, name string, p *policy.Policy) {
		page, err := os.ReadFile(filepath.Join(name, "README.md"))
		if err != nil {
			t.Fatal(err)
		}
		_, section, ok := strings.Cut(string(page), "\n## What weir check says\n")
		if !ok {
			t.Fatal("README.md does not say what weir check says")
		}
		var want, got []string
		for _, row := range expected.FindAllStringSubmatch(section, -1) {
			want = append(want, row[1]+" of "+row[2])
		}
		for _, r := range p.LintAt(today) {
			got = append(got, r.Name+" of "+r.About)
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			t.Errorf("weir check finds\n%s\nand README.md expects\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}
