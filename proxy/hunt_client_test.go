package proxy

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	xhttp2 "golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// The protocols that a client speaks.
const (
	http10 = iota
	http11
	http2x
)

// way is one through weir: who speaks what to which listener, and where it leads.
type way struct {
	name     string
	client   int
	tls      bool
	forward  bool   // to the forward listener, by absolute-form
	named    bool   // by absolute-form to a reverse listener
	upstream string // "http", "tls" or "two"
	proxy    int    // version of the PROXY header before it, 0 for none
}

// direct is a client whose word on its address is believed, proxied one behind a
// PROXY header, whose is not.
func (w *way) direct() bool  { return w.proxy == 0 }
func (w *way) proxied() bool { return w.proxy != 0 }

const (
	plainListener = iota
	secureListener
	forwardListener
)

func (w *way) listener() int {
	switch {
	case w.forward:
		return forwardListener
	case w.tls:
		return secureListener
	}
	return plainListener
}

// dial connects to a listener of weir's, with a PROXY header where the way has one.
func (r *rig) dial(t *testing.T, w *way) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", r.addresses[w.listener()+1])
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	_, _ = c.Write(r.proxyHeader(w.proxy))
	if !w.tls {
		return c
	}
	cfg := &tls.Config{RootCAs: r.origins.ca.pool(), ServerName: "www.hunt.example", NextProtos: []string{"http/1.1"}}
	cfg.Certificates = []tls.Certificate{r.origins.ca.leaf(t, r.flock.put("name in a client's certificate", token)+".hunt.example")}
	if w.client == http2x {
		cfg.NextProtos = []string{"h2"}
	}
	s := tls.Client(c, cfg)
	if err := s.Handshake(); err != nil {
		t.Fatal(err)
	}
	return s
}

// proxyHeader is one with canaries for addresses, and as TLVs.
func (r *rig) proxyHeader(version int) []byte {
	from, to := r.flock.put("PROXY source", ip4), r.flock.put("PROXY destination", ip4)
	switch version {
	case 1:
		return fmt.Appendf(nil, "PROXY TCP4 %s %s 4711 443\r\n", from, to)
	case 6:
		return fmt.Appendf(nil, "PROXY TCP6 %s %s 4711 443\r\n", r.flock.put("PROXY source", ip6), r.flock.put("PROXY destination", ip6))
	case 2:
		var rest []byte
		for _, a := range []string{from, to} {
			b := netip.MustParseAddr(a).As4()
			rest = append(rest, b[:]...)
		}
		rest = append(rest, 0x12, 0x67, 1, 0xbb)
		for _, kind := range []byte{1, 2, 5, 0xe0} { // ALPN, authority, unique id, custom
			v := r.flock.put("PROXY TLV", mail)
			rest = append(append(rest, kind, 0, byte(len(v))), v...)
		}
		return append(append([]byte("\r\n\r\n\x00\r\nQUIT\n\x21\x11"), byte(len(rest)>>8), byte(len(rest))), rest...)
	}
	return nil
}

// send sends m and returns all that comes back.
func (r *rig) send(t *testing.T, w *way, m *message) []byte {
	t.Helper()
	c := r.dial(t, w)
	defer c.Close()
	if w.client == http2x {
		return streamed(t, c, m)
	}
	if _, err := c.Write(m.request(w)); err != nil {
		t.Fatal(err)
	}
	return answer(t, c, m.method)
}

// request is m as HTTP/1.x writes it.
func (m *message) request(w *way) []byte {
	target := m.target()
	if w.absolute() {
		user := ""
		if m.userinfo != "" {
			user = m.userinfo + "@"
		}
		target = "http://" + user + m.host + target
	}
	var b bytes.Buffer
	if w.client == http10 {
		fmt.Fprintf(&b, "%s %s HTTP/1.0\r\nHost: %s\r\n%sContent-Length: %d\r\n\r\n%s", m.method, target, m.host, lines(m.header), len(m.body), m.body)
		return b.Bytes()
	}
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n%sTransfer-Encoding: chunked\r\n\r\n%s", m.method, target, m.host, lines(m.header), m.chunks())
	return b.Bytes()
}

func (m *message) target() string {
	if m.query == "" {
		return m.path
	}
	return m.path + "?" + m.query
}

