package source

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Text returns a value of text. A number or true has to be quoted to be one.
func (n Node) Text() Text {
	if !n.Exists() {
		return Text{}
	}
	n.recordText(true)
	return n.text()
}

func (n Node) text() Text {
	at := n.Pos()
	t := Text{Pos: at, file: n.file, start: at}
	switch v := n.node.(type) {
	case *ast.StringNode:
		t.Value = v.Value
		switch v.Token.Type {
		case token.SingleQuoteType:
			t.style = single
			t.start.Column++
		case token.DoubleQuoteType:
			t.style = double
			t.start.Column++
		}
		return t
	case *ast.LiteralNode:
		t.Value, t.style = v.Value.Value, block
		t.start = n.file.at(at.Line+1, 1)
		return t
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		n.expected("text", strconv.Quote(n.node.GetToken().Value))
	default:
		n.expected("text", n.unquoted(at))
	}
	return Text{Pos: at}
}

// unquoted says what to write for what was meant as text and became a mapping by
// its colon, as http://a:80 does in a list within braces.
func (n Node) unquoted(at Pos) string {
	text := n.file.from(at)
	_, behind, ok := strings.Cut(text, ":")
	if !n.Is("a mapping") || !ok || strings.ContainsAny(text[:1], `{"'`) || behind == "" || behind[0] == ' ' {
		return ""
	}
	return "the same in double quotes"
}

// Plain is a value of any kind that is no list and no mapping, as it is written:
// a number or true need no quotes. Nothing is "".
func (n Node) Plain() Text {
	if !n.Exists() {
		return Text{}
	}
	n.recordKinds("string", "number", "boolean", "null")
	at := n.Pos()
	switch v := n.node.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return Text{Value: v.GetToken().Value, Pos: at, file: n.file, start: at}
	case *ast.NullNode:
		return Text{Pos: at, file: n.file, start: at}
	}
	return n.text()
}

// Word is Text that is not empty and on one line.
func (n Node) Word() Text {
	if !n.Exists() {
		return Text{}
	}
	n.recordText(false)
	t := n.text()
	if n.Is("text") && (strings.TrimSpace(t.Value) == "" || strings.ContainsAny(t.Value, "\n\t")) {
		n.Refuse(quote(n.key)+": expected some text on one line", "")
		return Text{Pos: t.Pos}
	}
	return t
}

// Words returns a list of texts, each not empty and on one line.
func (n Node) Words() []Text {
	var out []Text
	for _, e := range n.List() {
		if t, ok := e.scalar(); ok {
			out = append(out, t)
		}
	}
	return out
}

// Enum returns the one of words that the value is.
func (n Node) Enum(words ...string) string {
	if !n.Exists() {
		return ""
	}
	n.recordForm("", words...)
	t := n.text()
	if t.file == nil {
		return ""
	}
	for _, w := range words {
		if t.Value == w {
			return w
		}
	}
	instead := "one of " + strings.Join(words, ", ")
	if near, ok := Nearest(t.Value, words); ok {
		instead = near
		if _, err := strconv.ParseFloat(near, 64); err == nil {
			instead = strconv.Quote(near) // which is a number without
		}
	}
	n.Refuse(fmt.Sprintf("%s cannot be %s", quote(n.key), quote(t.Value)), instead)
	return ""
}

// Bool returns true or false.
func (n Node) Bool() bool {
	if !n.Exists() {
		return false
	}
	n.recordKinds("boolean")
	if b, ok := n.node.(*ast.BoolNode); ok {
		return b.Value
	}
	instead := "true or false"
	if s, ok := n.node.(*ast.StringNode); ok {
		switch strings.ToLower(s.Value) {
		case "yes", "on", "true", "y":
			instead = "true"
		case "no", "off", "false", "n":
			instead = "false"
		}
	}
	n.expected("true or false", instead)
	return false
}

// Share returns a part of a whole, a decimal number from 0 to 1.
func (n Node) Share() float64 {
	if !n.Exists() {
		return 0
	}
	n.recordRange("number", 0, 1)
	const instead = "a number from 0 to 1, such as 0.01"
	switch n.node.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
	default:
		n.expected("a share", instead)
		return 0
	}
	f, err := strconv.ParseFloat(n.node.GetToken().Value, 64)
	if err != nil || !(f >= 0 && f <= 1) {
		n.Refuse(quote(n.key)+" is not a share", instead)
		return 0
	}
	return f
}

