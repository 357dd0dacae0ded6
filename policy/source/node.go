package source

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Node is one value of a file. The zero Node is absent.
type Node struct {
	file *File
	node ast.Node
	key  string // that it stands behind, for messages

	before []Node // values of the same key of files that are included
	shape  *Shape // of a file that is recorded, else nil
}

// Key is a key of a mapping.
type Key struct {
	Text string
	Pos  Pos
}

// Exists reports whether there is such a value. A key with nothing behind it
// has one: nothing.
func (n Node) Exists() bool { return n.node != nil }

// Pos is where the value begins.
func (n Node) Pos() Pos {
	if n.node == nil {
		return Pos{}
	}
	switch v := n.node.(type) {
	case *ast.MappingNode:
		if !v.IsFlowStyle && len(v.Values) > 0 {
			return n.file.locate(v.Values[0].Key.GetToken())
		}
		return n.file.locate(v.Start)
	case *ast.MappingValueNode:
		return n.file.locate(v.Key.GetToken())
	}
	return n.file.locate(n.node.GetToken())
}

// FileName is the name of the file that the value stands in, from which paths in it are taken.
func (n Node) FileName() string {
	if n.file == nil {
		return ""
	}
	return n.file.Name
}

// Refuse notes that this value is wrong.
func (n Node) Refuse(message, instead string) {
	if n.file != nil {
		n.file.Refuse(n.Pos(), message, instead)
	}
}

// Is reports whether the value is of the kind that a message would call
// "a list", "a mapping", "text", "a number", "true or false" or "nothing".
func (n Node) Is(kind string) bool { return n.Exists() && n.kind() == kind }

func (n Node) kind() string {
	switch n.node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return "true or false"
	case *ast.NullNode:
		return "nothing"
	}
	return "something else"
}

func (n Node) expected(what, instead string) {
	subject := ""
	if n.key != "" {
		subject = quote(n.key) + ": "
	}
	n.Refuse(fmt.Sprintf("%sexpected %s, found %s", subject, what, n.kind()), instead)
}

// List returns the values of a list, those of included files first.
func (n Node) List() []Node {
	if !n.Exists() {
		return nil
	}
	var out []Node
	for _, b := range n.before {
		out = append(out, b.List()...)
	}
	seq, ok := n.node.(*ast.SequenceNode)
	if !ok {
		instead := `"- " before each entry`
		if n.Is("nothing") {
			instead = "[]"
		}
		n.expected("a list", instead)
		return out
	}
	of := n.item()
	for _, v := range seq.Values {
		out = append(out, Node{file: n.file, node: v, key: n.key, shape: of})
	}
	return out
}

// Keys are the keys that a mapping may have. Later are those that the design
// names but this version does not have: they are refused by name.
type Keys struct {
	Known []string
	Later []string
	// Elsewhere says of keys that belong to another mapping what to write there.
	Elsewhere map[string]string
}

// Mapping is a mapping whose keys are known.
type Mapping struct {
	node   Node
	keys   []Key
	values []Node
}

// Map returns the mapping with known keys that n is. Others are refused, each
// with the nearest known key.
func (n Node) Map(keys Keys) Mapping {
	instead := ""
	if len(keys.Known) > 0 {
		instead = keys.Known[0] + ": …"
	}
	n.recordKeys(append([]string{}, keys.Known...))
	m := n.entries(instead)
	for _, k := range m.keys {
		if slices.Contains(keys.Known, k.Text) {
			continue
		}
		if slices.Contains(keys.Later, k.Text) {
			n.file.Refuse(k.Pos, quote(k.Text)+" is not supported by this version of weir", "nothing")
			continue
		}
		if place := keys.Elsewhere[k.Text]; place != "" {
			n.file.Refuse(k.Pos, quote(k.Text)+" does not belong here", place)
			continue
		}
		instead := "one of " + strings.Join(keys.Known, ", ")
		if len(keys.Known) == 1 {
			instead = keys.Known[0]
		}
		if near, ok := Nearest(k.Text, keys.Known); ok {
			instead = near
		} else if len(keys.Known) == 0 {
			instead = ""
		}
		n.file.Refuse(k.Pos, "unknown key "+quote(k.Text), instead)
	}
	return m
}

// Entries returns the mapping that n is, whatever its keys. Duplicates are
// refused and left out.
func (n Node) Entries() Mapping {
	n.recordKeys(nil)
	return n.entries("")
}

func (n Node) entries(instead string) Mapping {
	m := Mapping{node: n}
	if !n.Exists() {
		return m
	}
	for _, b := range n.before {
		m.add(b.entries(instead))
	}
	var pairs []*ast.MappingValueNode
	switch v := n.node.(type) {
	case *ast.MappingNode:
		pairs = v.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{v}
	default:
		if n.Is("a list") {
			instead = "the entries without dashes"
		} else if n.Is("nothing") && instead == "" {
			instead = "{}"
		}
		n.expected("a mapping", instead)
		return m
	}
	own := Mapping{node: n}
	seen := make(map[string]Pos, len(pairs))
	for _, p := range pairs {
		k := Key{Text: keyText(p.Key), Pos: n.file.locate(p.Key.GetToken())}
		if first, ok := seen[k.Text]; ok {
			n.file.Refuse(k.Pos, fmt.Sprintf("the key %s stands here for the second time, first in line %d", quote(k.Text), first.Line), "")
			continue
		}
		seen[k.Text] = k.Pos
		own.keys = append(own.keys, k)
		own.values = append(own.values, Node{file: n.file, node: p.Value, key: k.Text, shape: n.behind(k)})
	}
	if len(n.before) == 0 {
		return own
	}
	m.add(own)
	return m
}

func keyText(k ast.MapKeyNode) string {
	if s, ok := k.(*ast.StringNode); ok {
		return s.Value
	}
	return k.GetToken().Value
}

// Node is the mapping itself.
func (m Mapping) Node() Node { return m.node }

// All yields the entries in the file's order.
func (m Mapping) All() func(yield func(Key, Node) bool) {
	return func(yield func(Key, Node) bool) {
		for i, k := range m.keys {
			if !yield(k, m.values[i]) {
				return
			}
		}
	}
}

// Len is the number of entries.
func (m Mapping) Len() int { return len(m.keys) }

// Key returns the key itself, with its position.
func (m Mapping) Key(name string) Key {
	for _, k := range m.keys {
		if k.Text == name {
			return k
		}
	}
	return Key{Text: name, Pos: m.node.Pos()}
}

// Get returns the value behind a key, absent where there is no such key.
func (m Mapping) Get(name string) Node {
	for i, k := range m.keys {
		if k.Text == name {
			return m.values[i]
		}
	}
	return Node{file: m.node.file, key: name}
}

// Require is Get for a key that must be there. Instead is what to write where it is missing.
func (m Mapping) Require(name, instead string) Node {
	n := m.Get(name)
	m.recordRequired(name)
	if !n.Exists() && m.node.Exists() && (m.node.Is("a mapping")) {
		m.node.Refuse(quote(name)+" is missing", instead)
	}
	return n
}

func quote(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
