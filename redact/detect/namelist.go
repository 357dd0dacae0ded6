package detect

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"weir/redact/category"
)

//go:embed names.txt
var nameList string

//go:embed names-languages.txt
var languageList string

//go:embed names-cookies.txt
var cookieList string

// builtIn is the embedded lists, read once and never changed. They keep their own
// rules: a test says so.
var builtIn = func() *Vocabulary {
	r := newNameReader()
	for _, list := range []string{nameList, languageList, cookieList} {
		r.read(list)
	}
	if len(r.errors) > 0 {
		panic(fmt.Sprintf("the list of names: %v", &r.errors[0]))
	}
	return r.vocabulary(nil)
}()

// Bounds of a list of the user's.
const (
	MaxNameList    = 512 << 10 // bytes
	maxNames       = 20_000
	maxNameErrors  = 100
	leastPrefix    = 3 // bytes before a star
	maxCategories  = 1000
	leastRespelled = 4 // letters of a word that is known in other letters as well

	matches = "=?~p!" // that say how a name has to match
)

// NameError is one thing that is wrong with a list of names.
type NameError struct {
	Line, Column int // from 1, in characters
	Message      string
	Instead      string // what to write; "" where nobody can say
}

func (e *NameError) Error() string {
	s := fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message)
	if e.Instead != "" {
		s += "; write instead: " + e.Instead
	}
	return s
}

// ReadNames reads a list of the user's, in the form of names.txt, and returns
// weir's vocabulary behind it: where both know a name, the list's word counts. What
// is wrong with the list is told at once, up to 100 things; then there is no vocabulary.
func ReadNames(list string) (*Vocabulary, []NameError) {
	r := newNameReader()
	if len(list) > MaxNameList {
		r.refuse(1, 1, fmt.Sprintf("this list is larger than %d bytes", MaxNameList), "")
	} else if at, ok := invalid(list); !ok {
		r.refuse(1+strings.Count(list[:at], "\n"), 1, "this line is not UTF-8", "the file in UTF-8")
	} else {
		r.read(list)
	}
	if len(r.errors) > 0 {
		return nil, r.errors
	}
	return r.vocabulary(builtIn), nil
}

// invalid returns where a list is no longer UTF-8.
func invalid(list string) (at int, ok bool) {
	for i, c := range list {
		if c == utf8.RuneError && !strings.HasPrefix(list[i:], "\uFFFD") {
			return i, false
		}
	}
	return 0, true
}

// nameReader reads lists into the makings of a vocabulary.
type nameReader struct {
	made   Vocabulary
	errors []NameError
	lines  map[string]int    // of names, as they are spelled
	folded map[string]uint16 // the category of names, folded
}

func newNameReader() *nameReader {
	return &nameReader{
		made:   Vocabulary{categories: []category.Key{""}, person: make(map[string]bool), after: make(map[string]bool)},
		lines:  make(map[string]int),
		folded: make(map[string]uint16),
	}
}

func (r *nameReader) refuse(line, column int, message, instead string) {
	if len(r.errors) < maxNameErrors {
		r.errors = append(r.errors, NameError{line, column, message, instead})
	}
}

func (r *nameReader) read(list string) {
	number := 0
	for line := range strings.Lines(list) {
		number++
		fields, columns := split(line)
		if len(fields) == 0 {
			continue
		}
		switch {
		case fields[0] == "@person":
			r.wordsOf(r.made.person, fields[1:])
			continue
		case fields[0] == "@after":
			r.wordsOf(r.made.after, fields[1:])
			continue
		case fields[0][0] == '@':
			r.refuse(number, columns[0], fmt.Sprintf("unknown word %q", cut(fields[0])), "@person or @after")
			continue
		}
		c, ok := r.category(number, columns[0], fields[0])
		if !ok {
			continue
		}
		if len(fields) < 2 || len(fields[1]) != 1 || !strings.Contains(matches, fields[1]) {
			at := columns[len(columns)-1]
			if len(fields) > 1 {
				at = columns[1]
			}
			r.refuse(number, at, "between the category and the names stands how a name has to match", "one of = ? ~ p !")
			continue
		}
		if len(fields) == 2 {
			r.refuse(number, columns[1], "there is no name in this line", "names behind it, with blanks between them")
		}
		for i, name := range fields[2:] {
			r.name(number, columns[2+i], name, entry{name, c, fields[1][0]})
		}
	}
}

