package walk

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"weir/redact/raw"
)

// wsFrame is a frame; first is its first byte.
func wsFrame(masked bool, first byte, payload string) []byte {
	b := []byte{first, 0}
	switch n := len(payload); {
	case n > 0xFFFF:
		b[1] = 127
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	case n > 125:
		b[1] = 126
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	default:
		b[1] = byte(n)
	}
	if !masked {
		return append(b, payload...)
	}
	b[1] |= 0x80
	key := [4]byte{1, 2, 3, byte(len(payload))}
	text := []byte(payload)
	mask(text, key, 0)
	return append(append(b, key[:]...), text...)
}

// framesOf reads frames again: the first byte of each, and its payload.
func framesOf(t testing.TB, b []byte) (all []string) {
	for len(b) > 0 {
		n := headerSize(b[1])
		length := int(b[1] & 0x7F)
		switch length {
		case 126:
			length = int(binary.BigEndian.Uint16(b[2:]))
		case 127:
			length = int(binary.BigEndian.Uint64(b[2:]))
		}
		if n+length > len(b) {
			t.Fatalf("a frame of %d bytes in %d", n+length, len(b))
		}
		payload := append([]byte(nil), b[n:n+length]...)
		if b[1]&0x80 != 0 {
			mask(payload, [4]byte(b[n-4:n]), 0)
		}
		all = append(all, fmt.Sprintf("%x:%s", b[0], payload))
		b = b[n+length:]
	}
	return all
}

// throughFrames walks b in pieces of size bytes, all at once where it is 0.
func throughFrames(c FramesConfig, b []byte, size int) (*listing, []byte, Reason) {
	l, out := &listing{}, &bytes.Buffer{}
	if given, ok := c.Values.(*listing); ok {
		l.put = given.put
	}
	c.Values, c.Out = l, out
	var f Frames
	f.Begin(&c)
	for len(b) > 0 {
		n := len(b)
		if size > 0 {
			n = min(n, size)
		}
		_, _ = f.Write(b[:n])
		b = b[n:]
	}
	why := f.Close()
	return l, out.Bytes(), why
}

func clients(frames ...[]byte) []byte { return bytes.Join(frames, nil) }

var frameCases = []struct {
	name string
	b    []byte
	want string
	why  Reason
}{
	{"JSON and text", clients(wsFrame(true, 0x81, `{"user":{"email":"anna@example.dk"}}`), wsFrame(true, 0x81, "hej")), "user.email=anna@example.dk|=hej", Scanned},
	{"fragments", clients(wsFrame(true, 0x01, `{"a":`), wsFrame(true, 0x00, ""), wsFrame(true, 0x80, `"b"}`)), "a=b", Scanned},
	{"control frames between fragments", clients(wsFrame(true, 0x89, ""), wsFrame(true, 0x01, `{"a":`), wsFrame(true, 0x8A, "x"), wsFrame(true, 0x80, `"b"}`), wsFrame(true, 0x88, "\x03\xe8")), "a=b", Scanned},
	{"long frames", clients(wsFrame(true, 0x81, strings.Repeat("a ", 100)), wsFrame(true, 0x81, `["`+strings.Repeat("a", 20000)+`","`+strings.Repeat("b", 30000)+`","`+strings.Repeat("c", 30000)+`"]`)),
		"=" + strings.Repeat("a ", 100) + "|=" + strings.Repeat("a", 20000) + "|=" + strings.Repeat("b", 30000) + "|=" + strings.Repeat("c", 30000), Scanned},
	{"an empty message", wsFrame(true, 0x81, ""), "", Scanned},
	{"nothing", nil, "", Scanned},
	{"a binary message", clients(wsFrame(true, 0x02, "\x00"), wsFrame(true, 0x80, "\x01"), wsFrame(true, 0x81, "hej")), "=hej", UnknownType},
	{"a compressed message", clients(wsFrame(true, 0xC1, "\x00"), wsFrame(true, 0x81, "hej")), "=hej", UnknownCoding},
	{"a message that is too large", clients(wsFrame(true, 0x01, strings.Repeat("x", 90000)), wsFrame(true, 0x00, strings.Repeat("x", 20000)), wsFrame(true, 0x80, "x"), wsFrame(true, 0x81, "hej")), "=hej", TooLarge},
	{"an end in a message", clients(wsFrame(true, 0x01, "anna"), wsFrame(true, 0x88, "")), "", Broken},

	{"a server's frame", wsFrame(false, 0x81, "hej"), "", Broken},
	{"half a frame", wsFrame(true, 0x81, "hej")[:8], "", Broken},
	{"half a header", wsFrame(true, 0x81, "hej")[:1], "", Broken},
	{"half a message", wsFrame(true, 0x01, "hej"), "", Broken},
	{"a continuation of nothing", wsFrame(true, 0x80, "hej"), "", Broken},
	{"a message in a message", clients(wsFrame(true, 0x01, "a"), wsFrame(true, 0x81, "b")), "", Broken},
	{"a control frame in parts", wsFrame(true, 0x09, ""), "", Broken},
	{"a long control frame", wsFrame(true, 0x89, strings.Repeat("x", 126)), "", Broken},
	{"an unknown opcode", wsFrame(true, 0x83, ""), "", Broken},
	{"text that is none", wsFrame(true, 0x81, "\xff"), "", Broken},
	{"a length beyond all", []byte("\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00"), "", Broken},
}

