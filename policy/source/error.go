package source

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Pos is a position in a file. Line and Column count from 1, Column in
// characters. The zero Pos is the file as a whole.
type Pos struct{ Line, Column int }

// Error is one thing that is wrong with a file.
type Error struct {
	File string
	Pos
	// Message says what is wrong; Instead what to write, "" where that does not
	// follow.
	Message, Instead string
}

func (e *Error) Error() string {
	at := e.File
	if e.Line > 0 {
		at = fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Column)
	}
	if e.Instead == "" {
		return at + ": " + e.Message
	}
	return at + ": " + e.Message + "; write instead: " + e.Instead
}

// Errors is all that is wrong with a file, in its order. It prints one a line.
type Errors []*Error

func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the single errors to package errors.
func (es Errors) Unwrap() []error {
	out := make([]error, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out
}

func (es Errors) sorted() Errors {
	out := slices.Clone(es)
	slices.SortStableFunc(out, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.CompactFunc(out, func(a, b *Error) bool { return *a == *b })
}
