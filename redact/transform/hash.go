package transform

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"time"

	"weir/redact/category"
	"weir/redact/keys"
)

// pseudonymBytes of the HMAC are written: 128 bits, so that two values are
// not taken for one.
const pseudonymBytes = 16

// pseudonymPrefix names the way that a pseudonym is made.
const pseudonymPrefix = "h1."

// maxKeys bounds the keys that a Maker remembers.
const maxKeys = 32

// Keys is the ring of keys.
type Keys interface {
	// Key is the key of a category in a service's domain, for exchanges of a
	// retention class that began at start. It fails where the epoch of start is
	// destroyed, or not yet there.
	Key(class string, start time.Time, domain string, key category.Key) (keys.Key, error)
	// Encryption is the key of a way of encrypting addresses. It fails as Key does.
	Encryption(class string, start time.Time, domain string, way keys.Way) (keys.Key, error)
	// Epoch names the epoch of start, "2026-11-22".
	Epoch(start time.Time) string
	// Version is another one when keys that were given must not be used any more.
	Version() uint64
}

// hashing makes pseudonyms, and encrypts addresses. The state that a category's
// key brings the HMAC to, and the ciphers, are remembered as long as exchanges
// are of one class and epoch.
type hashing struct {
	ring    Keys
	version uint64
	domain  string
	class   string
	start   time.Time
	epoch   string
	second  int64 // the time that epoch was asked for, in Unix seconds
	known   []known
	ciphers [2]*Cipher // keys.Deterministic, keys.Prefix
	sum     [sha256.Size]byte
	failed  int
}

type known struct {
	category category.Key
	mac      hash.Hash
}

// begin takes the class and the start of the next exchange.
func (h *hashing) begin(class string, start time.Time) {
	if class != h.class {
		h.forget()
	}
	if h.ring != nil {
		if v := h.ring.Version(); v != h.version {
			h.forget()
			h.version, h.epoch = v, ""
		}
	}
	h.class, h.start, h.failed = class, start, 0
}

func (h *hashing) forget() {
	clear(h.known)
	h.known = h.known[:0]
	clear(h.ciphers[:])
}

// hash appends the pseudonym of v to the sheet.
func (m *Maker) hash(v *Value) bool {
	mac := m.hashing.mac(v.Category)
	if mac == nil {
		return false
	}
	mac.Reset()
	mac.Write(v.Canonical)
	sum := mac.Sum(m.hashing.sum[:0])
	m.sheet.buf = append(m.sheet.buf, pseudonymPrefix...)
	m.sheet.buf = base64.RawURLEncoding.AppendEncode(m.sheet.buf, sum[:pseudonymBytes])
	return true
}

// current is the epoch of the exchange. The keys of another are forgotten. An
// epoch is of whole seconds, so that the ring is asked once a second.
func (h *hashing) current() string {
	second := h.start.Unix()
	if h.ring == nil || second == h.second && h.epoch != "" {
		return h.epoch
	}
	if epoch := h.ring.Epoch(h.start); epoch != h.epoch {
		h.forget()
		h.epoch = epoch
	}
	h.second = second
	return h.epoch
}

// mac is the keyed hash of a category, nil where the ring has no key.
func (h *hashing) mac(c category.Key) hash.Hash {
	h.current()
	for i := range h.known {
		if h.known[i].category == c {
			return h.known[i].mac
		}
	}
	if h.ring == nil {
		h.failed++
		return nil
	}
	key, err := h.ring.Key(h.class, h.start, h.domain, c)
	if err != nil {
		h.failed++
		return nil
	}
	if len(h.known) == maxKeys {
		h.forget()
	}
	h.known = append(h.known, known{c, hmac.New(sha256.New, key.Peek())})
	return h.known[len(h.known)-1].mac
}