// answer reads one response and all 1xx before it.
func answer(t *testing.T, c net.Conn, method string) []byte {
	t.Helper()
	var all bytes.Buffer
	in := bufio.NewReader(io.TeeReader(c, &all))
	for {
		resp, err := http.ReadResponse(in, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("no answer: %v after %q", err, all.String())
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Fatalf("broken answer: %v after %q", err, all.String())
		}
		if resp.StatusCode >= 200 || resp.StatusCode == 101 {
			return all.Bytes()
		}
	}
}

// frames writes a stream that net/http's client would not.
type frames struct {
	*xhttp2.Framer
	block bytes.Buffer
	enc   *hpack.Encoder
}

func newFrames(c net.Conn) *frames {
	f := &frames{Framer: xhttp2.NewFramer(c, c)}
	f.enc = hpack.NewEncoder(&f.block)
	f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	f.MaxHeaderListSize = 1 << 20
	_, _ = io.WriteString(c, xhttp2.ClientPreface)
	_ = f.WriteSettings()
	return f
}

// fields sends a block of names and values.
func (f *frames) fields(id uint32, end bool, all []line) {
	f.block.Reset()
	for _, l := range all {
		_ = f.enc.WriteField(hpack.HeaderField{Name: l.name, Value: l.value})
	}
	part := f.block.Next(16000)
	_ = f.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: id, BlockFragment: part, EndStream: end, EndHeaders: f.block.Len() == 0})
	for f.block.Len() > 0 {
		part = f.block.Next(16000)
		_ = f.WriteContinuation(id, f.block.Len() == 0, part)
	}
}

// streamed sends m as the first stream of an HTTP/2 connection, and returns what
// came back as text.
func streamed(t *testing.T, c net.Conn, m *message) []byte {
	t.Helper()
	f := newFrames(c)
	head := []line{{":method", m.method}, {":scheme", "http"}, {":authority", m.host}, {":path", m.target()}}
	f.fields(1, false, append(head, lowered(m.header)...))
	_ = f.WriteData(1, len(m.trailer) == 0, []byte(m.body))
	if len(m.trailer) > 0 {
		f.fields(1, true, lowered(m.trailer))
	}
	text, err := f.collect(1)
	if err != nil {
		t.Fatalf("%v after %q", err, text)
	}
	return text
}

// collect reads until the stream has ended. A reset is no error, but told.
func (f *frames) collect(id uint32) ([]byte, error) {
	var all bytes.Buffer
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return all.Bytes(), err
		}
		switch frame := frame.(type) {
		case *xhttp2.SettingsFrame:
			if !frame.IsAck() {
				_ = f.WriteSettingsAck()
			}
		case *xhttp2.MetaHeadersFrame:
			for _, h := range frame.Fields {
				fmt.Fprintf(&all, "%s: %s\n", h.Name, h.Value)
			}
			if frame.StreamEnded() {
				return all.Bytes(), nil
			}
		case *xhttp2.DataFrame:
			all.Write(frame.Data())
			if frame.StreamEnded() {
				return all.Bytes(), nil
			}
		case *xhttp2.RSTStreamFrame:
			fmt.Fprintf(&all, "reset %v\n", frame.ErrCode)
			return all.Bytes(), nil
		case *xhttp2.GoAwayFrame:
			fmt.Fprintf(&all, "goaway %v %s\n", frame.ErrCode, frame.DebugData())
			if frame.LastStreamID < id {
				return all.Bytes(), nil
			}
		}
	}
}

// connect opens a tunnel through the forward listener.
func (r *rig) connect(t *testing.T, target, fields string) net.Conn {
	t.Helper()
	c := r.dial(t, &way{forward: true})
	fmt.Fprintf(c, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", target, target, fields)
	resp, err := http.ReadResponse(bufio.NewReaderSize(oneByte{c}, 16), &http.Request{Method: "CONNECT"})
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%s: %v %v", target, resp, err)
	}
	return c
}

// lowered has names as HTTP/2 wants them.
func lowered(all []line) []line {
	low := make([]line, len(all))
	for i, l := range all {
		low[i] = line{strings.ToLower(l.name), l.value}
	}
	return low
}
