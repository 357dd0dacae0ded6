package policytest

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Layout is where a report is printed.
type Layout struct {
	W     io.Writer
	Width int  // in characters
	Color bool // W is a terminal that shows colours
}

const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

// leastWidth is the fewest characters that a report is laid out for.
const leastWidth = 60

// sheet collects the lines of a report.
type sheet struct {
	strings.Builder
	width int
	color bool
}

func (l *Layout) sheet() *sheet { return &sheet{width: max(l.Width, leastWidth), color: l.Color} }

func (s *sheet) paint(style, text string) string {
	if !s.color || text == "" || style == "" {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

func (s *sheet) line(text string) { s.WriteString(strings.TrimRight(text, " ") + "\n") }

// cell is one cell of a table: its lines, before they are fitted.
type cell struct {
	text  string // line feeds divide lines
	style string
}

// row is one of a table; tail is a line of its own below it, from the second column on.
type row struct {
	cells []cell
	tail  string
}

// least are the fewest characters that a column is narrowed to.
const least = 12

// table writes rows below heads, each column as wide as it needs to be, or as it can.
// What does not fit is broken, at a good place where there is one.
func (s *sheet) table(indent string, heads []string, rows []row) {
	widths := make([]int, len(heads))
	for i, h := range heads {
		widths[i] = utf8.RuneCountInString(h)
	}
	for _, r := range rows {
		for i, c := range r.cells {
			for text := range strings.SplitSeq(c.text, "\n") {
				widths[i] = max(widths[i], utf8.RuneCountInString(shownText(text)))
			}
		}
	}
	narrow(widths, s.width-len(indent)-2*(len(heads)-1))
	cells := make([]cell, len(heads))
	for i, h := range heads {
		cells[i] = cell{h, dim}
	}
	if strings.Join(heads, "") != "" {
		s.row(indent, widths, row{cells: cells})
	}
	for _, r := range rows {
		s.row(indent, widths, r)
	}
}

// narrow takes from the widest column until all fit.
func narrow(widths []int, room int) {
	for {
		sum, widest := 0, 0
		for i, w := range widths {
			sum += w
			if w > widths[widest] {
				widest = i
			}
		}
		if sum <= room || widths[widest] <= least {
			return
		}
		widths[widest]--
	}
}

func (s *sheet) row(indent string, widths []int, r row) {
	lines := make([][]string, len(r.cells))
	height := 0
	for i, c := range r.cells {
		for text := range strings.SplitSeq(c.text, "\n") {
			lines[i] = append(lines[i], fold(shownText(text), widths[i], indentOf(text))...)
		}
		height = max(height, len(lines[i]))
	}
	for at := range height {
		var b strings.Builder
		b.WriteString(indent)
		for i, c := range r.cells {
			text := ""
			if at < len(lines[i]) {
				text = lines[i][at]
			}
			b.WriteString(s.paint(c.style, text))
			if i < len(r.cells)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text)+2))
			}
		}
		s.line(b.String())
	}
	if r.tail != "" {
		lead := indent + strings.Repeat(" ", 4)
		s.wrapped(lead, lead+"  ", r.tail, dim)
	}
}

// wrapped writes a text in lines that fit; those behind the first begin with hang.
func (s *sheet) wrapped(lead, hang, text, style string) {
	first := visible(lead)
	// What leads the first line takes the place of as many characters of its text.
	stand := strings.Repeat("x", max(first-1, 0)) + strings.Repeat(" ", min(first, 1))
	for i, part := range fold(stand+shownText(text), max(s.width, least), visible(hang)) {
		if i == 0 {
			s.line(lead + s.paint(style, part[min(first, len(part)):]))
			continue
		}
		s.line(hang + s.paint(style, strings.TrimLeft(part, " ")))
	}
}

// visible is how many characters of a painted text are seen.
func visible(text string) int {
	n, hidden := 0, false
	for _, r := range text {
		switch {
		case r == '\x1b':
			hidden = true
		case hidden:
			hidden = r != 'm'
		default:
			n++
		}
	}
	return n
}

// fold breaks a text into lines of at most width characters: behind a blank, else
// behind a sign between words, else anywhere. Lines behind the first begin with as many
// blanks as hang says.
func fold(text string, width, hang int) []string {
	var lines []string
	runes := []rune(text)
	for len(runes) > width {
		cut := width
		for _, signs := range []string{" ", "/.&,;:_-"} {
			if i := lastOf(runes[:width], signs); i > max(width/3, hang) {
				cut = i + 1
				break
			}
		}
		if runes[width] == ' ' {
			cut = width
		}
		lines = append(lines, strings.TrimRight(string(runes[:cut]), " "))
		rest := strings.TrimLeft(string(runes[cut:]), " ")
		if rest == "" {
			return lines
		}
		runes = []rune(strings.Repeat(" ", hang) + rest)
	}
	return append(lines, string(runes))
}

// indentOf is how many blanks a line begins with.
func indentOf(text string) int { return len(text) - len(strings.TrimLeft(text, " ")) }

func lastOf(runes []rune, signs string) int {
	for i := len(runes) - 1; i >= 0; i-- {
		if strings.ContainsRune(signs, runes[i]) {
			return i
		}
	}
	return -1
}

// shownText is a text of which a terminal takes nothing for a command.
func shownText(text string) string {
	if strings.IndexFunc(text, unprintable) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if unprintable(r) {
			fmt.Fprintf(&b, "\\u{%x}", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }
