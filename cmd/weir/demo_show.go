package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// stage prints the demo: what was sent beside what was written.
type stage struct {
	w     io.Writer
	width int
	color bool
}

func newStage(f *os.File) *stage {
	s := &stage{w: f, width: 100}
	if ws, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ); err == nil && ws.Col > 0 {
		s.width = max(40, min(int(ws.Col), 180))
		s.color = os.Getenv("NO_COLOR") == ""
	}
	return s
}

const (
	bold  = "1"
	dim   = "2"
	red   = "31"
	green = "32"
)

func (s *stage) paint(style, text string) string {
	if !s.color || text == "" {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

func (s *stage) line(format string, args ...any) { fmt.Fprintf(s.w, format+"\n", args...) }

// exchange prints one scene: its request, what was answered, and its entry.
func (s *stage) exchange(number int, sc scene, answered []string, entry []byte) {
	for i, l := range wrap(sc.title, s.width-3) {
		s.line("%s %s", s.paint(bold, []string{fmt.Sprintf("%2d", number), "  "}[min(i, 1)]), s.paint(bold, l.text()))
	}
	sent := append(append(s.sent(sc), ""), answered...)
	written := s.written(entry)
	if s.width < 110 {
		s.block("sent", sent, sc.personal, "")
		s.block("written", written, nil, green)
		s.line("")
		return
	}
	half := (s.width - 7) / 2
	left, right := s.column(sent, half, sc.personal, ""), s.column(written, half, nil, green)
	s.line("   %s   %s", s.paint(dim, pad("sent", half)), s.paint(dim, "written"))
	for i := range max(len(left), len(right)) {
		l := at(left, i)
		if l == "" {
			l = pad("", half)
		}
		s.line("   %s %s %s", l, s.paint(dim, "│"), strings.TrimRight(at(right, i), " "))
	}
	s.line("")
}

// served prints the entry of an exchange that somebody made by hand.
func (s *stage) served(entry []byte) {
	s.line("")
	s.block("written", s.written(entry), nil, green)
}

func (s *stage) block(name string, lines, personal []string, style string) {
	for i, l := range s.column(lines, s.width-11, personal, style) {
		label := ""
		if i == 0 {
			label = name
		}
		s.line("   %s %s", s.paint(dim, pad(label, 7)), strings.TrimRight(l, " "))
	}
}

// column lays lines out in a width. What is personal is red: it is printed in
// the terminal of whoever runs the demo, with the demo's own made-up people,
// and nowhere else.
func (s *stage) column(lines []string, width int, personal []string, style string) []string {
	var out []string
	for _, l := range lines {
		for _, r := range wrap(l, width, personal...) {
			var b strings.Builder
			for from := 0; from < len(r.runes); {
				to := from + 1
				for to < len(r.runes) && r.hot[to] == r.hot[from] {
					to++
				}
				part := string(r.runes[from:to])
				switch {
				case r.hot[from]:
					part = s.paint(red, part)
				case style != "":
					part = s.paint(style, part)
				}
				b.WriteString(part)
				from = to
			}
			out = append(out, b.String()+strings.Repeat(" ", width-len(r.runes)))
		}
	}
	return out
}

func (s *stage) sent(sc scene) []string {
	var lines []string
	if sc.from != "" {
		lines = append(lines, "from "+sc.from)
	}
	lines = append(lines, strings.Split(strings.ReplaceAll(sc.send, "\r", ""), "\n")...)
	if sc.inside != "" {
		lines = append(lines, "", "(TLS hello for "+sc.inside+")")
	}
	return trimTail(lines)
}

// written lays the entry out one key a line, as it stands in the file otherwise.
func (s *stage) written(entry []byte) []string {
	dec := json.NewDecoder(bytes.NewReader(entry))
	if _, err := dec.Token(); err != nil {
		return []string{string(entry)}
	}
	var lines []string
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			break
		}
		var value json.RawMessage
		if dec.Decode(&value) != nil {
			break
		}
		switch key {
		case "service", "policy", "retain", "epoch", "time":
			continue
		case "redacted":
			lines = append(lines, redactedLines(value)...)
		default:
			lines = append(lines, fmt.Sprintf("%v: %s", key, value))
		}
	}
	return lines
}

func redactedLines(value json.RawMessage) []string {
	var all []struct{ Field, Category, Transform, Rule string }
	if json.Unmarshal(value, &all) != nil {
		return nil
	}
	lines := make([]string, 0, len(all))
	for _, r := range all {
		what := r.Field
		if r.Category != "" {
			what += " (" + r.Category + ")"
		}
		lines = append(lines, "· "+what+" → "+r.Transform)
	}
	return lines
}

func trimTail(lines []string) []string {
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// piece is a line as it fits the width, and which of its runes are personal.
type piece struct {
	runes []rune
	hot   []bool
}

func (r piece) text() string { return string(r.runes) }

// wrap breaks a line where it is too long: at a space where there is one in its
// last half, which holds for words and not for URLs.
func wrap(line string, width int, personal ...string) []piece {
	r := piece{runes: []rune(line)}
	r.hot = make([]bool, len(r.runes))
	for _, p := range personal {
		for from := 0; ; {
			i := strings.Index(line[from:], p)
			if p == "" || i < 0 {
				break
			}
			start := utf8.RuneCountInString(line[:from+i])
			from += i + len(p)
			for k := start; k < utf8.RuneCountInString(line[:from]); k++ {
				r.hot[k] = true
			}
		}
	}
	var out []piece
	for len(r.runes) > width {
		cut, skip := width, 0
		for i := width; i > width/2; i-- {
			if r.runes[i] == ' ' {
				cut, skip = i, 1
				break
			}
		}
		out = append(out, piece{r.runes[:cut], r.hot[:cut]})
		r = piece{append([]rune("  "), r.runes[cut+skip:]...), append(make([]bool, 2), r.hot[cut+skip:]...)}
	}
	return append(out, r)
}

func pad(s string, width int) string {
	if n := utf8.RuneCountInString(s); n < width {
		return s + strings.Repeat(" ", width-n)
	}
	return s
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}
