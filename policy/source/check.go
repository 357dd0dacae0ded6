package source

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// checkLines refuses what the library's lexer would misread or be slow over.
func (f *File) checkLines() bool {
	ok, blank := true, 0
	for i, line := range f.lines {
		rest := strings.TrimLeft(line, " ")
		if strings.Trim(rest, "\t") == "" {
			if blank++; blank > maxBlank && i < len(f.lines)-1 {
				f.Refuse(f.at(i+1, 1), fmt.Sprintf("has more than %d blank lines in a row", maxBlank), "")
				return false
			}
			continue
		}
		blank = 0
		if rest[0] == '\t' {
			f.Refuse(f.at(i+1, len(line)-len(rest)+1), "is indented with a tab", "spaces")
			ok = false
		}
	}
	return ok
}

// checkTokens refuses the parts of YAML that are not used here, before the
// parser could follow them. It notes each.
func (f *File) checkTokens(tokens token.Tokens) bool {
	ok := true
	refuse := func(t *token.Token, message, instead string) {
		ok = false
		f.Refuse(f.locate(t), message, instead)
	}
	headers, flow, keys := 0, 0, 0
	entryLine, entries, trapped := 0, 0, 0
	for i, t := range tokens {
		if t.Position.Line == trapped {
			continue // the rest of the line that a tag swallowed
		}
		switch t.Type {
		case token.TagType:
			trapped = t.Position.Line
			f.refuseTag(t)
			ok = false
		case token.AnchorType:
			trapped = t.Position.Line
			refuse(t, `an unquoted "&" begins an anchor, which is not supported`, "the value itself, wherever it is needed")
		case token.AliasType:
			trapped = t.Position.Line
			refuse(t, `an unquoted "*" begins an alias, which is not supported`, f.starred(f.locate(t)))
		case token.MergeKeyType:
			refuse(t, `the merge key "<<" is not supported`, "the keys themselves")
		case token.MappingKeyType:
			refuse(t, `an unquoted "?" begins a complex key, which is not supported`, f.quoted(f.locate(t)))
		case token.DirectiveType:
			refuse(t, "a YAML directive is not supported", "the file without it")
			return false
		case token.DocumentEndType:
			refuse(t, `the document end "..." is not supported`, "the file without it")
		case token.DocumentHeaderType:
			if headers++; headers > 1 || i > 0 && !onlyComments(tokens[:i]) {
				refuse(t, "a second document begins here", "one document in each file")
				return false
			}
		case token.MappingStartType, token.SequenceStartType:
			if flow++; flow > maxDepth {
				refuse(t, fmt.Sprintf("is nested deeper than %d levels", maxDepth), "")
				return false
			}
		case token.MappingEndType, token.SequenceEndType:
			flow--
		case token.SequenceEntryType:
			if t.Position.Line != entryLine {
				entryLine, entries = t.Position.Line, 0
			}
			if entries++; entries > maxDepth {
				refuse(t, fmt.Sprintf("is nested deeper than %d levels", maxDepth), "")
				return false
			}
		case token.MappingValueType:
			if keys++; keys > maxKeys {
				refuse(t, fmt.Sprintf("has more than %d keys", maxKeys), "")
				return false
			}
		case token.InvalidType:
			if ok {
				f.refuseInvalid(t)
			}
			return false
		}
	}
	return ok
}

func onlyComments(tokens token.Tokens) bool {
	for _, t := range tokens {
		if t.Type != token.CommentType {
			return false
		}
	}
	return true
}

// refuseTag tells of the trap: an unquoted value that begins with "!" is a YAML
// tag, and the expression behind it is not what its writer sees.
func (f *File) refuseTag(t *token.Token) {
	at := f.locate(t)
	f.Refuse(at, `an unquoted value that begins with "!" is a YAML tag, not an expression`, f.quoted(at))
}

func (f *File) refuseInvalid(t *token.Token) {
	at := f.locate(t)
	switch rest := strings.TrimSpace(f.from(at)); {
	case strings.Contains(t.Error, "invalid tag character"):
		// The lexer tells the end of the tag; its beginning is what to quote.
		if i := strings.LastIndex(f.upTo(at), " !"); i >= 0 {
			at.Column = len([]rune(f.upTo(at)[:i])) + 2
		}
		f.Refuse(at, `an unquoted value that begins with "!" is a YAML tag, not an expression`, f.quoted(at))
	case strings.Contains(t.Error, "unknown escape character"):
		f.Refuse(at, "a backslash in double quotes begins an escape, and this is none", `single quotes around the whole, or \\ for each backslash`)
	case strings.HasPrefix(rest, "@"), strings.HasPrefix(rest, "`"), strings.HasPrefix(rest, "%"):
		f.Refuse(at, fmt.Sprintf("an unquoted value cannot begin with %q", rest[:1]), f.quoted(at))
	case strings.HasPrefix(rest, "|"), strings.HasPrefix(rest, ">"):
		f.Refuse(at, fmt.Sprintf("%q begins a block of text, whose first line is the next one", rest[:1]), f.quoted(at))
	default:
		f.Refuse(at, "is not YAML: "+t.Error, "")
	}
}

// checkDepth refuses what is nested too deep; readers may recurse after it.
func (f *File) checkDepth(n ast.Node, depth int) bool {
	var inner []ast.Node
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			inner = append(inner, v.Value)
		}
	case *ast.SequenceNode:
		inner = n.Values
	default:
		return true
	}
	if depth >= maxDepth {
		Node{file: f, node: n}.Refuse(fmt.Sprintf("is nested deeper than %d levels", maxDepth), "")
		return false
	}
	for _, v := range inner {
		if !f.checkDepth(v, depth+1) {
			return false
		}
	}
	return true
}