func TestTextMessagesAreWalked(t *testing.T) {
	for _, x := range frameCases {
		for _, size := range []int{0, 1, 3} {
			l, out, why := throughFrames(FramesConfig{Kind: raw.RequestBody, Limits: Limits{Message: 100000}}, x.b, size)
			if why != x.why || why != Broken && l.String() != x.want {
				t.Fatalf("%s, pieces of %d: %q %.200v", x.name, size, why, l)
			}
			if why != Broken && len(framesOf(t, out)) != len(framesOf(t, x.b)) {
				t.Errorf("%s, pieces of %d: %d bytes went on", x.name, size, len(out))
			}
		}
	}
}

func TestFramesOfTheServerAreNotMasked(t *testing.T) {
	put := strings.Repeat("x", 70000)
	c := FramesConfig{Kind: raw.ResponseBody, Values: &listing{put: func(string, string) (string, bool) { return put, true }}}
	body := clients(wsFrame(false, 0x01, "an"), wsFrame(false, 0x89, "!"), wsFrame(false, 0x80, "na"), wsFrame(false, 0x81, `{"a":1}`), wsFrame(false, 0x82, "\x00"))
	l, out, why := throughFrames(c, body, 1)
	if why != UnknownType || l.String() != "=anna|a=1" {
		t.Fatalf("%q %v", why, l)
	}
	if got, want := strings.Join(framesOf(t, out), " "), `89:! 81:`+put+` 81:{"a":"`+put+`"} 82:`+"\x00"; got != want {
		t.Errorf("%.300s", got)
	}
}

func TestFramesWithoutAPayloadHoldLittle(t *testing.T) {
	for _, out := range []io.Writer{nil, io.Discard} {
		var f Frames
		f.Begin(&FramesConfig{Kind: raw.RequestBody, Values: &listing{}, Out: out})
		_, _ = f.Write(wsFrame(true, 0x01, "hej"))
		empty := bytes.Repeat(wsFrame(true, 0x00, ""), 1000)
		for range 200 {
			_, _ = f.Write(empty)
			if out == nil && cap(f.held.bytes) > 0 || cap(f.held.bytes) > 1<<20 {
				t.Fatalf("%d bytes are held", cap(f.held.bytes))
			}
		}
		_, _ = f.Write(wsFrame(true, 0x80, ""))
		if why := f.Close(); why != TooMany {
			t.Errorf("%q", why)
		}
	}
}

func TestAMessageOfTooManyFramesGoesOnAsItIs(t *testing.T) {
	body := clients(wsFrame(true, 0x01, "a"), wsFrame(true, 0x00, "n"), wsFrame(true, 0x00, "n"), wsFrame(true, 0x80, "a"), wsFrame(true, 0x01, "b"), wsFrame(true, 0x80, "o"))
	l, out, why := throughFrames(FramesConfig{Kind: raw.RequestBody, Limits: Limits{Values: 2}}, body, 1)
	if why != TooMany || l.String() != "=bo" || !bytes.Equal(out, body) {
		t.Errorf("%q %v", why, l)
	}
}

