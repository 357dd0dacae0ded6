package policytest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"weir/policy"
	"weir/policy/source"
)

// Traffic is one exchange of a file: a case, an entry of an archive, or messages of
// HTTP as text.
type Traffic struct {
	// Name is the file and where in it the exchange stands.
	Name    string
	Service string

	sample *Sample
	test   *Case // nil where it is none
}

// maxTraffic bounds the exchanges of one file.
const maxTraffic = 100_000

// ReadTraffic reads the exchanges of a file: cases where it is a list of YAML, an HTTP
// Archive where it is an object, else messages of HTTP/1.1 as text, each answer behind its
// request. name stands for the file in errors, which quote nothing of it but a case's keys. What an
// exchange does not say is taken from given, and its service, but for a case's own.
func ReadTraffic(name string, data []byte, given Given, service string) ([]*Traffic, error) {
	text := bytes.TrimLeft(data, "\ufeff \t\r\n")
	switch {
	case len(text) == 0:
		return nil, fmt.Errorf("%s: there is no exchange in it", name)
	case text[0] == '{':
		samples, err := ReadHAR(text, given)
		if err == nil && len(samples) == 0 {
			err = errors.New("there is no exchange in it")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		var all []*Traffic
		for i, s := range samples {
			all = append(all, &Traffic{Name: fmt.Sprintf("%s, entry %d", name, i), Service: service, sample: s})
		}
		return all, nil
	case IsList(text):
		cases, err := ParseCases(name, data)
		if err != nil {
			return nil, err
		}
		var all []*Traffic
		for _, c := range cases {
			all = append(all, &Traffic{Name: fmt.Sprintf("%s:%d, %s", name, c.At.Line, c.Name), Service: c.service, sample: c.sample, test: c})
		}
		return all, nil
	}
	return readMessages(name, string(data), given, service)
}

// Case is the name of the case, "" where the exchange is of none.
func (t *Traffic) Case() string {
	if t.test == nil {
		return ""
	}
	return t.test.Name
}

// IsList reports whether a file is a list of YAML, behind comments, as cases are.
func IsList(text []byte) bool {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return bytes.HasPrefix(line, []byte("- ")) || string(line) == "-" || string(line) == "---"
		}
	}
	return false
}

// readMessages divides a text where a line begins a message that nothing or an empty
// line stands before. The first request may leave its version out.
func readMessages(name, text string, given Given, service string) ([]*Traffic, error) {
	var starts, lines []int // of messages, in bytes, and in lines from 1 on
	blank, at, number := true, 0, 0
	for line := range strings.Lines(text) {
		number++
		switch bare := strings.TrimRight(line, "\r\n"); {
		case bare == "":
			blank = true
		case blank && (len(starts) == 0 || begins(bare)):
			starts, lines, blank = append(starts, at), append(lines, number), false
		default:
			blank = false
		}
		at += len(line)
	}
	var all []*Traffic
	for i := 0; i < len(starts); i++ {
		if len(all) == maxTraffic {
			return nil, fmt.Errorf("%s: there are more than %d exchanges in it", name, maxTraffic)
		}
		end := func(i int) int {
			if i+1 < len(starts) {
				return starts[i+1]
			}
			return len(text)
		}
		request, answer := text[starts[i]:end(i)], ""
		line := lines[i]
		answerLine := line
		// Of several answers, 103 before 200, the last one counts.
		for i+1 < len(starts) && strings.HasPrefix(text[starts[i+1]:], "HTTP/") {
			i++
			answer, answerLine = text[starts[i]:end(i)], lines[i]
		}
		s, inAnswer, err := ReadHTTP(request, answer)
		if err != nil {
			if inAnswer {
				line = answerLine
			}
			return nil, located(name, line, err)
		}
		s.give(&given)
		all = append(all, &Traffic{Name: fmt.Sprintf("%s:%d", name, line), Service: service, sample: s})
	}
	return all, nil
}

// located is an error of a message that begins in a line of a file.
func located(name string, line int, err error) error {
	var e *TextError
	if !errors.As(err, &e) {
		return fmt.Errorf("%s:%d: %w", name, line, err)
	}
	return &source.Error{File: name, Pos: source.Pos{Line: line + e.Line - 1, Column: 1}, Message: e.Message, Instead: e.Instead}
}

// begins reports whether a line begins a message: a method, a target and a version, or
// a version and a status.
func begins(line string) bool {
	words := strings.Fields(line)
	switch {
	case len(words) >= 2 && isVersion(words[0]):
		return len(words[1]) == 3 && strings.Trim(words[1], "0123456789") == ""
	case len(words) == 3:
		return isToken(words[0]) && isVersion(words[2])
	}
	return false
}

func isVersion(word string) bool {
	rest, ok := strings.CutPrefix(word, "HTTP/")
	return ok && rest != "" && strings.Trim(rest, "0123456789.") == ""
}

// pass runs an exchange, and says what the policy judges of it.
func (r *Runner) pass(t *Traffic, at time.Time) (*Outcome, *policy.Seen, error) {
	if x := &t.sample.exchange; t.test != nil {
		x.Started = t.test.atOf(at)
	} else if x.Started.IsZero() {
		x.Started = at
	}
	o, err := r.Run(t.sample)
	if err != nil {
		return nil, nil, err
	}
	if t.test != nil {
		return o, t.test.seen(r.policy, o, false), nil
	}
	return o, t.sample.Seen(o), nil
}
