package source

import "strings"

// Shape is what a reader asks of one value, gathered while it reads a specimen: a file
// that has every key once in each of its forms. It is the reader's own account of what it
// accepts, of which Schema makes a JSON Schema.
type Shape struct {
	doc string // the comment behind the key

	kinds    map[string]bool // JSON types
	texts    map[string]bool // that were read as text of any form
	formed   map[string]bool // that were read as text of one form
	blank    bool            // text may be empty and of several lines
	words    []string
	patterns []string
	least    *int
	most     *int

	items    *Shape
	keys     map[string]*Shape // nil without known keys
	others   *Shape            // behind keys of any name
	maps     int               // how often it was read with known keys
	required map[string]int
}

// Record has f's values remember in s what is asked of them. It is called before f is read.
// Several files can be recorded in one Shape.
func (f *File) Record(s *Shape) { f.shape = s }

func (s *Shape) is(kind string) {
	if s.kinds == nil {
		s.kinds = map[string]bool{}
	}
	s.kinds[kind] = true
}

func (n Node) recordText(blank bool) {
	if n.shape == nil || !n.Is("text") {
		return
	}
	n.shape.is("string")
	if n.shape.texts == nil {
		n.shape.texts = map[string]bool{}
	}
	n.shape.texts[n.node.String()] = true
	n.shape.blank = n.shape.blank || blank
}

// recordForm notes that text has to be one of words, or to match a pattern.
func (n Node) recordForm(pattern string, words ...string) {
	s := n.shape
	if s == nil || !n.Is("text") {
		return
	}
	s.is("string")
	if s.formed == nil {
		s.formed = map[string]bool{}
	}
	s.formed[n.node.String()] = true
	if pattern != "" && !contains(s.patterns, pattern) {
		s.patterns = append(s.patterns, pattern)
	}
	for _, w := range words {
		if !contains(s.words, w) {
			s.words = append(s.words, w)
		}
	}
}

func (n Node) recordKinds(kinds ...string) {
	if n.shape != nil {
		for _, k := range kinds {
			n.shape.is(k)
		}
	}
}

func (n Node) recordRange(kind string, least, most int) {
	if n.shape == nil || !n.Is("a number") {
		return
	}
	n.shape.is(kind)
	n.shape.least, n.shape.most = &least, &most
}

// item is the shape of the entries of a list.
func (n Node) item() *Shape {
	if n.shape == nil {
		return nil
	}
	n.shape.is("array")
	if n.shape.items == nil {
		n.shape.items = &Shape{}
	}
	return n.shape.items
}

// recordKeys notes the keys of a mapping, before its entries are read.
func (n Node) recordKeys(known []string) {
	s := n.shape
	if s == nil || !n.Is("a mapping") {
		return
	}
	s.is("object")
	if known == nil {
		if s.others == nil {
			s.others = &Shape{}
		}
		return
	}
	if s.maps++; s.keys == nil {
		s.keys, s.required = map[string]*Shape{}, map[string]int{}
	}
	for _, k := range known {
		if s.keys[k] == nil {
			s.keys[k] = &Shape{}
		}
	}
}

// behind is the shape of the value behind a key.
func (n Node) behind(k Key) *Shape {
	if n.shape == nil {
		return nil
	}
	of := n.shape.keys[k.Text]
	if of == nil {
		of = n.shape.others
	}
	if line := n.file.lines[k.Pos.Line-1]; of != nil && of.doc == "" && strings.TrimLeft(upToRune(line, k.Pos.Column), " -") == "" {
		_, of.doc, _ = strings.Cut(line, "  # ")
	}
	return of
}

func upToRune(line string, column int) string {
	return string([]rune(line)[:column-1])
}

func (m Mapping) recordRequired(key string) {
	if s := m.node.shape; s != nil && s.required != nil {
		s.required[key]++
	}
}