// Int returns a decimal number from least to most.
func (n Node) Int(least, most int) int {
	if !n.Exists() {
		return 0
	}
	n.recordRange("integer", least, most)
	if _, ok := n.node.(*ast.IntegerNode); !ok {
		n.expected("a whole number", "")
		return 0
	}
	i, err := strconv.Atoi(n.node.GetToken().Value)
	if err != nil || i < least || i > most || strings.HasPrefix(n.node.GetToken().Value, "0") && i != 0 {
		n.Refuse(fmt.Sprintf("%s is not a decimal number from %d to %d", quote(n.key), least, most), "")
		return 0
	}
	return i
}

var durationUnits = []struct {
	name string
	unit time.Duration
}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}}

const maxDuration = 100 * 366 * 24 * time.Hour

// Duration returns a time span above zero, such as 30d, 24h, 1m30s or 500ms. A
// day is 24 hours.
func (n Node) Duration() time.Duration {
	if !n.Exists() {
		return 0
	}
	n.recordForm(`^([0-9]+(d|h|m|s|ms))+$`)
	const instead = "a number and a unit, such as 30d, 24h, 5m, 1s or 500ms"
	if n.Is("a number") {
		if count := n.node.GetToken().Value; strings.Trim(count, "-0.") == "" || count[0] == '-' {
			n.Refuse(quote(n.key)+": a duration is above zero and at most 100 years", instead)
		} else {
			n.Refuse(quote(n.key)+": a duration needs a unit", count+"s, or another unit of d, h, m, s, ms")
		}
		return 0
	}
	t := n.text()
	if t.file == nil {
		return 0
	}
	d, ok := ParseDuration(t.Value)
	if !ok {
		n.Refuse(fmt.Sprintf("%s: %s is not a duration", quote(n.key), quote(t.Value)), instead)
		return 0
	}
	if d == 0 || d > maxDuration {
		n.Refuse(quote(n.key)+": a duration is above zero and at most 100 years", instead)
		return 0
	}
	return d
}

// ParseDuration reads numbers with units from d down to ms.
func ParseDuration(s string) (time.Duration, bool) {
	total, last := time.Duration(0), -1
	for s != "" || last < 0 {
		digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
		if digits == 0 || digits > 12 {
			return 0, false
		}
		count, err := strconv.ParseInt(s[:digits], 10, 64)
		if err != nil {
			return 0, false
		}
		s = s[digits:]
		letters := len(s) - len(strings.TrimLeft(s, "abcdefghijklmnopqrstuvwxyz"))
		unit := -1
		for i, u := range durationUnits {
			if u.name == s[:letters] {
				unit = i
			}
		}
		if unit <= last {
			return 0, false
		}
		if count > int64(2*maxDuration/durationUnits[unit].unit) {
			return 2 * maxDuration, true // out of range: the caller says so
		}
		total += time.Duration(count) * durationUnits[unit].unit
		s, last = s[letters:], unit
	}
	return total, true
}

// FormatDuration writes d as ParseDuration reads it, in the largest unit that it
// is a whole number of: 720h is "30d".
func FormatDuration(d time.Duration) string {
	for _, u := range durationUnits {
		if d >= u.unit && d%u.unit == 0 {
			return strconv.FormatInt(int64(d/u.unit), 10) + u.name
		}
	}
	return d.String()
}

var sizeUnits = []struct {
	name string
	unit int64
}{{"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}}

// Size returns a number of bytes above zero, such as 64KiB or 10MiB.
func (n Node) Size() int64 {
	if !n.Exists() {
		return 0
	}
	n.recordForm(`^[0-9]+(B|KiB|MiB|GiB|TiB)$`)
	const instead = "a number and a unit, such as 512B, 64KiB, 10MiB or 1GiB"
	if n.Is("a number") {
		if count := n.node.GetToken().Value; strings.Trim(count, "-0.") == "" || count[0] == '-' {
			n.Refuse(quote(n.key)+": a size is above zero", instead)
		} else {
			n.Refuse(quote(n.key)+": a size needs a unit", count+"B, or another unit of B, KiB, MiB, GiB, TiB")
		}
		return 0
	}
	t := n.text()
	if t.file == nil {
		return 0
	}
	name := strings.TrimLeft(t.Value, "0123456789")
	count, err := strconv.ParseInt(t.Value[:len(t.Value)-len(name)], 10, 64)
	for _, u := range sizeUnits {
		if err == nil && u.name == name && count > 0 && count <= (1<<50)/u.unit {
			return count * u.unit
		}
		if err == nil && len(name) > 0 && u.name != name && strings.EqualFold(u.name[:1], name[:1]) {
			n.Refuse(fmt.Sprintf("%s: %s is not a size", quote(n.key), quote(t.Value)), t.Value[:len(t.Value)-len(name)]+u.name)
			return 0
		}
	}
	n.Refuse(fmt.Sprintf("%s: %s is not a size", quote(n.key), quote(t.Value)), instead)
	return 0
}
