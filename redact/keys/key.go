package keys

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
)

// Size is the length of a key in bytes.
const Size = sha256.Size

// placeholder stands wherever a key or a ring is printed.
const placeholder = "[key]"

// Key makes the pseudonyms, or encrypts the addresses, of one retention class,
// epoch and service domain. It is comparable; the zero Key is no key.
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

// The labels under which an epoch's key gives others.
const (
	labelNext       = "weir keys 1 epoch"      // no more: the key of the epoch after it
	labelPseudonym  = "weir keys 1 pseudonym"  // then service domain and category
	labelEncryption = "weir keys 1 encryption" // then service domain and way
)

// Way is a way of encrypting addresses, as draft-denis-ipcrypt names it. Each has
// keys of its own.
type Way string

const (
	Deterministic Way = "ipcrypt-deterministic" // AES-128 under the first 16 bytes of its key
	Prefix        Way = "ipcrypt-pfx"           // two AES-128 keys: the first 16 bytes and the last 16
)

// next makes of s the key of the epoch after it. There is no way back.
func (s *secret) next() {
	var out secret
	s.derive(&out, labelNext)
	*s = out
	clear(out[:])
}

// derive sets out to HMAC-SHA-256 under s of the parts, each behind its length in
// four bytes, so that no two lists of parts are the same text. As HKDF-Expand (RFC
// 5869) for one block does, it makes of one key another that tells nothing of it.
//
// It is written out, and clears what it worked on, because crypto/hmac leaves
// the key in memory that nobody can clear.
func (s *secret) derive(out *secret, parts ...string) {
	size := sha256.BlockSize
	for _, p := range parts {
		size += 4 + len(p)
	}
	inner := make([]byte, sha256.BlockSize, size)
	s.pad(inner, 0x36)
	for _, p := range parts {
		inner = binary.BigEndian.AppendUint32(inner, uint32(len(p)))
		inner = append(inner, p...)
	}
	sum := sha256.Sum256(inner)
	clear(inner)
	var outer [sha256.BlockSize + Size]byte
	s.pad(outer[:sha256.BlockSize], 0x5c)
	copy(outer[sha256.BlockSize:], sum[:])
	*out = sha256.Sum256(outer[:])
	clear(outer[:])
	clear(sum[:])
}

// pad fills block with the key as HMAC (RFC 2104) pads it.
func (s *secret) pad(block []byte, with byte) {
	for i := range block {
		block[i] = with
	}
	for i, b := range s {
		block[i] ^= b
	}
}

func (s *secret) String() string             { return placeholder }
func (s *secret) GoString() string           { return placeholder }
func (s *secret) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, placeholder) }
