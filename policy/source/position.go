package source

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml/token"
)

// locate is where t begins. The lexer miscounts columns behind an escape in
// double quotes, so the place is looked up in the line itself; and it adds the blanks
// at the end of a line to the column of the plain scalar before them.
func (f *File) locate(t *token.Token) Pos {
	at := f.at(max(t.Position.Line, 1), max(t.Position.Column, 1))
	line := f.line(at.Line)
	text := strings.TrimRight(string(line), " \t")
	if blanks := len(line) - utf8.RuneCountInString(text); blanks > 0 && blanks < at.Column {
		first := []rune(text)
		rest := string(first[min(at.Column-1-blanks, len(first)):])
		if rest != "" && strings.HasPrefix(t.Value, rest) {
			return f.at(at.Line, at.Column-blanks)
		}
	}
	first := firstRune(t)
	if first == 0 || at.Column <= len(line) && line[at.Column-1] == first {
		return at
	}
	for i := max(at.Column-1, 0); i < len(line); i++ {
		if line[i] == first {
			return f.at(at.Line, i+1)
		}
	}
	return at
}

func firstRune(t *token.Token) rune {
	text := t.Value
	switch t.Type {
	case token.DoubleQuoteType:
		return '"'
	case token.SingleQuoteType:
		return '\''
	case token.InvalidType, token.ImplicitNullType:
		return 0
	}
	for _, r := range text {
		return r
	}
	return 0
}

func (f *File) line(n int) []rune {
	if n < 1 || n > len(f.lines) {
		return nil
	}
	return []rune(f.lines[n-1])
}

// from is the line of p from there on, upTo is the line before it.
func (f *File) from(p Pos) string {
	line := f.line(p.Line)
	return string(line[min(p.Column-1, len(line)):])
}

func (f *File) upTo(p Pos) string {
	line := f.line(p.Line)
	return string(line[:min(p.Column-1, len(line))])
}

// quoted proposes the rest of the line from p on as a quoted value. A flow
// mapping's end and a comment stay outside.
func (f *File) quoted(p Pos) string {
	text := f.from(p)
	if i := strings.Index(text, " #"); i >= 0 {
		text = text[:i]
	}
	text = strings.TrimSpace(text)
	if strings.ContainsAny(f.upTo(p), "{[") {
		text = strings.TrimRight(text, "}] ")
		if i := strings.Index(text, ", "); i >= 0 && !strings.ContainsAny(text[:i], `("'[`) {
			text = text[:i]
		}
	}
	if !strings.Contains(text, `"`) {
		return `"` + strings.ReplaceAll(text, `\`, `\\`) + `"`
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// starred proposes what to write for the alias that was none at p: the key, or the
// value, in quotes.
func (f *File) starred(p Pos) string {
	text := f.quoted(p)
	if key, value, isKey := strings.Cut(text[1:], ": "); isKey {
		return text[:1] + key + text[:1] + ": " + strings.TrimSuffix(value, text[:1])
	}
	return text
}

// Text is a value of text with the position of each of its characters.
type Text struct {
	Value string
	// Pos is where the value begins.
	Pos

	file  *File
	start Pos // of the first character of Value
	style style
}

type style uint8

const (
	plain style = iota
	single
	double
	block
)

// At is the position in the file of the character of Value with the given index,
// in characters. Beyond the end it is that of the end.
//
// The value is laid beside the file: equal characters go together, a run of
// white space in one stands for one in the other, escapes count as what they
// mean.
func (t Text) At(index int) Pos {
	if t.file == nil {
		return t.Pos
	}
	c := cursor{file: t.file, at: t.start, line: t.file.line(t.start.Line)}
	folded := false // white space of the file was passed for the white space before
	if t.style == block {
		folded = c.skip()
	}
	for i, r := range []rune(t.Value) {
		if unicode.IsSpace(r) && (c.onSpace() || folded && !c.onEscape(t.style)) {
			if i == index {
				return c.at
			}
			switch {
			case folded:
			case r != '\n' && c.at.Column < len(c.line):
				c.at.Column++ // blanks within a line count one by one
			default:
				c.skip()
				folded = true
			}
			continue
		}
		folded = false
		for c.onSpace() || t.style == double && c.at.Column == len(c.line) && c.onEscape(t.style) {
			if !c.onSpace() {
				c.at.Column++
			}
			if !c.skip() {
				return c.at
			}
		}
		if i == index {
			return c.at
		}
		c.at.Column += c.width(t.style, r)
	}
	return c.at
}

// cursor is a place in a file.
type cursor struct {
	file *File
	at   Pos
	line []rune
}

// onSpace reports whether white space or the line's end is here.
func (c *cursor) onSpace() bool {
	return c.at.Column > len(c.line) || unicode.IsSpace(c.line[c.at.Column-1])
}

func (c *cursor) onEscape(s style) bool {
	return s == double && c.at.Column <= len(c.line) && c.line[c.at.Column-1] == '\\'
}

// skip goes to the next character that is not white space; false at the file's end.
func (c *cursor) skip() bool {
	for c.onSpace() {
		if c.at.Column <= len(c.line) {
			c.at.Column++
			continue
		}
		if c.at.Line >= len(c.file.lines) {
			return false
		}
		c.at = c.file.at(c.at.Line+1, 1)
		c.line = c.file.line(c.at.Line)
	}
	return true
}

// width is how many characters of the line stand for r.
func (c *cursor) width(s style, r rune) int {
	rest := c.line[c.at.Column-1:]
	switch {
	case s == single && rest[0] == '\'' && r == '\'':
		return 2
	case s == double && rest[0] == '\\' && len(rest) > 1:
		switch rest[1] {
		case 'x':
			return 4
		case 'u':
			return 6
		case 'U':
			return 10
		}
		return 2
	}
	return 1
}
