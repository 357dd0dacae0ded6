package intercept

import (
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"weir/proxy/listen"
)

// helloOf returns what a client of crypto/tls sends first.
func helloOf(t testing.TB, cfg *tls.Config) []byte {
	t.Helper()
	client, server := net.Pipe()
	defer server.Close()
	go func() {
		_ = tls.Client(client, cfg).Handshake()
		_ = client.Close()
	}()
	head := make([]byte, 5)
	if _, err := io.ReadFull(server, head); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, binary.BigEndian.Uint16(head[3:]))
	if _, err := io.ReadFull(server, b); err != nil {
		t.Fatal(err)
	}
	return append(head, b...)
}

// recut puts the payload of one record into records of size bytes.
func recut(record []byte, size int) []byte {
	var out []byte
	for part := range slices.Chunk(record[5:], size) {
		out = append(out, 22, 3, 1)
		out = binary.BigEndian.AppendUint16(out, uint16(len(part)))
		out = append(out, part...)
	}
	return out
}

// made is a ClientHello with the given extensions, each a type and its data.
func made(extensions ...[]byte) []byte {
	body := append([]byte{3, 3}, make([]byte, 32)...)
	body = append(body, 0, 0, 2, 0x13, 0x01, 1, 0)
	all := slices.Concat(extensions...)
	body = binary.BigEndian.AppendUint16(body, uint16(len(all)))
	body = append(body, all...)
	msg := append([]byte{1, 0}, byte(len(body)>>8), byte(len(body)))
	msg = append(msg, body...)
	record := binary.BigEndian.AppendUint16([]byte{22, 3, 1}, uint16(len(msg)))
	return append(record, msg...)
}

func ext(kind uint16, data ...byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, kind)
	b = binary.BigEndian.AppendUint16(b, uint16(len(data)))
	return append(b, data...)
}

func sni(name string) []byte {
	n := len(name)
	return ext(extServerName, append([]byte{0, byte(n + 3), 0, 0, byte(n)}, name...)...)
}

func read(b []byte) (Hello, state) {
	var r reader
	return r.hello, r.feed(b)
}

func TestAHelloIsReadHoweverItIsCut(t *testing.T) {
	b := helloOf(t, &tls.Config{ServerName: "www.example.com", NextProtos: []string{"h2", "http/1.1", "x"}})
	want := Hello{ServerName: Name{"www.example.com"}, H2: true, HTTP1: true, OtherALPN: true, Version: tls.VersionTLS13}
	for _, size := range []int{1, 2, 3, 5, 100, len(b)} {
		cut := append(recut(b, size), "application data"...)
		for _, step := range []int{1, 7, len(cut)} {
			var r reader
			var s state
			for part := range slices.Chunk(cut, step) {
				s = r.feed(part)
			}
			if s != complete || r.hello != want {
				t.Errorf("records of %d, reads of %d: %v %+v", size, step, s, r.hello == want)
			}
		}
	}
}

func TestOldClientsAndNamelessOnesAreRead(t *testing.T) {
	var r reader
	b := helloOf(t, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12})
	if s := r.feed(b); s != complete || r.hello != (Hello{Version: tls.VersionTLS12}) {
		t.Error(s, r.hello.Version)
	}
	short := append([]byte{3, 1}, make([]byte, 32)...)
	short = append(short, 0, 0, 2, 0, 5, 1, 0) // no extensions at all
	if h, ok := parseHello(short); !ok || h.Version != tls.VersionTLS10 {
		t.Error(ok, h.Version)
	}
}

func TestEncryptedClientHelloLeavesNoName(t *testing.T) {
	for _, order := range [][][]byte{{sni("public.example"), ext(extECH, 0, 0, 1)}, {ext(extECH, 0, 0, 1), sni("public.example")}, {ext(extESNI), sni("x")}} {
		var r reader
		if s := r.feed(made(order...)); s != complete || !r.hello.ECH || r.hello.ServerName.Len() != 0 {
			t.Error(s, r.hello.ECH, r.hello.ServerName.Len())
		}
	}
}

func TestAServerNameThatIsNoHostNameIsNone(t *testing.T) {
	for _, name := range []string{"a b", "x\x00y", "naïve.example", "a\r\nb", "a/b", strings.Repeat("a", 254-3)} {
		var r reader
		s := r.feed(made(sni(name)))
		if len(name) < 250 && (s != complete || r.hello.ServerName.Len() != 0) {
			t.Errorf("%q: %v %q", name, s, r.hello.ServerName.Peek())
		}
	}
}

