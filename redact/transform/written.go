package transform

import (
	"encoding/base64"
	"sync"

	"weir/redact/category"
)

// PseudonymLength is that of what KindHash writes, in bytes.
const PseudonymLength = len(pseudonymPrefix) + (pseudonymBytes*8+5)/6

// IsPseudonym reports whether text has the form of what KindHash writes. Whether it is
// one nobody can tell.
func IsPseudonym(text []byte) bool {
	if len(text) != PseudonymLength || string(text[:len(pseudonymPrefix)]) != pseudonymPrefix {
		return false
	}
	var sum [pseudonymBytes + 2]byte
	n, err := base64.RawURLEncoding.Strict().Decode(sum[:], text[len(pseudonymPrefix):])
	return err == nil && n == pseudonymBytes // it reads over line feeds
}

// types holds what replace() writes for each of Fideslang's categories.
var types = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for _, c := range category.All() {
		all[string(appendType(nil, c))] = true
	}
	return all
})

// IsType reports whether text is what replace() writes for a value of c, or of one of
// Fideslang's categories.
func IsType(text []byte, c category.Key) bool {
	if len(text) < 3 || text[0] != '<' || text[len(text)-1] != '>' {
		return false
	}
	return types()[string(text)] || string(appendType(nil, c)) == string(text)
}
