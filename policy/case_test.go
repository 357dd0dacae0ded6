package policy_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/policy"
	"weir/redact/category"
	"weir/redact/detect"
	"weir/redact/raw"
)

// Each folder of testdata/cases is a case: policy.yaml and what is expected of
// it in expect.txt, one line each.
//
//	error: LINE:COLUMN: message…         all errors, in their order
//	warning:LINE:COLUMN: message…        all remarks of the lint; told only where there is such a line, or one of error: or note:
//	KIND NAME [CATEGORY [CONFIDENCE]] => PLACE: TRANSFORM by RULE
//	header.within KIND NAME …            a part of a URL in a header
//	route PATH => TEMPLATE
//	scan TEXT => [VALUE CATEGORY CONFIDENCE], for each finding in the text
//
// A NAME, CATEGORY or path of "-" is empty. Lines `request TARGET` and
// `header NAME VALUE` set up the exchange that the following lines are of.
func TestCases(t *testing.T) {
	folders, err := filepath.Glob("testdata/cases/*")
	if err != nil || len(folders) == 0 {
		t.Fatal("no cases", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) { runCase(t, folder) })
	}
}

var told = regexp.MustCompile("(?m)^(error|warning|note):")

func runCase(t *testing.T, folder string) {
	data, err := os.ReadFile(filepath.Join(folder, "policy.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "expect.txt")
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	p, err := policy.Parse(filepath.Join(folder, "policy.yaml"), data)
	if err != nil {
		for line := range strings.Lines(err.Error() + "\n") {
			line = strings.ReplaceAll(line, folder+string(filepath.Separator), "")
			got.WriteString("error: " + strings.TrimPrefix(line, "policy.yaml:"))
		}
	} else if told.Match(want) {
		for _, w := range p.Lint() {
			w.File = ""
			got.WriteString(w.Level.String() + w.String() + "\n")
		}
	}
	x := newExchange("/", "")
	seen := &policy.Seen{Exchange: x, Complete: true}
	for line := range strings.Lines(string(want)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case told.MatchString(line):
			continue
		case line == "" || line[0] == '#':
		case p == nil:
			continue
		case strings.HasPrefix(line, "request "):
			x = newExchange(strings.TrimPrefix(line, "request "), "")
			seen = &policy.Seen{Exchange: x, Complete: true}
		case strings.HasPrefix(line, "header "):
			f := strings.SplitN(line, " ", 3)
			x.Request.Add([]byte(f[1]), []byte(f[2]))
		case setUp(t, seen, line):
			x = seen.Exchange
		default:
			whole, isJudgement := judged(p, seen, line)
			if !isJudgement {
				whole = answer(t, p, x, line)
			}
			line = whole
		}
		got.WriteString(line + "\n")
	}
	if sorted(got.String()) != sorted(string(want)) {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
	if os.Getenv("WEIR_WRITE_CASES") != "" {
		_ = os.WriteFile(file, []byte(got.String()), 0o644)
	}
}

func sorted(s string) string { return strings.TrimSpace(s) }

// answer asks what the left side of a line says and returns the whole line.
func answer(t *testing.T, p *policy.Policy, x *raw.Exchange, line string) string {
	left, _, _ := strings.Cut(line, " =>")
	words := strings.Fields(left)
	if words[0] == "scan" {
		return left + " => " + scanned(p, strings.TrimPrefix(left, "scan "))
	}
	if words[0] == "route" {
		r := p.Route([]byte(words[1]))
		if r == nil {
			return left + " => none"
		}
		return left + " => " + describeRoute(r)
	}
	var place *raw.Place
	kindName, inner, within := strings.Cut(words[0], ">")
	kind := kindOf(t, kindName)
	name := words[1]
	place = p.Place(kind, []byte(dash(name)))
	if within {
		kind, name, words = kindOf(t, inner), words[2], words[1:]
		place = p.Within(place, kind, []byte(dash(name)))
	}
	q := &raw.Question{Exchange: x, Place: place, Category: place.Category, Confidence: place.Confidence,
		Field: &raw.Field{Kind: kind, Name: raw.Of([]byte(dash(name))), Value: raw.Of([]byte("value"))}}
	if len(words) > 2 {
		q.Category, q.Confidence = category.Key(dash(words[2])), 95
	}
	if len(words) > 3 {
		n, err := strconv.Atoi(words[3])
		if err != nil {
			t.Fatal(err)
		}
		q.Confidence = uint8(n)
	}
	first := p.Decide(q)
	if second := p.Decide(q); second != first {
		t.Errorf("%s: asked twice, answered %v and %v", left, first, second)
	}
	by := "no rule"
	if first.Rule != "" {
		by = fmt.Sprintf("%s (%d:%d)", first.Rule, first.Line, first.Column)
	}
	return fmt.Sprintf("%s => %s: %s by %s", left, place.Text, first.Transform, by)
}

// scanned is what is found in a text.
func scanned(p *policy.Policy, text string) string {
	var s detect.Scanner
	s.Use(p.Detect())
	findings, complete := s.Scan([]byte(text))
	out := ""
	for _, f := range findings {
		out += fmt.Sprintf("[%s %s %d]", f.Value, f.Category, f.Confidence)
	}
	if !complete {
		out += " and perhaps more"
	}
	return out
}

func describeRoute(r *raw.Route) string {
	s := r.Template
	for _, seg := range r.Segments {
		if seg.Place != nil && seg.Place.Category != "" {
			s += fmt.Sprintf(" %s:%s", seg.Name, seg.Place.Category)
		}
	}
	return s
}

func dash(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

func kindOf(t *testing.T, text string) raw.Kind {
	for k := range raw.Kind(raw.KindCount) {
		if k.Place() == text {
			return k
		}
	}
	t.Fatalf("there is no kind %q", text)
	return 0
}

// newExchange is a GET of target from 203.0.113.77.
func newExchange(target, host string) *raw.Exchange {
	if host == "" {
		host = "www.nordhost.example"
	}
	x := &raw.Exchange{Started: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), Trusted: true, TLSVersion: 0x0304,
		Duration: 12 * time.Millisecond, Client: raw.AddressOf(netip.MustParseAddrPort("203.0.113.77:5000"))}
	x.Reset()
	x.Started, x.Trusted, x.TLSVersion, x.Duration = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), true, 0x0304, 12*time.Millisecond
	x.Client = raw.AddressOf(netip.MustParseAddrPort("203.0.113.77:5000"))
	m := &x.Request
	m.Method = m.AppendString("GET")
	m.Scheme = raw.HTTPS
	m.Authority = m.AppendString(host)
	m.Target = m.AppendString(target)
	path, query, has := strings.Cut(target, "?")
	m.Path, m.Query, m.HasQuery = m.AppendString(path), m.AppendString(query), has
	x.Response.Status = 200
	return x
}
