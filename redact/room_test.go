package redact

import (
	"bytes"
	"compress/gzip"
	"io"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"weir/redact/category"
	"weir/redact/raw"
)

func TestWindowsAreReadFromWhatABodyBeginsWith(t *testing.T) {
	for bits := 10; bits <= 24; bits++ {
		var b bytes.Buffer
		w := brotli.NewWriterOptions(&b, brotli.WriterOptions{Quality: 5, LGWin: bits})
		_, _ = w.Write(bytes.Repeat([]byte("x"), 100))
		_ = w.Close()
		if got := brotliOf(b.Bytes()); got != 1<<bits {
			t.Errorf("brotli's %d bits are %d bytes", bits, got)
		}
	}
	for size := 1 << 10; size <= 8<<20; size *= 2 {
		var b bytes.Buffer
		w, err := zstd.NewWriter(&b, zstd.WithWindowSize(size), zstd.WithSingleSegment(false))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write(bytes.Repeat([]byte("x"), 100))
		_ = w.Flush()
		_, _ = w.Write(bytes.Repeat([]byte("y"), 100))
		_ = w.Close()
		if got := standardOf(b.Bytes()); got != int64(size) {
			t.Errorf("a window of %d bytes is read as %d", size, got)
		}
	}
	if brotliOf(nil) != brotliWindow || standardOf([]byte("\x28\xb5")) != standardWindow {
		t.Error("what does not tell is taken for small")
	}
	for _, c := range []struct {
		codings, first   string
		least, most, own int64
	}{
		{"identity", "", 0, decoderSize, 0},
		{"", "{}", 0, 0, 0},
		{"br, zstd, gzip", "", brotliWindow + standardWindow, 32 << 20, 0},
		{"zstd, identity", "\x28\xb5\x2f\xfd\x00\x00", standardWindow, 16 << 20, 0},
		{"gzip, zstd", "\x28\xb5\x2f\xfd\x00\x00", 1 << 10, 1 << 20, 1 << 10},
	} {
		if n, own := decoding([]byte(c.codings), []byte(c.first)); n < c.least || n > c.most || own != c.own {
			t.Errorf("%s: %d bytes, of which %d are told", c.codings, n, own)
		}
	}
}

// frameOfZstd is a frame that asks for a window of 1 KiB times a power of two.
func frameOfZstd(exponent byte, text string) string {
	return "\x28\xb5\x2f\xfd\x00" + string([]byte{exponent << 3, byte(len(text))<<3 | 1, 0, 0}) + text
}

func TestALaterFrameGetsNoMoreThanTheFirstAskedFor(t *testing.T) {
	b := newBed(t, seeking(category.Email))
	for second, why := range map[byte]any{0: nil, 13: "bomb"} {
		for first := range byte(2) {
			x := request("POST / HTTP\nContent-Type: application/json\nContent-Encoding: zstd", "HTTP/1.1 204 No")
			body := frameOfZstd(first, `{"a":`) + frameOfZstd(second, `"b"}`)
			x.Request.Framing, x.Request.Whole, x.Request.BodyBytes = raw.Length, true, int64(len(body))
			x.Response.Whole, x.Response.BodyBytes = true, 0
			_, o := b.Begin(x)
			o.(raw.Taps).RequestBody([]byte(body))
			o.Observe(x)
			expect(t, b.last(t), map[string]any{"http.request.body.unscanned": why})
		}
	}
}

func TestBodiesThatFindNoRoomAreToldOf(t *testing.T) {
	b := newBed(t, seeking(category.Email))
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = io.WriteString(w, `{"email":"anna@example.dk"}`)
	_ = w.Close()
	b.room.left.Store(3 * decoderSize / 2)
	body := z.String()
	begin := func() (*raw.Exchange, raw.Taps) {
		x := request("POST / HTTP\nContent-Type: application/json\nContent-Encoding: gzip", "HTTP/1.1 204 No")
		x.Request.Framing, x.Request.Whole, x.Request.BodyBytes = raw.Length, true, int64(len(body))
		x.Response.Whole, x.Response.BodyBytes = true, 0
		_, o := b.Begin(x)
		return x, o.(raw.Taps)
	}
	first, one := begin()
	second, two := begin()
	if !one.RequestBody([]byte(body)) || two.RequestBody([]byte(body)) {
		t.Error("room for two, or for none")
	}
	one.Observe(first)
	expect(t, b.last(t), map[string]any{"http.request.body.unscanned": nil, "flow.visibility": "full"})
	two.Observe(second)
	expect(t, b.last(t), map[string]any{"http.request.body.unscanned": "busy", "flow.visibility": "headers", "subjects": nil})
	third, again := begin()
	if !again.RequestBody([]byte(body)) {
		t.Error("room is not given back")
	}
	again.Observe(third)
	if left := b.room.left.Load(); left != 3*decoderSize/2 {
		t.Errorf("%d bytes are left", left)
	}
}

func TestRoomIsGivenBackWhereTheWalkIsOver(t *testing.T) {
	b := newBed(t, seeking(category.Email))
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = io.WriteString(w, `{"email":"anna@example.dk"}`)
	_ = w.Close()
	for body, why := range map[string]any{z.String(): nil, "no gzip": "broken"} {
		x := request("POST / HTTP\nContent-Type: application/json\nContent-Encoding: gzip", "HTTP/1.1 204 No")
		x.Request.Framing, x.Request.ContentLength = raw.Length, int64(len(body))
		x.Request.Whole, x.Request.BodyBytes = true, int64(len(body))
		x.Response.Whole, x.Response.BodyBytes = true, 0
		_, o := b.Begin(x)
		before := b.room.left.Load()
		if o.(raw.Taps).RequestBody([]byte(body)) {
			t.Error("more is wanted than there is")
		}
		if left := b.room.left.Load(); left != before {
			t.Errorf("%d bytes are left of %d", left, before)
		}
		o.Observe(x)
		expect(t, b.last(t), map[string]any{"http.request.body.unscanned": why})
		if left := b.room.left.Load(); left != before {
			t.Errorf("%d bytes are left of %d behind the exchange", left, before)
		}
	}
}