func TestMalformedHellosAreToldFromOtherProtocols(t *testing.T) {
	good := made(sni("a.example"))
	for name, c := range map[string]struct {
		b    []byte
		want state
	}{
		"http":                 {[]byte("GET / HTTP/1.1\r\n"), notTLS},
		"ssh":                  {[]byte("SSH-2.0-x\r\n"), notTLS},
		"alert":                {[]byte{21, 3, 1, 0, 2, 1, 0}, notTLS},
		"other version":        {[]byte{22, 2, 0}, notTLS},
		"empty record":         {[]byte{22, 3, 1, 0, 0}, notTLS},
		"record too long":      {[]byte{22, 3, 1, 0xff, 0xff}, notTLS},
		"server hello":         {[]byte{22, 3, 1, 0, 4, 2, 0, 0, 0}, malformed},
		"hello too long":       {[]byte{22, 3, 1, 0, 4, 1, 1, 0, 0}, malformed},
		"alert in the middle":  {append(recut(good, 20)[:25], 21, 3, 1, 0, 2, 1, 0), malformed},
		"name twice":           {made(sni("a"), sni("b")), malformed},
		"two names in a list":  {made(ext(extServerName, 0, 8, 0, 0, 1, 'a', 0, 0, 1, 'b')), malformed},
		"empty name":           {made(ext(extServerName, 0, 3, 0, 0, 0)), malformed},
		"list longer than ext": {made(ext(extServerName, 0, 9, 0, 0, 1, 'a')), malformed},
		"empty ALPN name":      {made(ext(extALPN, 0, 1, 0)), malformed},
		"odd versions":         {made(ext(extSupportedVersions, 3, 3, 4, 3)), malformed},
		"unfinished":           {good[:len(good)-1], reading},
		"nothing":              {nil, reading},
	} {
		if _, s := read(c.b); s != c.want {
			t.Errorf("%s: %v, want %v", name, s, c.want)
		}
	}
}

func TestGreaseIsNotTakenForAVersion(t *testing.T) {
	var r reader
	r.feed(made(ext(extSupportedVersions, 6, 0x7a, 0x7a, 3, 4, 3, 3)))
	if r.hello.Version != tls.VersionTLS13 {
		t.Error(r.hello.Version)
	}
}

func TestNamesPrintAsAPlaceholder(t *testing.T) {
	h := Hello{ServerName: Name{"canary.example"}}
	for _, s := range []string{fmt.Sprint(h), fmt.Sprintf("%+v %#v %s %q %x %d", h, h, h.ServerName, h.ServerName, h.ServerName, h.ServerName), fmt.Sprint(&h),
		fmt.Sprintf("%#v", Result{Hello: h})} {
		if strings.Contains(s, "canary") || strings.Contains(s, fmt.Sprintf("%x", "canary")) {
			t.Error(s)
		}
	}
}

// pair returns both ends of a TCP connection, the second peekable.
func pair(t testing.TB) (*net.TCPConn, *listen.Conn) {
	t.Helper()
	l, err := listen.Listen(listen.Config{Address: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = c.Close(), s.Close() })
	return c.(*net.TCPConn), s
}

func FuzzHello(f *testing.F) {
	hello := helloOf(f, &tls.Config{ServerName: "www.example.com", NextProtos: []string{"h2", "http/1.1"}})
	f.Add(hello, 1)
	f.Add(recut(hello, 7), 13)
	f.Add(made(sni("a.example"), ext(extECH, 0)), 5)
	f.Add(made(ext(extSupportedVersions, 6, 0x7a, 0x7a, 3, 4, 3, 3)), 100)
	f.Add([]byte("GET / HTTP/1.1\r\n"), 3)
	f.Fuzz(func(t *testing.T, b []byte, step int) {
		var whole, parts reader
		whole.feed(b)
		if step < 1 {
			step = 1
		}
		for part := range slices.Chunk(b, step) {
			parts.feed(part)
		}
		if whole.state != parts.state || whole.hello != parts.hello {
			t.Error("the way it is cut makes a difference")
		}
		if h := whole.hello; whole.state != complete && h != (Hello{}) || h.ECH && h.ServerName.Len() > 0 || !hostName([]byte(h.ServerName.Peek())) {
			t.Error("more is said than was seen")
		}
		if whole.state != reading && whole.msg != nil || len(whole.msg) > MaxHello+4 {
			t.Error("too much is held")
		}
	})
}
