package walk

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// coded is text under a coding, by encoders that are not weir's choice where the standard library has one.
func coded(t testing.TB, coding string, text []byte) []byte {
	var b bytes.Buffer
	var w io.WriteCloser
	switch coding {
	case "gzip", "x-gzip":
		w = gzip.NewWriter(&b)
	case "deflate":
		w = zlib.NewWriter(&b)
	case "deflate-bare":
		w, _ = flate.NewWriter(&b, 6)
	case "zstd":
		w, _ = zstd.NewWriter(&b)
	case "br":
		w = brotli.NewWriter(&b)
	default:
		return text
	}
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// plaintext takes a coding off again.
func plaintext(t testing.TB, coding string, body []byte) []byte {
	t.Helper()
	var r io.Reader
	var err error
	switch src := bytes.NewReader(body); coding {
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(src)
	case "deflate":
		r, err = zlib.NewReader(src)
	case "deflate-bare":
		r = flate.NewReader(src)
	case "zstd":
		r, err = zstd.NewReader(src)
	case "br":
		r = brotli.NewReader(src)
	default:
		return body
	}
	if err != nil {
		t.Fatalf("%s: %v", coding, err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("%s: %v", coding, err)
	}
	return text
}

var allCodings = []string{"identity", "gzip", "x-gzip", "deflate", "deflate-bare", "zstd", "br"}

func codedBody(coding string) BodyConfig {
	c := jsonBody()
	c.ContentEncoding = []byte(strings.TrimSuffix(coding, "-bare"))
	return c
}

const annaText = `{"user":{"email":"anna@example.dk"},"n":[1,true]}`

func hashed(name, text string) (string, bool) {
	return "<" + text[:1] + ">", name == "user.email"
}

func TestEachCodingIsTakenOffAndPutOnAgain(t *testing.T) {
	for _, coding := range allCodings {
		for _, size := range []int{0, 1, 7} {
			c := codedBody(coding)
			c.Out, c.Values = io.Discard, &listing{put: hashed}
			l, out, why := through(c, coded(t, coding, []byte(annaText)), size)
			if why != Scanned || l.String() != "user.email=anna@example.dk|n=1|n=true" {
				t.Fatalf("%s: %q %v", coding, why, l)
			}
			if got := string(plaintext(t, coding, out)); got != strings.Replace(annaText, "anna@example.dk", "<a>", 1) {
				t.Errorf("%s: %s", coding, got)
			}
		}
	}
}

func TestCodingsUponEachOtherAreTakenOffInOrder(t *testing.T) {
	c := codedBody("br, identity, GZIP , zstd")
	c.Out = io.Discard
	body := coded(t, "zstd", coded(t, "gzip", coded(t, "br", []byte(annaText))))
	l, out, why := through(c, body, 5)
	if why != Scanned || len(l.lines) != 3 {
		t.Fatalf("%q %v", why, l)
	}
	if got := plaintext(t, "br", plaintext(t, "gzip", plaintext(t, "zstd", out))); string(got) != annaText {
		t.Errorf("%s", got)
	}
	for _, list := range []string{"gzip, gzip, gzip, gzip", "compress", "gzip;q=1", "aes128gcm"} {
		if l, _, why := through(codedBody(list), body, 0); why != UnknownCoding || len(l.lines) > 0 {
			t.Errorf("%s: %q %v", list, why, l)
		}
	}
}

func TestMembersOfGzipBehindEachOtherAreOneBody(t *testing.T) {
	body := append(coded(t, "gzip", []byte(annaText[:9])), coded(t, "gzip", []byte(annaText[9:]))...)
	if l, _, why := through(codedBody("gzip"), body, 1); why != Scanned || len(l.lines) != 3 {
		t.Errorf("%q %v", why, l)
	}
}

func TestWhatIsNotWhatItsCodingSaysIsBroken(t *testing.T) {
	for _, coding := range allCodings[1:] {
		whole := coded(t, coding, []byte(annaText))
		for cut := 1; cut < len(whole); cut++ {
			if _, _, why := through(codedBody(coding), whole[:cut], 0); why != Broken {
				t.Errorf("%s cut at %d of %d: %q", coding, cut, len(whole), why)
			}
		}
		if _, _, why := through(codedBody(coding), append(whole, "anna"...), 0); why != Broken {
			t.Errorf("%s with bytes behind it: %q", coding, why)
		}
		if _, _, why := through(codedBody(coding), []byte(annaText), 0); why != Broken {
			t.Errorf("%s that is none: %q", coding, why)
		}
	}
}

func TestAnEmptyTextUnderACodingStaysOne(t *testing.T) {
	for _, coding := range allCodings[1:] {
		c := codedBody(coding)
		c.Out = io.Discard
		_, out, why := through(c, coded(t, coding, nil), 1)
		if why != Scanned {
			t.Fatalf("%s: %q", coding, why)
		}
		if got := plaintext(t, coding, out); len(got) > 0 {
			t.Errorf("%s: %q", coding, got)
		}
	}
}

// An event must not wait for the next one in a compressed stream.
func TestEventsGoOnAtOnceUnderACoding(t *testing.T) {
	const event = "data: anna@example.dk\n\n"
	for _, coding := range []string{"gzip", "deflate", "br", "zstd"} {
		var sent, out bytes.Buffer
		known, _ := codingOf([]byte(coding))
		w := (&layer{coding: known}).encoder(&sent)
		_, _ = io.WriteString(w, event)
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		c := codedBody(coding)
		c.ContentType, c.Out = []byte("text/event-stream"), &out
		c.Values = &listing{put: func(string, string) (string, bool) { return "<email>", true }}
		var b Body
		b.Begin(&c)
		_, _ = b.Write(sent.Bytes())
		r, err := openLayers([]layer{{coding: known, budget: &b}}, &out)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len("data: <email>\n\n"))
		if _, err := io.ReadFull(r, got); err != nil || string(got) != "data: <email>\n\n" {
			t.Errorf("%s: %q %v", coding, got, err)
		}
		if why := b.Close(); why != Broken {
			t.Errorf("%s without an end: %q", coding, why)
		}
	}
}

// held is how many bytes are allocated while f runs, which is no less than what is held at any time.
func held(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestABombIsToldByItsRatio(t *testing.T) {
	zeros := bytes.Repeat([]byte(" "), 24<<20)
	for _, coding := range allCodings[1:] {
		body := coded(t, coding, zeros)
		twice := coded(t, coding, body)
		c := codedBody(coding)
		c.Limits.Body = 1 << 30
		var why, nested Reason
		bytes := held(func() { _, _, why = through(c, body, 4096) })
		c.ContentEncoding = append(append(c.ContentEncoding, ','), c.ContentEncoding...)
		_, _, nested = through(c, twice, 0)
		if why != Bomb || nested != Bomb {
			t.Errorf("%s: %q, nested %q", coding, why, nested)
		}
		if bytes > 12<<20 {
			t.Errorf("%s: %d bytes were allocated", coding, bytes)
		}
	}
}

func TestWhatGrowsBeyondTheLimitIsTooLarge(t *testing.T) {
	c := codedBody("gzip")
	c.Limits.Body, c.Limits.Ratio = 1<<20, 1<<30
	if _, _, why := through(c, coded(t, "gzip", bytes.Repeat([]byte(" "), 2<<20)), 0); why != TooLarge {
		t.Errorf("%q", why)
	}
}

func TestWhatGivesNothingIsBoundedToo(t *testing.T) {
	c := codedBody("gzip")
	c.Limits.Body = 64 << 10
	if _, _, why := through(c, bytes.Repeat(coded(t, "gzip", nil), 4000), 1024); why != TooLarge {
		t.Errorf("%q", why)
	}
}

func TestAZstdFrameThatAsksForTooMuchMemoryIsABomb(t *testing.T) {
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, zstd.WithWindowSize(64<<20))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write([]byte(`{"a":1`))
	_ = w.Flush()
	_, _ = w.Write([]byte(`}`))
	_ = w.Close()
	var why Reason
	bytes := held(func() { _, _, why = through(codedBody("zstd"), b.Bytes(), 0) })
	if why != Bomb || bytes > 4<<20 {
		t.Errorf("%q, %d bytes were allocated", why, bytes)
	}
}

// What a decoder remembers is bounded by the largest window that is let through.
func TestDecodersHoldNoMoreThanTheirWindows(t *testing.T) {
	text := append([]byte(`["`), bytes.Repeat([]byte(`anna","`), 1<<20)...)
	text = append(text[:len(text)-2], ']')
	var zstandard, brotlied bytes.Buffer
	z, err := zstd.NewWriter(&zstandard, zstd.WithWindowSize(window))
	if err != nil {
		t.Fatal(err)
	}
	b := brotli.NewWriterOptions(&brotlied, brotli.WriterOptions{Quality: 5, LGWin: 24})
	for part := range slices.Chunk(text, 64<<10) {
		_, _ = z.Write(part)
		_, _ = b.Write(part)
	}
	_, _ = z.Close(), b.Close()
	for coding, body := range map[string][]byte{"zstd": zstandard.Bytes(), "br": brotlied.Bytes()} {
		c := codedBody(coding)
		c.Limits.Ratio, c.Limits.Values, c.Values = 1<<30, 1<<30, unmoved{}
		var w Body
		w.Begin(&c)
		var why Reason
		bytes := held(func() { _, _ = w.Write(body); why = w.Close() })
		if why != Scanned || bytes > 3*window {
			t.Errorf("%s: %q, %d bytes were allocated", coding, why, bytes)
		}
	}
}

// A decoder that is not at its end must not stay behind a body.
func TestNoDecoderOutlivesItsBody(t *testing.T) {
	before := runtime.NumGoroutine()
	var b Body
	for range 100 {
		c := codedBody("gzip")
		c.Values = &listing{}
		b.Begin(&c)
		_, _ = b.Write(coded(t, "gzip", []byte(annaText))[:20])
	}
	_ = b.Close()
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, before %d", after, before)
	}
}

func FuzzAnyBytesUnderACoding(f *testing.F) {
	for i, coding := range allCodings {
		f.Add(byte(i), coded(f, coding, []byte(annaText)))
	}
	f.Fuzz(func(t *testing.T, which byte, body []byte) {
		c := codedBody(allCodings[int(which)%len(allCodings)])
		c.Limits.Body = 1 << 20
		whole, _, why := through(c, body, 0)
		single, _, whySingle := through(c, body, 1)
		if (why == Scanned) != (whySingle == Scanned) || why == Scanned && whole.String() != single.String() {
			t.Fatalf("%q %v whole, %q %v in single bytes", why, whole, whySingle, single)
		}
	})
}
