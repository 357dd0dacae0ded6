package main

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
)

// unsaid is what the parser says is wrong with the arguments, without repeating one:
// where an address or a file's name was meant for another place it may be somebody's,
// and what a command says of itself is kept. What weir itself calls so stays.
func unsaid(text string, args []string, model *kong.Application) string {
	known := map[string]bool{}
	var learn func(n *kong.Node)
	learn = func(n *kong.Node) {
		known[n.Name] = true
		for _, f := range n.Flags {
			known["--"+f.Name], known[f.Name], known["-"+string(f.Short)] = true, true, true
			for _, word := range f.EnumSlice() {
				known[word] = true
			}
		}
		for _, child := range n.Children {
			learn(child)
		}
	}
	learn(model.Node)
	type piece struct {
		text string
		at   int
	}
	var pieces []piece
	for i, arg := range args {
		for _, text := range piecesOf(arg) {
			if len(text) > 1 && !known[text] {
				pieces = append(pieces, piece{text, i + 1})
			}
		}
	}
	slices.SortStableFunc(pieces, func(a, b piece) int { return cmp.Compare(len(b.text), len(a.text)) })
	at := 0
	for _, p := range pieces {
		if strings.Contains(text, p.text) {
			text = strings.ReplaceAll(text, p.text, "…")
			if at == 0 {
				at = p.at
			}
		}
	}
	if at > 0 {
		text += " (argument " + strconv.Itoa(at) + ")"
	}
	return text
}

// piecesOf are the ways in which the parser may take an argument apart: a flag and its
// value, flags of one letter, elements of a list; and as it quotes them.
func piecesOf(arg string) []string {
	all := []string{arg, strings.TrimLeft(arg, "-")}
	name, value, _ := strings.Cut(arg, "=")
	all = append(all, name, value)
	all = append(all, strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(",;:= ", r) })...)
	all = append(all, strings.FieldsFunc(arg, func(r rune) bool { return strings.ContainsRune(",;:= ", r) })...)
	if strings.HasPrefix(arg, "-") && !strings.HasPrefix(arg, "--") {
		for i, letter := range arg[1:] {
			all = append(all, "-"+string(letter), arg[1+i:])
		}
	}
	for _, text := range slices.Clone(all) {
		quoted := strconv.Quote(text)
		all = append(all, quoted[1:len(quoted)-1])
	}
	return all
}
