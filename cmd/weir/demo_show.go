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
		s.width = min(int(ws.Col), 180)
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
	s.line("%s %s", s.paint(bold, fmt.Sprintf("%2d", number)), s.paint(bold, sc.title))
	sent := append(append(s.sent(sc), ""), answered...)
	written := s.written(entry)
	if s.width < 110 {
		s.block("sent", sent)
		s.block("written", written)
		s.line("")
		return
	}
	half := (s.width - 7) / 2
	left, right := wrap(sent, half), wrap(written, half)
	s.line("   %s   %s", s.paint(dim, pad("sent", half)), s.paint(dim, "written"))
	for i := range max(len(left), len(right)) {
		s.line("   %s %s %s", s.mark(at(left, i), half, sc.personal), s.paint(dim, "│"), s.paint(green, at(right, i)))
	}
	s.line("")
}

func (s *stage) block(name string, lines []string) {
	for i, l := range wrap(lines, s.width-11) {
		label := ""
		if i == 0 {
			label = name
		}
		s.line("   %s %s", s.paint(dim, pad(label, 7)), l)
	}
}

// mark colours what is personal; it is printed in the terminal of whoever runs
// the demo, with the demo's own made-up people, and nowhere else.
func (s *stage) mark(line string, width int, personal []string) string {
	padded := pad(line, width)
	for _, p := range personal {
		if s.color && strings.Contains(line, p) {
			padded = strings.ReplaceAll(padded, p, s.paint(red, p))
			break
		}
	}
	return padded
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
		lines = append(lines, fmt.Sprintf("· %s %s → %s", r.Field, r.Category, r.Transform))
	}
	return lines
}

func trimTail(lines []string) []string {
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func wrap(lines []string, width int) []string {
	var out []string
	for _, l := range lines {
		for utf8.RuneCountInString(l) > width {
			r := []rune(l)
			out = append(out, string(r[:width]))
			l = "  " + string(r[width:])
		}
		out = append(out, l)
	}
	return out
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
