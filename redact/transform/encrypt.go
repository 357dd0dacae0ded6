package transform

import (
	"net/netip"

	"weir/redact/keys"
)

// encrypt appends a, encrypted.
func (m *Maker) encrypt(way keys.Way, a netip.Addr) bool {
	if !a.IsValid() {
		return false
	}
	c := m.hashing.cipher(way)
	if c == nil {
		m.hashing.failed++
		return false
	}
	m.sheet.buf = c.Encrypt(a).AppendTo(m.sheet.buf)
	return true
}

// cipher is that of a way for the exchange at hand, nil where the ring has no key.
func (h *hashing) cipher(way keys.Way) *Cipher {
	h.current()
	known := &h.ciphers[0]
	if way == keys.Prefix {
		known = &h.ciphers[1]
	}
	if *known != nil || h.ring == nil {
		return *known
	}
	key, err := h.ring.Encryption(h.class, h.start, h.domain, way)
	if err != nil {
		return nil
	}
	if *known, err = NewCipher(way, key); err != nil {
		*known = nil
	}
	return *known
}
