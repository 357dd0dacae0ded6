package keys

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"

	"weir/redact/category"
)

// Size is the length of a key in bytes.
const Size = sha256.Size

// placeholder stands wherever a key or a ring is printed.
const placeholder = "[key]"

// Key makes the pseudonyms of one retention class, epoch, service domain and
// category. It is comparable; the zero Key is no key.
type Key struct{ b [Size]byte }

// Peek returns a copy of the key's bytes. They must not be written or kept
// longer than the epoch's entries are.
func (k Key) Peek() []byte { return k.b[:] }

func (k Key) String() string               { return placeholder }
func (k Key) GoString() string             { return placeholder }
func (k Key) Format(s fmt.State, _ rune)   { _, _ = io.WriteString(s, placeholder) }
func (k Key) MarshalText() ([]byte, error) { return []byte(placeholder), nil }
func (k Key) LogValue() slog.Value         { return slog.StringValue(placeholder) }

// secret is the key of one epoch of a chain.
type secret [Size]byte

// next returns the key of the epoch after s's. There is no way back.
func (s *secret) next() secret { return s.derive("weir keys 1 epoch") }

// key returns the key for a service domain and a category.
func (s *secret) key(domain string, c category.Key) Key {
	return Key{s.derive("weir keys 1 pseudonym", domain, string(c))}
}

// derive is HMAC-SHA-256 under s of the parts, each behind its length in four
// bytes, so that no two lists of parts are the same text. As HKDF-Expand (RFC
// 5869) for one block does, it makes of one key another that tells nothing of it.
func (s *secret) derive(parts ...string) [Size]byte {
	h := hmac.New(sha256.New, s[:])
	for _, p := range parts {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(p)))
		h.Write(n[:])
		io.WriteString(h, p)
	}
	return [Size]byte(h.Sum(nil))
}

func (s *secret) String() string             { return placeholder }
func (s *secret) GoString() string           { return placeholder }
func (s *secret) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, placeholder) }
