package listen

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"net/netip"
	"strings"
	"testing"
)

// header2 makes a header of version 2.
func header2(command, family byte, addresses, tlvs []byte) []byte {
	b := append([]byte{}, signature2...)
	b = append(b, command, family)
	b = binary.BigEndian.AppendUint16(b, uint16(len(addresses)+len(tlvs)))
	return append(append(b, addresses...), tlvs...)
}

func inet4() []byte { return []byte{203, 0, 113, 9, 192, 0, 2, 1, 0x11, 0x5c, 0, 80} }

func inet6() []byte {
	b := netip.MustParseAddr("2001:db8::9").AsSlice()
	b = append(b, netip.MustParseAddr("2001:db8::1").AsSlice()...)
	return append(b, 0x11, 0x5c, 0, 80)
}

func withCRC(b []byte, at int) []byte {
	crc := crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
	binary.BigEndian.PutUint32(b[at:], crc)
	return b
}

func TestProxyHeadersSayWhoIsBehind(t *testing.T) {
	crcTLV := []byte{crcType, 0, 4, 0, 0, 0, 0}
	for name, c := range map[string]struct {
		header []byte
		client string // "" is not told
	}{
		"v1 IPv4":           {[]byte("PROXY TCP4 203.0.113.9 192.0.2.1 4444 80\r\n"), "203.0.113.9:4444"},
		"v1 IPv6":           {[]byte("PROXY TCP6 2001:db8::9 2001:db8::1 4444 80\r\n"), "[2001:db8::9]:4444"},
		"v1 unknown":        {[]byte("PROXY UNKNOWN\r\n"), ""},
		"v1 unknown, words": {[]byte("PROXY UNKNOWN ffff::1 x 1 2\r\n"), ""},
		"v2 IPv4":           {header2(0x21, 0x11, inet4(), nil), "203.0.113.9:4444"},
		"v2 IPv6":           {header2(0x21, 0x21, inet6(), nil), "[2001:db8::9]:4444"},
		"v2 TLVs":           {header2(0x21, 0x11, inet4(), []byte{2, 0, 3, 'a', 'b', 'c', 4, 0, 0}), "203.0.113.9:4444"},
		"v2 checksum":       {withCRC(header2(0x21, 0x11, inet4(), crcTLV), 31), "203.0.113.9:4444"},
		"v2 local":          {header2(0x20, 0, nil, nil), ""},
		"v2 local, more":    {header2(0x20, 0x11, inet4(), []byte{1}), ""},
		"v2 unspec":         {header2(0x21, 0, nil, []byte{4, 0, 1, 0}), ""},
		"v2 datagram":       {header2(0x21, 0x12, inet4(), nil), ""},
		"v2 unix":           {header2(0x21, 0x31, make([]byte, 216), nil), ""},
		"no header":         {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := append(bytes.Clone(c.header), "GET / HTTP/1.1\r\n"...)
			// Byte by byte: it must always ask for more until it is settled.
			for n := 0; ; n++ {
				h, need, err := parseProxy(b[:n])
				if err != nil {
					t.Fatal(err)
				}
				if need > n && n < len(b) {
					continue
				}
				if h.size != len(c.header) || h.told != (c.client != "") || h.told && h.client.String() != c.client {
					t.Errorf("size %d of %d, %v %v", h.size, len(c.header), h.client, h.told)
				}
				return
			}
		})
	}
}

func TestMalformedProxyHeadersAreErrors(t *testing.T) {
	bad := header2(0x21, 0x11, inet4(), []byte{crcType, 0, 4, 1, 2, 3, 4})
	long := header2(0x21, 0x11, inet4(), nil)
	binary.BigEndian.PutUint16(long[14:], 0xffff)
	for name, b := range map[string][]byte{
		"v1 words":           []byte("PROXY TCP4 203.0.113.9 192.0.2.1 4444\r\n"),
		"v1 bare LF":         []byte("PROXY TCP4 203.0.113.9 192.0.2.1 4444 80\n"),
		"v1 port":            []byte("PROXY TCP4 203.0.113.9 192.0.2.1 65536 80\r\n"),
		"v1 port sign":       []byte("PROXY TCP4 203.0.113.9 192.0.2.1 +1 80\r\n"),
		"v1 leading zero":    []byte("PROXY TCP4 203.0.113.9 192.0.2.1 01 80\r\n"),
		"v1 family":          []byte("PROXY TCP4 2001:db8::9 192.0.2.1 1 80\r\n"),
		"v1 name":            []byte("PROXY TCP4 example.com 192.0.2.1 1 80\r\n"),
		"v1 other":           []byte("PROXY UDP4 203.0.113.9 192.0.2.1 1 80\r\n"),
		"v1 double space":    []byte("PROXY TCP4  203.0.113.9 192.0.2.1 1 80\r\n"),
		"v1 too long":        []byte("PROXY UNKNOWN " + strings.Repeat("x", 200) + "\r\n"),
		"v1 line feed first": []byte("PROXY \n"),
		"v2 version":         header2(0x31, 0x11, inet4(), nil),
		"v2 command":         header2(0x22, 0x11, inet4(), nil),
		"v2 family":          header2(0x21, 0x41, inet4(), nil),
		"v2 short":           header2(0x21, 0x21, inet4(), nil),
		"v2 TLV":             header2(0x21, 0x11, inet4(), []byte{2, 0, 9, 'a'}),
		"v2 TLV cut":         header2(0x21, 0x11, inet4(), []byte{2, 0}),
		"v2 checksum":        bad,
		"v2 checksum size":   header2(0x21, 0x11, inet4(), []byte{crcType, 0, 1, 1}),
		"v2 too long":        long,
	} {
		if _, need, err := parseProxy(b); err == nil || need != 0 {
			t.Errorf("%s: need %d, %v", name, need, err)
		}
	}
}

func FuzzProxyHeader(f *testing.F) {
	f.Add([]byte("PROXY TCP4 203.0.113.9 192.0.2.1 4444 80\r\nGET /"))
	f.Add([]byte("PROXY UNKNOWN\r\n"))
	f.Add(header2(0x21, 0x11, inet4(), []byte{2, 0, 3, 'a', 'b', 'c'}))
	f.Add(header2(0x21, 0x21, inet6(), nil))
	f.Add(header2(0x20, 0, nil, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, need, err := parseProxy(b)
		switch {
		case err != nil:
			return
		case need != 0:
			if need <= len(b) || need > maxHeader {
				t.Errorf("needs %d with %d", need, len(b))
			}
		case h.size > len(b) || h.told && h.size == 0 || h.told && !h.client.IsValid():
			t.Errorf("%+v of %d", h, len(b))
		}
		// What is settled stays so, whatever follows.
		if need == 0 {
			if again, _, _ := parseProxy(append(bytes.Clone(b), "more"...)); h.size > 0 && again != h {
				t.Errorf("%+v became %+v", h, again)
			}
		}
	})
}
