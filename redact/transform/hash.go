package transform

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"time"

	"weir/redact/category"
)

// pseudonymBytes of the HMAC are written: 128 bits, so that two values are
// not taken for one.
const pseudonymBytes = 16

// pseudonymPrefix names the way that a pseudonym is made.
const pseudonymPrefix = "h1."

// maxMACs bounds the categories whose keys a Maker remembers.
const maxMACs = 32

// hashing makes pseudonyms. The state of the HMAC is kept for each category
// as long as exchanges are of one class and epoch.
type hashing struct {
	keys   Keys
	domain string
	class  string
	start  time.Time
	epoch  string
	fresh  bool // epoch was compared since begin
	macs   []mac
	sum    [sha256.Size]byte
	failed int
}

type mac struct {
	category category.Key
	hash     hash.Hash
}

// begin takes the class and the start of the next exchange.
func (h *hashing) begin(class string, start time.Time) {
	if class != h.class {
		h.forget()
	}
	h.class, h.start, h.fresh, h.failed = class, start, false, 0
}

func (h *hashing) forget() {
	clear(h.macs)
	h.macs = h.macs[:0]
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

// current is the epoch of the exchange. The keys of another are forgotten.
func (h *hashing) current() string {
	if h.fresh || h.keys == nil {
		return h.epoch
	}
	if epoch := h.keys.Epoch(h.start); epoch != h.epoch {
		h.forget()
		h.epoch = epoch
	}
	h.fresh = true
	return h.epoch
}

// mac is the keyed hash of a category, nil where the ring has no key.
func (h *hashing) mac(key category.Key) hash.Hash {
	if h.keys == nil {
		h.failed++
		return nil
	}
	h.current()
	for i := range h.macs {
		if h.macs[i].category == key {
			return h.macs[i].hash
		}
	}
	secret, err := h.keys.Key(h.class, h.start, h.domain, key)
	if err != nil {
		h.failed++
		return nil
	}
	if len(h.macs) == maxMACs {
		h.forget()
	}
	m := hmac.New(sha256.New, secretBytes(secret))
	h.macs = append(h.macs, mac{key, m})
	return m
}
