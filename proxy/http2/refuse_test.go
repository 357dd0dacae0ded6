package http2

import (
	"bytes"
	"net"
	"strings"
	"testing"
	"time"

	xhttp2 "golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// frames is a client that can say what net/http's would not.
type frames struct {
	t      *testing.T
	conn   net.Conn
	framer *xhttp2.Framer
	next   uint32
}

func newFrames(t *testing.T, addr string) *frames {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	f := &frames{t: t, conn: c, framer: xhttp2.NewFramer(c, c), next: 1}
	f.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	_, _ = c.Write([]byte(xhttp2.ClientPreface))
	if err := f.framer.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	return f
}

// open sends a head of name and value by turns.
func (f *frames) open(end bool, fields ...string) uint32 {
	f.t.Helper()
	var b bytes.Buffer
	enc := hpack.NewEncoder(&b)
	for i := 0; i < len(fields); i += 2 {
		_ = enc.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	id := f.next
	f.next += 2
	block := b.Bytes()
	first := block[:min(len(block), 16000)]
	if err := f.framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: id, BlockFragment: first, EndStream: end, EndHeaders: len(first) == len(block)}); err != nil {
		f.t.Fatal(err)
	}
	for rest := block[len(first):]; len(rest) > 0; {
		part := rest[:min(len(rest), 16000)]
		rest = rest[len(part):]
		if err := f.framer.WriteContinuation(id, len(rest) == 0, part); err != nil {
			f.t.Fatal(err)
		}
	}
	return id
}

// answer is the status of the response on a stream, "reset" or "closed".
func (f *frames) answer(id uint32) string {
	f.t.Helper()
	for {
		fr, err := f.framer.ReadFrame()
		if err != nil {
			return "closed"
		}
		switch fr := fr.(type) {
		case *xhttp2.MetaHeadersFrame:
			if fr.StreamID == id {
				return fr.PseudoValue("status")
			}
		case *xhttp2.RSTStreamFrame:
			if fr.StreamID == id {
				return "reset"
			}
		case *xhttp2.GoAwayFrame:
			return "closed"
		}
	}
}

func TestAmbiguousRequestsAreRefused(t *testing.T) {
	lim := Limits{HeaderCount: 20, HeaderBytes: 4000, URLBytes: 100}
	w := newWorld(t, false, lim, nil)
	head := func(method, path, authority string, more ...string) []string {
		h := []string{":method", method, ":scheme", "http", ":path", path}
		if authority != "" {
			h = append(h, ":authority", authority)
		}
		return append(h, more...)
	}
	for name, c := range map[string]struct {
		fields  []string
		open    bool
		answer  string
		outcome string
	}{
		"no host":               {head("GET", "/", ""), false, "400", MissingHost},
		"bad host":              {head("GET", "/", "a b"), false, "400", BadHost},
		"bad port":              {head("GET", "/", "a:99999"), false, "400", BadHost},
		"port without digits":   {head("GET", "/", "a:"), false, "400", BadHost},
		"port zero":             {head("GET", "/", "a:0"), false, "400", BadHost},
		"two hosts in one":      {head("GET", "/", "a,b"), false, "400", BadHost},
		"escaped host":          {head("GET", "/", "a%2eb"), false, "400", BadHost},
		"length with a zero":    {head("POST", "/", "a", "content-length", "010"), true, "400", BadContentLength},
		"length's lookalike":    {head("POST", "/", "a", "content_length", "5"), true, "400", FramingLookalike},
		"coding's lookalike":    {head("POST", "/", "a", "transfer_encoding", "chunked"), true, "400", FramingLookalike},
		"userinfo":              {head("GET", "/", "user@a"), false, "reset", "net/http: " + UserinfoInHost},
		"other host field":      {head("GET", "/", "a", "host", "b"), false, "400", HostMismatch},
		"fragment":              {head("GET", "/a#b", "a"), false, "400", BadTarget},
		"space":                 {head("GET", "/a b", "a"), false, "400", BadTarget},
		"beyond ASCII":          {head("GET", "/\xc3\xa6", "a"), false, "400", BadTarget},
		"absolute":              {head("GET", "http://b/", "a"), false, "400", BadTarget},
		"asterisk":              {head("GET", "*", "a"), false, "400", AsteriskWithoutOptions},
		"bad escape":            {head("GET", "/%zz", "a"), false, "reset", "net/http: " + BadTarget},
		"no path":               {head("GET", "", "a"), false, "reset", "net/http: " + BadTarget},
		"method with a space":   {head("GET /", "/", "a"), false, "400", BadMethod},
		"connect":               {[]string{":method", "CONNECT", ":authority", "a:443"}, false, "501", ConnectOverHTTP2},
		"two lengths":           {head("POST", "/", "a", "content-length", "5", "content-length", "6"), true, "400", DuplicateContentLength},
		"length that is none":   {head("POST", "/", "a", "content-length", "+5"), true, "400", BadContentLength},
		"length without a body": {head("POST", "/", "a", "content-length", "5"), false, "400", BadContentLength},
		"long target":           {head("GET", "/"+strings.Repeat("a", 100), "a"), false, "414", URLTooLong},
		"many fields":           {head("GET", "/", "a", strings.Split(strings.Repeat("x,y,", 21)[:83], ",")...), false, "431", TooManyHeaders},
		"large head":            {head("GET", "/", "a", "x", strings.Repeat("x", 4001)), false, "431", HeaderTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFrames(t, w.addr)
			id := f.open(!c.open, c.fields...)
			if a := f.answer(id); a != c.answer {
				t.Errorf("answered %s", a)
			}
			if o := w.outcome(t); o != c.outcome {
				t.Errorf("outcome %s", o)
			}
		})
	}
}

func TestWhatNetHTTPRefusesNeverReachesUs(t *testing.T) {
	w := newWorld(t, false, Limits{HeaderBytes: 4000}, nil)
	base := []string{":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a"}
	for name, c := range map[string]struct {
		more   []string
		answer string
	}{
		"connection field":  {[]string{"connection", "close"}, "400"},
		"transfer-encoding": {[]string{"transfer-encoding", "chunked"}, "400"},
		"te":                {[]string{"te", "gzip"}, "400"},
		"upper case":        {[]string{"X-Up", "1"}, "reset"},
		"line feed":         {[]string{"x", "a\nb"}, "reset"},
		"late pseudo":       {[]string{"x", "y", ":path", "/b"}, "reset"},
		"far too large":     {strings.Split(strings.Repeat("x "+strings.Repeat("y", 1000)+" ", 20)[:20*1003-1], " "), "431"},
		"one value too far": {[]string{"x", strings.Repeat("x", 18000)}, "closed"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFrames(t, w.addr)
			if a := f.answer(f.open(true, append(base[:8:8], c.more...)...)); a != c.answer {
				t.Errorf("answered %s", a)
			}
			select {
			case o := <-w.seen:
				t.Error("it arrived: " + o)
			default:
			}
		})
	}
}

func TestABodyThatBelongsToNoLengthIsAnError(t *testing.T) {
	for name, n := range map[string]int{"shorter": 3, "longer": 7} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, false, Limits{}, readAll{})
			f := newFrames(t, w.addr)
			id := f.open(false, ":method", "POST", ":scheme", "http", ":path", "/", ":authority", "a", "content-length", "5")
			_ = f.framer.WriteData(id, true, make([]byte, n))
			if a := f.answer(id); a != "reset" {
				t.Error(a)
			}
			if o := w.outcome(t); o == "complete" {
				t.Error(o)
			}
		})
	}
}
