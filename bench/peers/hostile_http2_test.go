//go:build peers

package peers

import (
	"io"
	"math"
	"net"
	"strings"
	"testing"

	"golang.org/x/net/http2"
)

// flooding is what one connection does that sends what it may, or may not, and
// more of it than anybody would.
type flooding struct {
	name string
	n    int // connections
	// memory is what one of them may cost, in bytes.
	memory int64
	// deaf is that it reads nothing of what weir says.
	deaf  bool
	flood func(w *two) error
	// entries is that the streams of /hang have one each.
	entries bool
}

// times calls f until it fails, n times at most.
func times(n int, f func(i int) error) error {
	for i := range n {
		if err := f(i); err != nil {
			return err
		}
	}
	return nil
}

func stream(i int) uint32 { return uint32(2*i + 1) }

var floods = []flooding{
	{name: "rapid reset", n: 10, memory: 8 << 20, entries: true, flood: func(w *two) error {
		return times(10_000, func(i int) error {
			if err := w.open(stream(i), "/hang", true); err != nil {
				return err
			}
			return w.f.WriteRSTStream(stream(i), http2.ErrCodeCancel)
		})
	}},
	{name: "reset by what is wrong with a stream", n: 10, memory: 8 << 20, entries: true, flood: func(w *two) error {
		return times(10_000, func(i int) error {
			if err := w.open(stream(i), "/hang", true); err != nil {
				return err
			}
			return w.f.WriteWindowUpdate(stream(i), 0) // the server resets it (RFC 9113 section 6.9)
		})
	}},
	{name: "CONTINUATION", n: 10, memory: 2 << 20, flood: func(w *two) error {
		fields := w.fields("GET", "/small")
		if err := w.f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: fields, EndStream: true}); err != nil {
			return err
		}
		literal := strings.Repeat("\x00\x01x\x01y", 3000) // never indexed
		return times(5000, func(int) error { return w.f.WriteContinuation(1, false, []byte(literal)) })
	}},
	{name: "empty CONTINUATION", n: 10, memory: 1 << 20, flood: func(w *two) error {
		if err := w.f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: w.fields("GET", "/small"), EndStream: true}); err != nil {
			return err
		}
		return times(100_000, func(int) error { return w.f.WriteContinuation(1, false, nil) })
	}},
	{name: "PING", n: 10, memory: 2 << 20, flood: func(w *two) error {
		return times(50_000, func(int) error { return w.f.WritePing(false, [8]byte{}) })
	}},
	{name: "PING, and nothing is read", n: 10, memory: 4 << 20, deaf: true, flood: func(w *two) error {
		return times(500_000, func(int) error { return w.f.WritePing(false, [8]byte{}) })
	}},
	{name: "SETTINGS", n: 10, memory: 2 << 20, flood: func(w *two) error {
		return times(50_000, func(i int) error {
			return w.f.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: uint32(i)})
		})
	}},
	{name: "SETTINGS, and nothing is read", n: 10, memory: 4 << 20, deaf: true, flood: func(w *two) error {
		return times(500_000, func(int) error { return w.f.WriteSettings() })
	}},
	{name: "a huge HPACK table", n: 10, memory: 2 << 20, flood: func(w *two) error {
		if err := w.f.WriteSettings(http2.Setting{ID: http2.SettingHeaderTableSize, Val: math.MaxUint32}); err != nil {
			return err
		}
		return times(20, func(i int) error {
			return w.open(stream(i), "/small", true)
		})
	}},
	{name: "an HPACK bomb", n: 10, memory: 3 << 20, flood: func(w *two) error {
		fields := append(w.fields("GET", "/small"), "\x40\x01x\x7f\xa1\x1e"+strings.Repeat("v", 4000)...) // into the table, as 62
		fields = append(fields, strings.Repeat("\xbe", 10_000)...)                                        // and again and again
		return times(20, func(i int) error {
			return w.f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream(i), BlockFragment: fields, EndHeaders: true, EndStream: true})
		})
	}},
	{name: "empty DATA", n: 10, memory: 2 << 20, flood: func(w *two) error {
		if err := w.open(1, "/upload", false); err != nil {
			return err
		}
		return times(100_000, func(i int) error { return w.f.WriteData(1, i == 99_999, nil) })
	}},
	{name: "WINDOW_UPDATE", n: 10, memory: 2 << 20, flood: func(w *two) error {
		return times(100_000, func(int) error { return w.f.WriteWindowUpdate(0, 1) })
	}},
	{name: "PRIORITY", n: 10, memory: 2 << 20, flood: func(w *two) error {
		return times(100_000, func(i int) error {
			return w.f.WritePriority(stream(i), http2.PriorityParam{StreamDep: stream(i + 1), Weight: 7})
		})
	}},
	{name: "garbage", n: 50, memory: 1 << 20, flood: func(w *two) error {
		_, err := io.WriteString(w.c, strings.Repeat("\x13\x37\xff", 50_000))
		return err
	}},
}