// split takes a line apart at its white space, up to a comment; columns count characters from 1.
func split(line string) (fields []string, columns []int) {
	column, start, at := 0, -1, 0
	for i, c := range line {
		column++
		blank := c == ' ' || c == '\t' || c == '\n' || c == '\r'
		switch {
		case blank && start >= 0:
			fields, columns = append(fields, line[start:i]), append(columns, at)
			start = -1
		case c == '#' && start < 0:
			return fields, columns // the rest is a comment
		case !blank && start < 0:
			start, at = i, column
		}
	}
	if start >= 0 {
		fields, columns = append(fields, line[start:]), append(columns, at)
	}
	return fields, columns
}

func (r *nameReader) wordsOf(known map[string]bool, words []string) {
	for _, word := range words {
		known[word] = true
		for _, other := range respelled(word) {
			known[other] = true
		}
	}
}

// category numbers the category that a line begins with.
func (r *nameReader) category(line, column int, text string) (uint16, bool) {
	if text == "-" {
		return 0, true
	}
	key, err := category.Parse(text)
	var unknown *category.UnknownError
	if errors.As(err, &unknown) {
		instead := "a key of Fideslang, one of your own below x., or - for what is harmless"
		if len(unknown.Nearest) > 0 {
			instead = string(unknown.Nearest[0])
		}
		r.refuse(line, column, fmt.Sprintf("unknown category %q", cut(text)), instead)
		return 0, false
	}
	i := slices.Index(r.made.categories, key)
	if i < 0 {
		if len(r.made.categories) == maxCategories {
			r.refuse(line, column, fmt.Sprintf("there are more than %d categories", maxCategories), "")
			return 0, false
		}
		i = len(r.made.categories)
		r.made.categories = append(r.made.categories, key)
	}
	return uint16(i), true
}

// name takes one name of a line.
func (r *nameReader) name(line, column int, name string, e entry) {
	if message, instead := wrongName(name, e); message != "" {
		r.refuse(line, column, message, instead)
		return
	}
	if len(r.made.entries)+len(r.made.prefixes) == maxNames {
		r.refuse(line, column, fmt.Sprintf("there are more than %d names", maxNames), "")
		return
	}
	if first, again := r.lines[name]; again {
		r.refuse(line, column, fmt.Sprintf("%q stands here for the second time, first in line %d", cut(name), first), "")
		return
	}
	r.lines[name] = line
	if text, ok := strings.CutSuffix(name, "*"); ok {
		r.made.prefixes = append(r.made.prefixes, prefix{text: text, category: e.category})
		return
	}
	if folded := foldedName(name); folded != "" && e.match != spelled {
		if other, ok := r.folded[folded]; ok && other != e.category {
			r.refuse(line, column, fmt.Sprintf("%q is another spelling of a name that has %s", cut(name), called(r.made.categories[other])), "")
			return
		}
		r.folded[folded] = e.category
	}
	r.made.entries = append(r.made.entries, e)
}

func called(c category.Key) string {
	if c == "" {
		return "none"
	}
	return string(c)
}

// wrongName says what is wrong with a name by itself.
func wrongName(name string, e entry) (message, instead string) {
	small := strings.ToLower(name)
	text, varies := strings.CutSuffix(name, "*")
	var w words
	w.split([]byte(text))
	switch {
	case small != name:
		return "names are in lower case here: case does not count", small
	case len(name) > maxName || w.cut:
		return fmt.Sprintf("a name is at most %d bytes and %d words", maxName, maxWords), ""
	case strings.ContainsAny(text, "*%") || strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c == 0x7F }):
		return fmt.Sprintf("%q is no name: a star stands only at its end, and escapes are decoded", cut(name)), ""
	case varies && e.category == 0:
		return "a harmless name has no star: anybody can send a name that begins like that", "the whole names"
	case varies && e.match != '=' && e.match != spelled:
		return fmt.Sprintf("a name with a star begins like that: %q is for whole names", e.match), "= or !"
	case varies && len(text) < leastPrefix:
		return fmt.Sprintf("at least %d letters stand before a star", leastPrefix), ""
	case w.n == 0 && e.category != 0:
		return fmt.Sprintf("%q has no letter or digit", cut(name)), ""
	}
	return "", ""
}

// foldedName is a name's folded form.
func foldedName(name string) string {
	var w words
	w.split([]byte(name))
	return string(w.from(0))
}

func cut(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
