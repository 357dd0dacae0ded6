//go:build peers

package peers

import (
	"bytes"
	"io"
	"net"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// two is a client of HTTP/2 that does what it is told, which no library would.
type two struct {
	t    testing.TB
	c    net.Conn
	f    *http2.Framer
	head bytes.Buffer
	enc  *hpack.Encoder
}

// newTwo greets; settings are those that it tells.
func newTwo(t testing.TB, c net.Conn, settings ...http2.Setting) *two {
	t.Helper()
	w := &two{t: t, c: c, f: http2.NewFramer(c, c)}
	w.enc = hpack.NewEncoder(&w.head)
	w.f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	w.f.AllowIllegalWrites = true
	_, _ = io.WriteString(c, http2.ClientPreface)
	_ = w.f.WriteSettings(settings...)
	return w
}

// fields encodes a head.
func (w *two) fields(method, path string, more ...string) []byte {
	w.head.Reset()
	all := append([]string{":method", method, ":scheme", "http", ":path", path, ":authority", "www.x.example"}, more...)
	for i := 0; i < len(all); i += 2 {
		_ = w.enc.WriteField(hpack.HeaderField{Name: all[i], Value: all[i+1]})
	}
	return bytes.Clone(w.head.Bytes())
}

// open sends a request's head; whole is that nothing follows it.
func (w *two) open(stream uint32, path string, whole bool) error {
	method := "GET"
	if !whole {
		method = "POST"
	}
	return w.f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: w.fields(method, path), EndHeaders: true, EndStream: whole})
}

// answered reads until a stream has ended, acknowledging settings, and returns
// the status; "" is a reset.
func (w *two) answered(stream uint32) (status string) {
	w.t.Helper()
	for {
		f, err := w.f.ReadFrame()
		if err != nil {
			w.t.Fatal(err)
		}
		switch f := f.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() {
				_ = w.f.WriteSettingsAck()
			}
		case *http2.MetaHeadersFrame:
			if f.StreamID == stream {
				status = f.PseudoValue("status")
			}
		case *http2.RSTStreamFrame:
			if f.StreamID == stream {
				return ""
			}
		}
		if h := f.Header(); h.StreamID == stream && h.Flags.Has(http2.FlagDataEndStream) && (h.Type == http2.FrameData || h.Type == http2.FrameHeaders) {
			return status
		}
	}
}

// drain reads until the connection ends and returns how: the code of a GOAWAY,
// or that there was none.
func (w *two) drain() string {
	how := "closed"
	for {
		f, err := w.f.ReadFrame()
		if err != nil {
			return how
		}
		if g, ok := f.(*http2.GoAwayFrame); ok {
			how = g.ErrCode.String()
		}
	}
}
