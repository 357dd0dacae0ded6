package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"weir/policy"
	"weir/policy/source"
)

// finding is one thing that `weir check` tells.
type finding struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	// Level is error, warning or note.
	Level string `json:"level"`
	// Name is that of a check of the lint, or refused for what can not be read.
	Name    string `json:"name"`
	About   string `json:"about,omitempty"`
	Message string `json:"message"`
	Instead string `json:"instead,omitempty"`
	Waived  bool   `json:"waived,omitempty"`
}

// unread is the name of what is wrong with a file itself: it can not be waived.
const unread = "refused"

// read notes that a file was read.
func (k *checker) read(path string) {
	if !slices.Contains(k.files, path) {
		k.files = append(k.files, path)
	}
}

// add notes a finding once: a policy can be named beside the weir.yaml that names it.
func (k *checker) add(f finding) {
	if !slices.Contains(k.findings, f) {
		k.findings = append(k.findings, f)
	}
}

// wrong notes all that an error tells. Path is the file that it is of where it does not
// say.
func (k *checker) wrong(path string, err error) {
	if err == nil {
		return
	}
	var all source.Errors
	if located, ok := err.(*source.Error); ok {
		all = source.Errors{located}
	} else if many, ok := err.(source.Errors); ok {
		all = many
	} else if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range several.Unwrap() {
			k.wrong(path, one)
		}
		return
	} else if within := (source.Errors{}); errors.As(err, &within) {
		all = within
	} else if own := (*policy.Defect)(nil); errors.As(err, &own) {
		k.defect = true
		all = source.Errors{{File: own.File, Message: own.Said()}}
	} else {
		k.add(finding{Level: policy.Failure.String(), Name: unread, Message: err.Error()})
	}
	for _, e := range all {
		k.add(finding{File: e.File, Line: e.Line, Column: e.Column, Level: policy.Failure.String(), Name: unread, Message: e.Message, Instead: e.Instead})
	}
}

// lint notes what is odd about a policy; nil is one that could not be read.
func (k *checker) lint(p *policy.Policy) {
	if p == nil {
		return
	}
	found, waived := p.LintAll(k.at)
	all := slices.Concat(found, waived)
	slices.SortStableFunc(all, func(a, b *policy.Remark) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Column, b.At.Column))
	})
	for _, r := range all {
		k.add(finding{File: r.File, Line: r.At.Line, Column: r.At.Column, Level: r.Level.String(), Name: r.Name,
			About: r.About, Message: r.Message, Instead: r.Instead, Waived: slices.Contains(waived, r)})
	}
}

func (f *finding) fails() bool { return f.Level == policy.Failure.String() && !f.Waived }

func (k *checker) failed() bool {
	return slices.ContainsFunc(k.findings, func(f finding) bool { return f.fails() })
}

// okay are the files of which no error is told, nor of any that they are made of.
func (k *checker) okay() []string {
	return slices.DeleteFunc(slices.Clone(k.files), func(path string) bool {
		parts := []string{path}
		if data, err := source.ReadBytes(path); err == nil && k.failed() {
			parts = append(parts, policy.Files(path, data)...)
		}
		return slices.ContainsFunc(k.findings, func(f finding) bool { return f.fails() && slices.Contains(parts, f.File) })
	})
}

// String is the place, how much it matters, what it is and by which check.
func (f *finding) String() string {
	e := source.Error{File: f.File, Pos: source.Pos{Line: f.Line, Column: f.Column}, Message: f.Message, Instead: f.Instead}
	switch {
	case f.File == "":
		return f.Message
	case f.Name == unread:
		return e.Error()
	}
	e.Message = f.Level + ": " + f.Message
	if f.Waived {
		e.Message = "waived " + e.Message
	}
	return e.Error() + " (" + f.Name + ")"
}

// pretty tells what was found on standard error, and what is in order on standard output.
func (k *checker) pretty(g *globals) error {
	for i := range k.findings {
		if _, err := fmt.Fprintln(g.stderr, k.findings[i].String()); err != nil {
			return err
		}
	}
	for _, path := range k.okay() {
		if _, err := fmt.Fprintf(g.stdout, "%s: ok\n", path); err != nil {
			return err
		}
	}
	return nil
}

// json tells all of it on standard output.
func (k *checker) json(g *globals) error {
	return k.encode(g.stdout)
}

func (k *checker) encode(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(struct {
		At       string    `json:"at"`
		Files    []string  `json:"files"`
		OK       bool      `json:"ok"`
		Findings []finding `json:"findings"`
	}{k.at.Format(time.DateOnly), append([]string{}, k.files...), !k.failed(), append([]finding{}, k.findings...)})
}
