package policy

import (
	"bytes"
	"errors"
	"net/url"
	"reflect"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"weir/redact/raw"
)

// lines is request.header or response.header: the first line of each name,
// whose case does not count. What is absent is "".
type lines struct {
	table
	message *raw.Message
}

// Find is of traits.Mapper.
func (l *lines) Find(key ref.Val) (ref.Val, bool) {
	name, ok := key.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(key), false
	}
	if v, ok := l.lookup(string(name)); ok {
		return text(v), true
	}
	return types.String(""), true
}

func (l *lines) lookup(name string) ([]byte, bool) {
	for _, p := range l.message.Header {
		if equalFold(l.message.Peek(p.Name), name) {
			return l.message.Peek(p.Value), true
		}
	}
	return nil, false
}

func (l *lines) Contains(key ref.Val) ref.Val {
	name, ok := key.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(key)
	}
	_, found := l.lookup(string(name))
	return types.Bool(found)
}

func (l *lines) Get(key ref.Val) ref.Val { v, _ := l.Find(key); return v }
func (l *lines) Size() ref.Val           { return types.Int(len(l.message.Header)) }
func (l *lines) Value() any              { return nil }

// pairs is request.query or request.cookie: the first pair of each name. Keys
// and values of a query are decoded; one that can't be is taken as it is.
type pairs struct {
	table
	message *raw.Message
	cookies bool
}

// Find is of traits.Mapper.
func (p *pairs) Find(key ref.Val) (ref.Val, bool) {
	name, ok := key.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(key), false
	}
	v, _ := p.lookup(string(name))
	return v, true
}

func (p *pairs) lookup(name string) (ref.Val, bool) {
	if !p.cookies {
		return p.among(p.message.Peek(p.message.Query), '&', name)
	}
	for _, line := range p.message.Header {
		if !p.message.Is(line, "cookie") {
			continue
		}
		if v, ok := p.among(p.message.Peek(line.Value), ';', name); ok {
			return v, true
		}
	}
	return types.String(""), false
}

func (p *pairs) among(rest []byte, between byte, name string) (ref.Val, bool) {
	for len(rest) > 0 {
		var piece []byte
		piece, rest, _ = bytes.Cut(rest, []byte{between})
		key, value, _ := bytes.Cut(piece, []byte{'='})
		if p.cookies {
			if string(bytes.Trim(key, " \t")) == name {
				return text(bytes.Trim(value, " \t")), true
			}
			continue
		}
		if isDecoded(key, name) {
			return text(decoded(value)), true
		}
	}
	return types.String(""), false
}

func decoded(b []byte) []byte {
	if plain(b) {
		return b
	}
	if d, err := url.QueryUnescape(string(b)); err == nil {
		return []byte(d)
	}
	return b
}

// isDecoded reports whether key, decoded, is name.
func isDecoded(key []byte, name string) bool {
	return string(key) == name && plain(key) || !plain(key) && string(decoded(key)) == name
}

func plain(b []byte) bool { return bytes.IndexByte(b, '%') < 0 && bytes.IndexByte(b, '+') < 0 }

func (p *pairs) Contains(key ref.Val) ref.Val {
	name, ok := key.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(key)
	}
	_, found := p.lookup(string(name))
	return types.Bool(found)
}

func (p *pairs) Get(key ref.Val) ref.Val { v, _ := p.Find(key); return v }
func (p *pairs) Value() any              { return nil }

// Size is of traits.Sizer. It counts pairs, those without a name as well.
func (p *pairs) Size() ref.Val {
	if !p.cookies {
		return types.Int(count(p.message.Peek(p.message.Query), '&'))
	}
	n := 0
	for _, line := range p.message.Header {
		if p.message.Is(line, "cookie") {
			n += count(p.message.Peek(line.Value), ';')
		}
	}
	return types.Int(n)
}

func count(b []byte, between byte) int {
	if len(b) == 0 {
		return 0
	}
	return bytes.Count(b, []byte{between}) + 1
}

// table is what lines and pairs have in common: they are asked by name only.
type table struct{}

var errTable = errors.New("a table is asked by name only")

func (table) ConvertToNative(reflect.Type) (any, error) { return nil, errTable }
func (table) ConvertToType(ref.Type) ref.Val            { return types.WrapErr(errTable) }
func (table) Equal(ref.Val) ref.Val                     { return types.False }
func (table) Type() ref.Type                            { return types.MapType }

// Iterator is of traits.Iterable. The check of a policy refuses to go through a
// table, so this one is at its end.
func (table) Iterator() traits.Iterator {
	return types.DefaultTypeAdapter.NativeToValue([]string{}).(traits.Lister).Iterator()
}
