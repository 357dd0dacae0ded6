package walk

import (
	"bytes"

	"weir/redact/raw"
)

// cookies visits each pair of a Cookie header. A piece without "=" is a value
// without a name: Name is nil.
func (w *Walker) cookies(kind raw.Kind, value []byte) {
	for i := 0; len(value) > 0; i++ {
		var piece []byte
		piece, value, _ = bytes.Cut(value, []byte{';'})
		w.pair(kind, i, trim(piece), nil)
	}
}

// setCookie visits the pair of a Set-Cookie header. Its attributes are no field.
func (w *Walker) setCookie(kind raw.Kind, value []byte) {
	piece, _, _ := bytes.Cut(value, []byte{';'})
	w.pair(kind, 0, trim(piece), nil)
}

// pair visits name=value.
func (w *Walker) pair(kind raw.Kind, index int, piece []byte, within *raw.Place) {
	name, value, found := bytes.Cut(piece, []byte{'='})
	if !found {
		name, value = nil, piece
	}
	w.value(kind, name, index, value, within)
}

// list visits each element of a list divided by commas.
func (w *Walker) list(kind raw.Kind, name, value []byte) {
	for i := 0; len(value) > 0; i++ {
		var element []byte
		element, value, _ = bytes.Cut(value, []byte{','})
		if element = trim(element); len(element) > 0 {
			w.value(kind, name, i, element, nil)
		}
	}
}

// forwarded visits the value of each parameter of a Forwarded header, without
// its quotes. A quoted value with escapes in it is given as it stands.
func (w *Walker) forwarded(kind raw.Kind, name, value []byte) {
	for i := 0; len(value) > 0; i++ {
		end, quoted := 0, false
		for ; end < len(value); end++ {
			c := value[end]
			if c == '"' {
				quoted = !quoted
			} else if c == '\\' && quoted && end+1 < len(value) {
				end++
			} else if !quoted && (c == ',' || c == ';') {
				break
			}
		}
		element := trim(value[:end])
		value = value[min(end+1, len(value)):]
		if _, after, found := bytes.Cut(element, []byte{'='}); found {
			element = trim(after)
		}
		if n := len(element); n >= 2 && element[0] == '"' && element[n-1] == '"' && bytes.IndexByte(element, '\\') < 0 {
			element = element[1 : n-1]
		}
		if len(element) > 0 {
			w.value(kind, name, i, element, nil)
		}
	}
}

func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}