func TestATextMessageBeyondAValueIsWalkedInParts(t *testing.T) {
	c := FramesConfig{Kind: raw.RequestBody, Limits: Limits{Value: 10}, Values: &listing{put: func(_, text string) (string, bool) { return "<b>\n", text == "bbbb bbb\n" }}}
	l, out, why := throughFrames(c, wsFrame(true, 0x81, "aaaa aaa\nbbbb bbb\ncccc"), 4)
	if why != Scanned || len(l.lines) != 3 || strings.Join(framesOf(t, out), "") != "81:aaaa aaa\n<b>\ncccc" {
		t.Errorf("%q %v %q", why, l, framesOf(t, out))
	}
}

// tapped has what a client writes behind its handshake walked on the way.
type tapped struct {
	net.Conn
	frames Frames
	begun  bool
}

func (c *tapped) Write(p []byte) (int, error) {
	if !c.begun {
		c.begun = true
		return c.Conn.Write(p)
	}
	return c.frames.Write(p)
}

func TestAPeerReadsWhatWasChanged(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var u websocket.Upgrader
		conn, err := u.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		for {
			kind, p, err := conn.ReadMessage()
			if err != nil || conn.WriteMessage(kind, p) != nil {
				return
			}
		}
	}))
	defer server.Close()
	var tap *tapped
	dialer := websocket.Dialer{NetDial: func(network, address string) (net.Conn, error) {
		conn, err := net.Dial(network, address)
		tap = &tapped{Conn: conn}
		values := &listing{put: func(_, text string) (string, bool) {
			return strings.Repeat("<email>", 100), strings.Contains(text, "@")
		}}
		tap.frames.Begin(&FramesConfig{Kind: raw.RequestBody, Values: values, Out: conn})
		return tap, err
	}}
	conn, _, err := dialer.Dial("ws"+strings.TrimPrefix(server.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for sent, want := range map[string]string{`{"a":["anna@example.dk",1]}`: `{"a":["` + strings.Repeat("<email>", 100) + `",1]}`, "hej": "hej", "anna@x.dk": strings.Repeat("<email>", 100)} {
		w, err := conn.NextWriter(websocket.TextMessage)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, sent)
		_ = w.Close()
		if _, p, err := conn.ReadMessage(); err != nil || string(p) != want {
			t.Errorf("%s came back as %s: %v", sent, p, err)
		}
	}
	if why := tap.frames.Close(); why != Scanned {
		t.Errorf("%q", why)
	}
}

func TestFramesPrintAsAPlaceholder(t *testing.T) {
	c := FramesConfig{Kind: raw.RequestBody, Values: &listing{}}
	var f Frames
	f.Begin(&c)
	_, _ = f.Write(wsFrame(true, 0x01, "anna"))
	for _, v := range []any{f, &f, c, &c} {
		if got := fmt.Sprintf("%v %+v %#v %s", v, v, v, v); strings.ReplaceAll(got, raw.Placeholder, "") != "   " {
			t.Errorf("%T prints", v)
		}
	}
}

// FuzzFrames holds that pieces make no difference, and that what is unchanged stays.
func FuzzFrames(f *testing.F) {
	for _, x := range frameCases {
		if len(x.b) < 1000 {
			f.Add(x.b, true)
		}
	}
	f.Add(wsFrame(false, 0x81, `{"a":"b"}`), false)
	f.Fuzz(func(t *testing.T, b []byte, client bool) {
		c := FramesConfig{Kind: raw.ResponseBody, Limits: Limits{Message: 1000}}
		if client {
			c.Kind = raw.RequestBody
		}
		l, out, why := throughFrames(c, b, 0)
		single, outSingle, whySingle := throughFrames(c, b, 1)
		if why != whySingle || l.String() != single.String() || why != Broken && (!bytes.Equal(out, outSingle) || len(out) != len(b)) {
			t.Fatalf("%q %v whole, %q %v in single bytes", why, l, whySingle, single)
		}
		c.Values = &listing{put: func(string, string) (string, bool) { return "put", true }}
		if _, out, why := throughFrames(c, b, 0); why == Scanned {
			framesOf(t, out)
		}
	})
}
