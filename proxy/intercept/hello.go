package intercept

import (
	"fmt"
	"io"
	"log/slog"
)

// Name is a server name as a client sent it. It prints as a placeholder.
type Name struct{ s string }

const placeholder = "[raw]"

// Peek returns the name itself. It must not be written.
func (n Name) Peek() string { return n.s }

// Len is the number of bytes.
func (n Name) Len() int { return len(n.s) }

func (n Name) String() string               { return placeholder }
func (n Name) GoString() string             { return placeholder }
func (n Name) Format(s fmt.State, _ rune)   { _, _ = io.WriteString(s, placeholder) }
func (n Name) MarshalText() ([]byte, error) { return []byte(placeholder), nil }
func (n Name) LogValue() slog.Value         { return slog.StringValue(placeholder) }

// Hello is what a ClientHello says.
type Hello struct {
	// ServerName is empty where there is none, where it is no host name, and
	// where ECH is set.
	ServerName Name
	// ECH is set where encrypted_client_hello was offered (RFC 9849), in earnest
	// or as GREASE: from outside the two look alike. The name is unknown then.
	ECH bool
	// What is offered by ALPN.
	H2, HTTP1, OtherALPN bool
	// Version is the highest version of TLS offered, as in crypto/tls.
	Version uint16
}

// Extensions that are looked at.
const (
	extServerName        = 0
	extALPN              = 16
	extSupportedVersions = 43
	extECH               = 0xfe0d
	extESNI              = 0xffce // of drafts before it
)

// cursor takes big-endian values and vectors off a slice; ok turns false for
// good once one is missing.
type cursor struct {
	b  []byte
	ok bool
}

func (c *cursor) take(n int) []byte {
	if !c.ok || n > len(c.b) {
		c.ok = false
		return nil
	}
	v := c.b[:n]
	c.b = c.b[n:]
	return v
}

// number takes a big-endian number of n bytes.
func (c *cursor) number(n int) int {
	v := 0
	for _, b := range c.take(n) {
		v = v<<8 | int(b)
	}
	return v
}

// vector takes a vector whose length stands before it in n bytes.
func (c *cursor) vector(n int) cursor {
	size := c.number(n)
	b := c.take(size)
	return cursor{b, c.ok}
}

// parseHello reads the body of a ClientHello (RFC 8446 section 4.1.2); ok is
// false for one that is malformed.
func parseHello(body []byte) (h Hello, ok bool) {
	c := cursor{body, true}
	h.Version = uint16(c.number(2))
	c.take(32)
	session := c.vector(1)
	ciphers := c.vector(2)
	methods := c.vector(1)
	if !c.ok || len(session.b) > 32 || len(ciphers.b) == 0 || len(ciphers.b)%2 != 0 || len(methods.b) == 0 {
		return Hello{}, false
	}
	if len(c.b) == 0 {
		return h, true // no extensions: TLS 1.2 and below
	}
	extensions := c.vector(2)
	if !c.ok || len(c.b) != 0 {
		return Hello{}, false
	}
	var seen seenSet
	for len(extensions.b) > 0 {
		kind := extensions.number(2)
		data := extensions.vector(2)
		if !extensions.ok || !seen.add(kind) || !h.extension(kind, data) {
			return Hello{}, false
		}
	}
	if h.ECH {
		h.ServerName = Name{}
	}
	return h, true
}

// extension reads one extension and reports whether it is well-formed.
func (h *Hello) extension(kind int, data cursor) bool {
	switch kind {
	case extServerName:
		return h.serverName(data)
	case extALPN:
		list := data.vector(2)
		if !data.ok || len(data.b) != 0 {
			return false
		}
		for len(list.b) > 0 {
			name := list.vector(1)
			if !list.ok || len(name.b) == 0 {
				return false
			}
			switch string(name.b) {
			case "h2":
				h.H2 = true
			case "http/1.1", "http/1.0":
				h.HTTP1 = true
			default:
				h.OtherALPN = true
			}
		}
	case extSupportedVersions:
		list := data.vector(1)
		if !data.ok || len(data.b) != 0 || len(list.b)%2 != 0 {
			return false
		}
		h.Version = 0
		for len(list.b) > 0 {
			// 3.x only: GREASE (RFC 8701) is above it.
			if v := uint16(list.number(2)); v>>8 == 3 && v > h.Version {
				h.Version = v
			}
		}
	case extECH, extESNI:
		h.ECH = true
	}
	return true
}

// serverName reads the list of names (RFC 6066 section 3): one of type
// host_name at most. A name that is no host name is taken for none.
func (h *Hello) serverName(data cursor) bool {
	list := data.vector(2)
	if !data.ok || len(data.b) != 0 {
		return false
	}
	found := false
	for len(list.b) > 0 {
		kind := list.number(1)
		name := list.vector(2)
		if !list.ok || len(name.b) == 0 {
			return false
		}
		if kind != 0 {
			continue
		}
		if found {
			return false
		}
		found = true
		if hostName(name.b) {
			h.ServerName = Name{string(name.b)}
		}
	}
	return true
}

// hostName reports whether b can be a DNS name as it is sent in the clear.
func hostName(b []byte) bool {
	if len(b) > 253 {
		return false
	}
	for _, c := range b {
		switch {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '-', c == '.', c == '_':
		default:
			return false
		}
	}
	return true
}

// seenSet finds extensions that are sent twice, which is forbidden (RFC 8446
// section 4.2). Real clients send about 20.
type seenSet struct {
	kinds [64]uint16
	n     int
}

func (s *seenSet) add(kind int) bool {
	for _, k := range s.kinds[:s.n] {
		if k == uint16(kind) {
			return false
		}
	}
	if s.n == len(s.kinds) {
		return false
	}
	s.kinds[s.n] = uint16(kind)
	s.n++
	return true
}
