package transform

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"

	"weir/redact/keys"
)

// Cipher encrypts and decrypts addresses under one key, as ipcrypt does
// (draft-denis-ipcrypt-13). It belongs to one goroutine at a time.
type Cipher struct {
	way    keys.Way
	first  cipher.Block
	second cipher.Block // of Prefix
	in     [aes.BlockSize]byte
	out    [2][aes.BlockSize]byte
}

// NewCipher makes a Cipher of a key for a way. It fails for a way that it does
// not know, and for a key whose halves are equal, under which Prefix would
// change nothing (section 6.2.2).
func NewCipher(way keys.Way, key keys.Key) (*Cipher, error) { return newCipher(way, key.Peek()) }

func newCipher(way keys.Way, key []byte) (*Cipher, error) {
	const half = 16
	c := &Cipher{way: way}
	var err error
	if c.first, err = aes.NewCipher(key[:half]); err != nil {
		return nil, fmt.Errorf("encrypt: %w", err)
	}
	switch way {
	case keys.Deterministic:
	case keys.Prefix:
		if string(key[:half]) == string(key[half:2*half]) {
			return nil, errors.New("encrypt: the halves of the key are equal")
		}
		if c.second, err = aes.NewCipher(key[half : 2*half]); err != nil {
			return nil, fmt.Errorf("encrypt: %w", err)
		}
	default:
		return nil, fmt.Errorf("encrypt: there is no way %q", way)
	}
	return c, nil
}

// Encrypt is a, which must be valid, encrypted. A zone is not part of an address.
func (c *Cipher) Encrypt(a netip.Addr) netip.Addr {
	defer c.forget()
	a = a.Unmap()
	if c.way == keys.Prefix {
		return c.bits(a, false)
	}
	c.in = a.As16()
	c.first.Encrypt(c.out[0][:], c.in[:])
	return netip.AddrFrom16(c.out[0]).Unmap()
}

// Decrypt is the address that Encrypt made a of. Of any other it makes one that
// means nothing.
func (c *Cipher) Decrypt(a netip.Addr) netip.Addr {
	defer c.forget()
	a = a.Unmap()
	if c.way == keys.Prefix {
		return c.bits(a, true)
	}
	c.in = a.As16()
	c.first.Decrypt(c.out[0][:], c.in[:])
	return netip.AddrFrom16(c.out[0]).Unmap()
}

// forget leaves nothing of an address in c, which lives as long as its key.
func (c *Cipher) forget() { c.in, c.out = [16]byte{}, [2][16]byte{} }

// bits encrypts or decrypts each bit of a by those before it (section 6.2.1): high
// and low are a one and the plain bits so far, at the lower end of a block.
func (c *Cipher) bits(a netip.Addr, decrypt bool) netip.Addr {
	b := a.As16()
	at, high, low := 0, uint64(0), uint64(1)
	if a.Is4() {
		at, high, low = 96, 1<<32, 0xffff // the bits that all IPv4 addresses have in this form
	}
	for ; at < 128; at++ {
		binary.BigEndian.PutUint64(c.in[:8], high)
		binary.BigEndian.PutUint64(c.in[8:], low)
		c.first.Encrypt(c.out[0][:], c.in[:])
		c.second.Encrypt(c.out[1][:], c.in[:])
		key := (c.out[0][aes.BlockSize-1] ^ c.out[1][aes.BlockSize-1]) & 1
		shift := 7 - at%8
		plain := b[at/8] >> shift & 1
		if decrypt {
			plain ^= key
		}
		b[at/8] ^= key << shift
		high, low = high<<1|low>>63, low<<1|uint64(plain)
	}
	if a.Is4() {
		return netip.AddrFrom4([4]byte(b[12:]))
	}
	return netip.AddrFrom16(b)
}

func (c *Cipher) String() string             { return secret }
func (c *Cipher) GoString() string           { return secret }
func (c *Cipher) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, secret) }

// secret is what a Cipher prints as: it holds a key.
const secret = "[key]"