func TestFloodsOfHTTP2HurtNobody(t *testing.T) {
	for _, f := range floods {
		t.Run(f.name, func(t *testing.T) {
			s := besiege(t, "")
			conns := s.conns(plainListener, f.n)
			ends := make([]string, f.n)
			each(conns, func(i int, c net.Conn) {
				w := newTwo(t, c)
				heard := make(chan string, 1)
				if !f.deaf {
					go func() { heard <- w.drain() }()
				}
				if err := f.flood(w); err == nil && f.deaf {
					ends[i] = "borne"
				} else if err == nil {
					_ = w.f.WriteGoAway(0, http2.ErrCodeNo, nil)
					_ = c.(*net.TCPConn).CloseWrite()
				}
				if !f.deaf {
					ends[i] = <-heard
				}
			})
			closeAll(conns)
			by := map[string]int{}
			for _, e := range ends {
				by[e]++
			}
			t.Logf("%d connections ended: %v", f.n, by)
			if f.entries {
				eventually(t, "exchanges end", func() bool { return s.in.metric("http_server_active_requests") == 0 })
				asked := int(s.hung.Load())
				t.Logf("entries: %v; the upstream was asked %d times", s.ended("/hang", asked), asked)
			}
			s.lift(bound{memory: int64(f.n) * f.memory, descriptors: f.n + 1100})
		})
	}
}

// Streams that take nothing of their answers, and streams that never send what
// they announce, hold what an exchange is carried in and end by limits.stall.
func TestStalledStreamsHurtNobody(t *testing.T) {
	const n, streams = 4, 100
	for _, c := range []struct {
		name, path string
		whole      bool
		settings   []http2.Setting
	}{
		{"a window of nothing", "/big", true, []http2.Setting{{ID: http2.SettingInitialWindowSize, Val: 0}}},
		{"a window that is never opened again", "/big", true, nil},
		{"bodies that do not come", "/upload", false, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := besiege(t, "limits: {stall: 3s}")
			conns := s.conns(plainListener, n)
			each(conns, func(_ int, conn net.Conn) {
				w := newTwo(t, conn, c.settings...)
				go w.drain()
				if err := times(streams, func(i int) error { return w.open(stream(i), c.path, c.whole) }); err != nil {
					t.Error(err)
				}
			})
			by := s.ended(c.path, n*streams)
			t.Logf("entries: %v, %.1f KiB for each stream at its most", by, float64(s.in.peak()-s.began.resident)/1024/(n*streams))
			for how := range by {
				if !strings.HasSuffix(how, "client_timeout") {
					t.Errorf("ended by %s", how)
				}
			}
			closeAll(conns)
			s.lift(bound{memory: n * streams * 256 << 10, descriptors: n*streams + 40})
		})
	}
}

// A head that stops halfway ends with limits.idle, a preface with limits.read_head.
func TestHeadsOfHTTP2ThatStopHalfwayAreCutOff(t *testing.T) {
	for _, c := range []struct {
		name string
		n    int
		send func(c net.Conn)
	}{
		{"a preface", 500, func(c net.Conn) { _, _ = io.WriteString(c, http2.ClientPreface[:20]) }},
		{"a preface and nothing", 500, func(c net.Conn) { _, _ = io.WriteString(c, http2.ClientPreface) }},
		{"a head", 500, func(c net.Conn) {
			w := newTwo(t, c)
			_ = w.f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: w.fields("GET", "/small"), EndStream: true})
		}},
		{"a frame", 500, func(c net.Conn) {
			newTwo(t, c)
			_, _ = io.WriteString(c, "\x00\x40\x00\x01")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := besiege(t, "limits: {read_head: 2s, idle: 2s}")
			conns := s.conns(plainListener, c.n)
			each(conns, func(_ int, conn net.Conn) {
				c.send(conn)
				_, _ = io.Copy(io.Discard, conn) // until weir closes
			})
			closeAll(conns)
			s.lift(bound{memory: int64(c.n) * 128 << 10, descriptors: c.n + 20})
		})
	}
}
