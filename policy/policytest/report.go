package policytest

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"weir/policy/source"
)

// Report is what became of the cases of several policies.
type Report struct {
	Suites []SuiteReport
	Took   time.Duration
}

// SuiteReport is what became of the cases of one policy.
type SuiteReport struct {
	Policy   string
	Results  []Result
	Coverage *Coverage // nil where it was not asked for
	Mutation *Mutation // likewise
}

// Passed reports whether all cases did.
func (s *SuiteReport) Passed() bool {
	return !slices.ContainsFunc(s.Results, func(r Result) bool { return !r.Passed() })
}

// Counts are the cases, and those of them that failed.
func (r *Report) Counts() (cases, failed int) {
	for i := range r.Suites {
		for j := range r.Suites[i].Results {
			cases++
			if !r.Suites[i].Results[j].Passed() {
				failed++
			}
		}
	}
	return cases, failed
}

// Pretty writes the report for people: each failure with what was expected and what was
// got side by side, and below it what decided.
func (r *Report) Pretty(l *Layout) error {
	out := l.sheet()
	for i := range r.Suites {
		s := &r.Suites[i]
		failed := 0
		for j := range s.Results {
			if result := &s.Results[j]; !result.Passed() {
				failed++
				result.pretty(out)
			}
		}
		state, sum := out.paint(green, "ok")+"   ", s.Policy+": "+plural(len(s.Results), "case")
		if failed > 0 {
			state, sum = out.paint(red, "FAIL")+" ", sum+fmt.Sprintf(", %d failed", failed)
		}
		out.wrapped(state, "     ", sum, bold)
		if s.Coverage != nil {
			s.Coverage.pretty(out)
		}
		if s.Mutation != nil {
			s.Mutation.pretty(out)
		}
	}
	_, err := io.WriteString(l.W, out.String())
	return err
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (r *Result) pretty(s *sheet) {
	s.wrapped(s.paint(red, "FAIL")+" ", "     ", fmt.Sprintf("%s:%d:%d: %s", r.Case.File, r.Case.At.Line, r.Case.At.Column, r.Case.Name), bold)
	if r.Err != nil {
		s.wrapped("  ", "  ", r.Err.Error(), "")
		return
	}
	oneLine := strings.NewReplacer("\t", " ", "\n", " ", "\r", " ")
	var rows []row
	for i := range r.Differences {
		d := &r.Differences[i]
		rows = append(rows, row{cells: []cell{{fmt.Sprint(d.At.Line), dim}, {d.Key, ""}, {oneLine.Replace(d.Want), green}, {oneLine.Replace(d.Got), red}}})
	}
	s.table("  ", []string{"LINE", "", "EXPECTED", "GOT"}, rows)
	told := map[string]bool{}
	for i := range r.Differences {
		for j := range r.Differences[i].Deciders {
			if text := r.Differences[i].Deciders[j].String(); !told[text] {
				told[text] = true
				s.wrapped("  ", "    ", text, "")
			}
		}
	}
}

type jsonReport struct {
	Cases    int         `json:"cases"`
	Failed   int         `json:"failed"`
	Policies []jsonSuite `json:"policies"`
}

type jsonSuite struct {
	Policy   string        `json:"policy"`
	Cases    []jsonCase    `json:"cases"`
	Coverage *jsonCoverage `json:"coverage,omitempty"`
	Mutation *jsonMutation `json:"mutation,omitempty"`
}

type jsonCase struct {
	Name        string           `json:"name"`
	File        string           `json:"file"`
	Line        int              `json:"line"`
	Passed      bool             `json:"passed"`
	Error       string           `json:"error,omitempty"`
	Differences []jsonDifference `json:"differences,omitempty"`
}

type jsonDifference struct {
	Key      string        `json:"key"`
	Line     int           `json:"line"`
	Column   int           `json:"column"`
	Expected string        `json:"expected"`
	Got      string        `json:"got"`
	Deciders []jsonDecider `json:"deciders,omitempty"`
}

type jsonDecider struct {
	Of   string `json:"of"`
	Rule string `json:"rule,omitempty"`
	jsonPos
	Does   string `json:"does,omitempty"`
	Missed bool   `json:"missed,omitempty"`
}

type jsonPos struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

func posOf(p source.Pos) jsonPos { return jsonPos{p.File, p.Line, p.Column} }

// JSON writes the report as one object.
func (r *Report) JSON(w io.Writer) error {
	out := jsonReport{Policies: []jsonSuite{}}
	out.Cases, out.Failed = r.Counts()
	for i := range r.Suites {
		s := &r.Suites[i]
		suite := jsonSuite{Policy: s.Policy, Cases: []jsonCase{}, Coverage: s.Coverage.json(), Mutation: s.Mutation.json()}
		for j := range s.Results {
			suite.Cases = append(suite.Cases, s.Results[j].json())
		}
		out.Policies = append(out.Policies, suite)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(out)
}

func (r *Result) json() jsonCase {
	c := jsonCase{Name: r.Case.Name, File: r.Case.File, Line: r.Case.At.Line, Passed: r.Passed()}
	if r.Err != nil {
		c.Error = r.Err.Error()
	}
	for i := range r.Differences {
		d := &r.Differences[i]
		j := jsonDifference{Key: d.Key, Line: d.At.Line, Column: d.At.Column, Expected: d.Want, Got: d.Got}
		for _, by := range d.Deciders {
			j.Deciders = append(j.Deciders, jsonDecider{by.Of, by.Rule, posOf(by.At), by.Does, by.Missed})
		}
		c.Differences = append(c.Differences, j)
	}
	return c
}

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	File    string        `xml:"file,attr"`
	Line    int           `xml:"line,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitFailure `xml:"failure,omitempty"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// junitWidth is that of a failure as build servers show it, in characters.
const junitWidth = 120

// JUnit writes the report as build servers read it: a test suite for each policy.
func (r *Report) JUnit(w io.Writer) error {
	var out junitSuites
	out.Tests, out.Failures = r.Counts()
	for i := range r.Suites {
		s := &r.Suites[i]
		suite := junitSuite{Name: s.Policy, Tests: len(s.Results)}
		var took time.Duration
		for j := range s.Results {
			result := &s.Results[j]
			c := junitCase{Name: result.Case.Name, Class: s.Policy, File: result.Case.File, Line: result.Case.At.Line, Time: seconds(result.Took)}
			if !result.Passed() {
				suite.Failures++
				text := (&Layout{Width: junitWidth}).sheet()
				result.pretty(text)
				c.Failure = &junitFailure{plural(max(len(result.Differences), 1), "difference"), text.String()}
			}
			took += result.Took
			suite.Cases = append(suite.Cases, c)
		}
		suite.Time = seconds(took)
		out.Suites = append(out.Suites, suite)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.6f", d.Seconds()) }
