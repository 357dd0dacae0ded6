package source

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Pos is a position in a file. Line and Column count from 1, Column in
// characters. The zero Pos is the file as a whole. File is the name of a file that
// was included by the one that is read, "" for that one itself.
type Pos struct {
	Line, Column int
	File         string
}

// Where names a place for a message that stands at another one: "line 3", or
// "line 3 of base.yaml".
func (p Pos) Where() string {
	if p.File == "" {
		return fmt.Sprintf("line %d", p.Line)
	}
	return fmt.Sprintf("line %d of %s", p.Line, p.File)
}

// In is the name of the file that p is in, where name is that of the file that is read.
func (p Pos) In(name string) string {
	if p.File != "" {
		return p.File
	}
	return name
}

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

// sorted is in the order of the files, and of each from its beginning on.
func (es Errors) sorted(files []string) Errors {
	out := slices.Clone(es)
	slices.SortStableFunc(out, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(slices.Index(files, a.File), slices.Index(files, b.File)), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.CompactFunc(out, func(a, b *Error) bool { return *a == *b })
}
