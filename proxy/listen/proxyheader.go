package listen

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"net/netip"
	"strconv"
	"strings"
)

// ErrProxyHeader is a PROXY header that breaks its rules. The connection must
// be closed: where its own bytes begin is not known.
var ErrProxyHeader = errors.New("listen: malformed PROXY header")

// maxHeader bounds a PROXY header of version 2, its TLVs included. Those that
// load balancers send are below 600 bytes.
const maxHeader = 4 << 10

// maxHeader1 is the longest header of version 1, CR LF included (PROXY protocol
// section 2.1).
const maxHeader1 = 107

var (
	signature1 = []byte("PROXY ")
	signature2 = []byte("\r\n\r\n\x00\r\nQUIT\n")
)

// proxyHeader is what a header says: who is behind the peer, where told.
type proxyHeader struct {
	client netip.AddrPort
	told   bool
	size   int // of the header in bytes
}

// parseProxy reads the PROXY header that b may begin with. need is how many
// bytes it takes to go on, 0 once h and err are settled; h.size is 0 where b
// does not begin with a header.
func parseProxy(b []byte) (h proxyHeader, need int, err error) {
	switch {
	case len(b) == 0:
		return h, 1, nil
	case prefixes(b, signature1):
		if len(b) < len(signature1) {
			return h, len(b) + 1, nil
		}
		return parseProxy1(b)
	case prefixes(b, signature2):
		if len(b) < 16 {
			return h, len(b) + 1, nil
		}
		return parseProxy2(b)
	}
	return h, 0, nil
}

// prefixes reports whether b and signature agree as far as both go.
func prefixes(b, signature []byte) bool {
	n := min(len(b), len(signature))
	return bytes.Equal(b[:n], signature[:n])
}

// parseProxy1 reads a line such as "PROXY TCP4 192.0.2.1 192.0.2.2 1234 80".
func parseProxy1(b []byte) (h proxyHeader, need int, err error) {
	end := bytes.IndexByte(b[:min(len(b), maxHeader1)], '\n')
	if end < 0 {
		if len(b) >= maxHeader1 {
			return h, 0, ErrProxyHeader
		}
		return h, len(b) + 1, nil
	}
	if b[end-1] != '\r' {
		return h, 0, ErrProxyHeader
	}
	line := string(b[len(signature1) : end-1])
	h.size = end + 1
	if line == "UNKNOWN" || strings.HasPrefix(line, "UNKNOWN ") {
		return h, 0, nil
	}
	parts := strings.Split(line, " ")
	if len(parts) != 5 || parts[0] != "TCP4" && parts[0] != "TCP6" {
		return h, 0, ErrProxyHeader
	}
	source, ok1 := addrPort(parts[1], parts[3])
	target, ok2 := addrPort(parts[2], parts[4])
	six := parts[0] == "TCP6"
	if !ok1 || !ok2 || source.Addr().Is4() == six || target.Addr().Is4() == six {
		return h, 0, ErrProxyHeader
	}
	h.client, h.told = plain(source), true
	return h, 0, nil
}

func addrPort(host, port string) (netip.AddrPort, bool) {
	a, err := netip.ParseAddr(host)
	if err != nil || a.Zone() != "" || len(port) > 1 && port[0] == '0' || strings.HasPrefix(port, "+") {
		return netip.AddrPort{}, false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return netip.AddrPortFrom(a, uint16(n)), err == nil
}

// parseProxy2 reads a binary header (PROXY protocol section 2.2).
func parseProxy2(b []byte) (h proxyHeader, need int, err error) {
	size := 16 + int(binary.BigEndian.Uint16(b[14:]))
	if size > maxHeader {
		return h, 0, ErrProxyHeader
	}
	if len(b) < size {
		return h, size, nil
	}
	command, family := b[12], b[13]
	body := b[16:size]
	h.size = size
	if command != 0x20 && command != 0x21 {
		return h, 0, ErrProxyHeader
	}
	var addresses int
	switch family >> 4 {
	case 0:
	case 1:
		addresses = 12
	case 2:
		addresses = 36
	case 3:
		addresses = 216
	default:
		return h, 0, ErrProxyHeader
	}
	if family&0x0f > 2 {
		return h, 0, ErrProxyHeader
	}
	if command == 0x20 { // LOCAL: a health check of the peer's own; the rest means nothing
		return h, 0, nil
	}
	if len(body) < addresses || !goodTLVs(b[:size], 16+addresses) {
		return h, 0, ErrProxyHeader
	}
	switch family {
	case 0x11:
		h.client, h.told = netip.AddrPortFrom(netip.AddrFrom4([4]byte(body[:4])), binary.BigEndian.Uint16(body[8:])), true
	case 0x21:
		h.client, h.told = plain(netip.AddrPortFrom(netip.AddrFrom16([16]byte(body[:16])), binary.BigEndian.Uint16(body[32:]))), true
	}
	return h, 0, nil
}

// crcType is the TLV that holds a CRC32C of the whole header, its own value
// taken as zeros (PROXY protocol section 2.2.3).
const crcType = 0x03

// goodTLVs reports whether the vectors from at on are well-formed and their
// checksum, where one was sent, is right.
func goodTLVs(header []byte, at int) bool {
	for at < len(header) {
		if len(header)-at < 3 {
			return false
		}
		size := int(binary.BigEndian.Uint16(header[at+1:]))
		value := at + 3
		if size > len(header)-value {
			return false
		}
		if header[at] == crcType {
			if size != 4 || !crcMatches(header, value) {
				return false
			}
		}
		at = value + size
	}
	return true
}

func crcMatches(header []byte, at int) bool {
	table := crc32.MakeTable(crc32.Castagnoli)
	crc := crc32.Update(0, table, header[:at])
	crc = crc32.Update(crc, table, make([]byte, 4))
	crc = crc32.Update(crc, table, header[at+4:])
	return crc == binary.BigEndian.Uint32(header[at:])
}
