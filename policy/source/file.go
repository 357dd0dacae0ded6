package source

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
)

// Bounds of a file. They keep the time to read any file below some seconds:
// the YAML library takes quadratic time over blank lines in a block and over
// the keys of a mapping.
const (
	MaxBytes  = 1 << 20
	maxDepth  = 32
	maxKeys   = 20000
	maxBlank  = 100
	maxErrors = 100
)

// File is one file that was read, and all that was found wrong with it.
type File struct {
	Name string

	lines  []string
	root   ast.Node
	errors Errors

	into     *File    // that includes this one, and has its errors
	included []string // names, in their order

	shape *Shape // where it is recorded what is read
}

// Read reads and parses the file at path. The error is that of the file system;
// what is wrong within the file is told by Err.
func Read(path string) (*File, error) {
	data, err := ReadBytes(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, data), nil
}

// ReadBytes reads the file at path, of which Parse will refuse anything longer
// than MaxBytes: one byte more is read at most.
func ReadBytes(path string) ([]byte, error) {
	data, err := ReadRegular(path, MaxBytes+1)
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, fmt.Errorf("%s: cannot be read: %w", path, err)
	}
	return data, nil
}

// Parse parses data, which name stands for in errors. It never returns nil:
// where there is no reading it, Root is absent and Err says why.
func Parse(name string, data []byte) *File {
	f := &File{Name: name}
	text, ok := f.decode(data)
	if !ok {
		return f
	}
	f.lines = strings.Split(text, "\n")
	if !f.checkLines() {
		return f
	}
	f.parse(text)
	return f
}

// parse fills in root. The library is given only what the checks let through;
// should it panic nevertheless, that is one more error of the file.
func (f *File) parse(text string) {
	defer func() {
		if recover() != nil {
			f.root = nil
			f.Refuse(Pos{}, "is not YAML that can be read", "")
		}
	}()
	tokens := lexer.Tokenize(text)
	if !f.checkTokens(tokens) {
		return
	}
	parsed, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		f.refuseSyntax(err)
		return
	}
	for _, doc := range parsed.Docs {
		if doc.Body != nil && f.root == nil {
			f.root = doc.Body
		}
	}
	if f.root == nil {
		f.Refuse(f.at(1, 1), "is empty", "")
		return
	}
	if !f.checkDepth(f.root, 0) {
		f.root = nil
	}
}

// decode makes text of data: UTF-8, "\n" alone as line end.
func (f *File) decode(data []byte) (string, bool) {
	if len(data) > MaxBytes {
		f.Refuse(Pos{}, fmt.Sprintf("is larger than %d bytes", MaxBytes), "")
		return "", false
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(data)) == 0 {
		f.Refuse(f.at(1, 1), "is empty", "")
		return "", false
	}
	line, column := 1, 1
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			f.Refuse(f.at(line, column), "is not UTF-8 from here on", "the file in UTF-8")
			return "", false
		case r == '\r' && (i+1 == len(data) || data[i+1] != '\n'):
			f.Refuse(f.at(line, column), "has a carriage return without a line feed", "a line feed")
			return "", false
		case r < ' ' && r != '\n' && r != '\t' && r != '\r', r == 0x7f, r == 0xfeff, r == 0x85, r == 0x2028, r == 0x2029:
			f.Refuse(f.at(line, column), fmt.Sprintf("has the control character U+%04X", r), "")
			return "", false
		}
		i += n
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
	}
	return strings.ReplaceAll(string(data), "\r\n", "\n"), true
}

// Root is the file's value. It is absent where the file could not be parsed.
func (f *File) Root() Node { return Node{file: f, node: f.root, shape: f.shape} }

// Refuse notes an error. Beyond 100 of them no more are kept.
func (f *File) Refuse(at Pos, message, instead string) {
	if f.into != nil {
		at.File = at.In(f.Name)
		f.into.Refuse(at, message, instead)
		return
	}
	if len(f.errors) < maxErrors {
		f.errors = append(f.errors, &Error{File: at.In(f.Name), Pos: at, Message: message, Instead: instead})
	}
}

// at is a position in f.
func (f *File) at(line, column int) Pos {
	p := Pos{Line: line, Column: column}
	if f.into != nil {
		p.File = f.Name
	}
	return p
}

// Include makes another file a part of f: what is wrong with it is told by f's Err,
// and from now on its positions carry its name. No File includes two others of one name.
func (f *File) Include(other *File) {
	top := f
	for top.into != nil {
		top = top.into
	}
	other.into = top
	top.included = append(top.included, other.Name)
	for _, e := range other.errors {
		e.Pos.File = e.File
		top.Refuse(e.Pos, e.Message, e.Instead)
	}
	other.errors = nil
}

// Err is nil where nothing was found wrong so far, else an Errors. Of a file that
// another includes, it is that one's to tell.
func (f *File) Err() error {
	if len(f.errors) == 0 {
		return nil
	}
	return f.errors.sorted(append([]string{f.Name}, f.included...))
}

// refuseSyntax notes what the library says of a text that is not YAML, in
// words that say what to do.
func (f *File) refuseSyntax(err error) {
	var se *yaml.SyntaxError
	if !errors.As(err, &se) || se.Token == nil || se.Token.Position == nil {
		f.Refuse(Pos{}, "is not YAML that can be read", "")
		return
	}
	at := f.locate(se.Token)
	first := strings.TrimLeft(f.upTo(at), " -") == ""
	switch m := se.Message; {
	case strings.Contains(m, "value is not allowed in this context") && first:
		f.Refuse(at, "is indented as no line above it is", "the column of the key or the dash that this stands beside")
	case strings.Contains(m, "corresponding to"):
		f.Refuse(at, "this bracket closes none that is open", "")
	case strings.Contains(m, "map key-value is pre-defined") && at.Column > 1:
		f.Refuse(at, "text goes on behind a closing quote", "the whole value in one pair of quotes, such as 'field.name == \"x\"'")
	case strings.Contains(m, "mapping value is not allowed") && !strings.Contains(f.from(at), ": "):
		f.Refuse(at, "has a value, and the next line is indented deeper", "the next key in the column of this one")
	case strings.Contains(m, "mapping value is not allowed"):
		f.Refuse(at, `an unquoted value holds ": "`, f.quoted(at))
	case strings.Contains(m, "sequence end token"):
		f.Refuse(at, "this list is not closed", `"]" at its end`)
	case strings.Contains(m, "mapping end token"), strings.Contains(m, "flow map"):
		f.Refuse(at, "this mapping is not closed", `"}" at its end`)
	default:
		f.Refuse(at, "is not YAML: "+m, "")
	}
}
