package walk

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"io"
	"strings"
	"testing"

	"weir/redact/raw"
)

// grpcFrame is a message as gRPC sends it.
func grpcFrame(t testing.TB, coding string, message []byte) []byte {
	flag := byte(0)
	if coding != "" {
		flag, message = 1, coded(t, coding, message)
	}
	return append(binary.BigEndian.AppendUint32([]byte{flag}, uint32(len(message))), message...)
}

// unframed is the messages of a gRPC body.
func unframed(t testing.TB, coding string, body []byte) (all [][]byte) {
	for len(body) > 0 {
		n := prefixSize + int(binary.BigEndian.Uint32(body[1:]))
		message := body[prefixSize:n]
		if body[0] == 1 {
			message = plaintext(t, coding, message)
		}
		all, body = append(all, message), body[n:]
	}
	return all
}

func grpcBody(t testing.TB, coding string) BodyConfig {
	c := messageBody(t)
	c.ContentType, c.Path, c.MessageEncoding = []byte("application/grpc"), []byte("/shop.Shop/Buy"), []byte(coding)
	return c
}

func TestMessagesOfGRPCAreWalked(t *testing.T) {
	for _, coding := range []string{"", "gzip", "deflate", "zstd", "br"} {
		body := append(grpcFrame(t, coding, order(t)), grpcFrame(t, "", nil)...)
		body = append(body, grpcFrame(t, "", order(t))...)
		for _, size := range []int{0, 1, 6} {
			c := grpcBody(t, coding)
			c.Out, c.Values = io.Discard, &listing{put: func(name, _ string) (string, bool) { return strings.Repeat("x", 300), name == "email" }}
			l, out, why := through(c, body, size)
			if why != Scanned || l.String() != orderValues+"|"+orderValues {
				t.Fatalf("%s: %q %v", coding, why, l)
			}
			messages := unframed(t, coding, out)
			want := strings.Replace(orderOf(t, order(t)), "anna@example.dk", strings.Repeat("x", 300), 1)
			if len(messages) != 3 || orderOf(t, messages[0]) != want || len(messages[1]) > 0 || orderOf(t, messages[2]) != want {
				t.Errorf("%s: %d messages", coding, len(messages))
			}
		}
	}
}

func TestAnAnswerOfGRPCIsOfTheMethodsOtherMessage(t *testing.T) {
	c := grpcBody(t, "")
	c.Kind = raw.ResponseBody
	if l, _, why := through(c, grpcFrame(t, "", []byte("\x0a\x04anna")), 0); why != Scanned || l.String() != "word=anna" {
		t.Errorf("%q %v", why, l)
	}
}

func TestWhatIsNotGRPCIsNotGuessed(t *testing.T) {
	for body, want := range map[string]Reason{
		"\x00\x00\x00":                                      Broken,
		"\x00\x00\x00\x00\x02\x08":                          Broken,
		"\x01\x00\x00\x00\x00":                              Broken,
		"\x80\x00\x00\x00\x00":                              Broken,
		"\x00\x7f\xff\xff\xffx":                             TooLarge,
		string(grpcFrame(t, "gzip", []byte("\x08\x01"))):    Broken,
		string(grpcFrame(t, "", []byte("\x0a\x04anna"))):    Scanned,
		string(grpcFrame(t, "", []byte("\x0a\x04ann\xff"))): Scanned,
	} {
		if _, _, why := through(grpcBody(t, ""), []byte(body), 1); why != want {
			t.Errorf("%q: %q, want %q", body, why, want)
		}
	}
	body := grpcFrame(t, "gzip", []byte("\x08\x01"))
	c := grpcBody(t, "snappy")
	c.Out = io.Discard
	if _, out, why := through(c, append(body, grpcFrame(t, "", order(t))...), 0); why != UnknownCoding || !bytes.HasPrefix(out, body) {
		t.Errorf("%q", why)
	}
}

func TestGRPCFromBrowsersIsWalked(t *testing.T) {
	trailers := "grpc-status:3\r\nGrpc-Message: no anna@example.dk\r\n"
	last := append([]byte{webTrailers, 0, 0, 0, byte(len(trailers))}, trailers...)
	first := grpcFrame(t, "", order(t))
	join := base64.StdEncoding.EncodeToString
	for contentType, body := range map[string]string{
		"application/grpc-web+proto": string(first) + string(last),
		"application/grpc-web-text":  join(first) + join(last),
	} {
		for _, size := range []int{0, 1} {
			c := grpcBody(t, "")
			c.ContentType, c.Out = []byte(contentType), io.Discard
			l, _, why := through(c, []byte(body), size)
			if why != Scanned || l.String() != orderValues+"|trailer.grpc-status=3|trailer.grpc-message=no anna@example.dk" {
				t.Fatalf("%s: %q %v", contentType, why, l)
			}
			c.Values = &listing{put: func(_, text string) (string, bool) { return "<text>", strings.Contains(text, "anna@") }}
			_, out, why := through(c, []byte(body), size)
			if why != Scanned {
				t.Fatalf("%s: %q", contentType, why)
			}
			if contentType == "application/grpc-web-text" {
				plain, err := base64.StdEncoding.DecodeString(string(out))
				if out = plain; err != nil {
					t.Fatal(err)
				}
			}
			messages := unframed(t, "", out)
			if len(messages) != 2 || !strings.Contains(orderOf(t, messages[0]), `"email":"<text>"`) || string(messages[1]) != "grpc-status:3\r\nGrpc-Message: <text>\r\n" {
				t.Errorf("%s: %q", contentType, messages)
			}
		}
	}
	c := grpcBody(t, "")
	c.ContentType = []byte("application/grpc-web")
	for _, body := range []string{"\x80\x00\x00\x00\x04anna", "\x80\x00\x00\x00\x02:a", "\x80\x00\x00\x00\x03a:\xff", "\x81\x00\x00\x00\x03a:b"} {
		if _, _, why := through(c, []byte(body), 0); why != Broken {
			t.Errorf("%q: %q", body, why)
		}
	}
}

func TestABombInAMessageIsTold(t *testing.T) {
	zeros := bytes.Repeat([]byte{0}, 32<<20)
	c := grpcBody(t, "gzip")
	var why Reason
	bytes := held(func() { _, _, why = through(c, grpcFrame(t, "gzip", zeros), 0) })
	if why != TooLarge || bytes > 12<<20 {
		t.Errorf("%q, %d bytes were allocated", why, bytes)
	}
	var small []byte
	for len(small) < 4<<10 {
		small = append(small, grpcFrame(t, "gzip", append([]byte("\x0a\x80\x80\x20"), make([]byte, 512<<10)...))...)
	}
	if _, _, why := through(c, small, 0); why != Bomb {
		t.Errorf("many small ones: %q", why)
	}
}

// emptyMessages is messages of one coding that hold nothing.
func emptyMessages(t testing.TB, coding string, count int) []byte {
	frame := grpcFrame(t, coding, nil)
	if coding == "zstd" {
		// A frame that asks for 8 MiB, and holds one empty block.
		frame = []byte("\x01\x00\x00\x00\x09\x28\xb5\x2f\xfd\x00\x68\x01\x00\x00")
	}
	return bytes.Repeat(frame, count)
}

func TestCompressedMessagesShareADecoder(t *testing.T) {
	for _, coding := range []string{"gzip", "deflate", "zstd", "br"} {
		c := grpcBody(t, coding)
		body := emptyMessages(t, coding, 3000)
		var why Reason
		if bytes := held(func() { _, _, why = through(c, body, 0) }); why != Scanned || bytes > 2<<20 {
			t.Errorf("%s: %q, %d bytes were allocated", coding, why, bytes)
		}
		c.Limits.Values = 2999
		if _, _, why := through(c, body, 0); why != TooMany {
			t.Errorf("%s: more messages than values may be: %q", coding, why)
		}
	}
}

func TestAMessageUpToTheLimitIsUnpacked(t *testing.T) {
	for _, coding := range []string{"gzip", "deflate", "zstd", "br"} {
		c := grpcBody(t, coding)
		c.Limits.Message = 100_000
		for size, want := range map[int]Reason{100_000: Scanned, 100_001: TooLarge} {
			text := append([]byte("\x0a\x9c\x8d\x06"), bytes.Repeat([]byte("ab"), size/2)...)[:size]
			if _, _, why := through(c, grpcFrame(t, coding, text), 0); (why == TooLarge) != (want == TooLarge) {
				t.Errorf("%s, %d bytes: %q", coding, size, why)
			}
		}
	}
}

func BenchmarkEmptyMessages(b *testing.B) {
	for _, coding := range []string{"gzip", "deflate", "zstd", "br"} {
		b.Run(coding, func(b *testing.B) {
			c := grpcBody(b, coding)
			body := emptyMessages(b, coding, 5000)
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				through(c, body, 0)
			}
		})
	}
}

// FuzzMessages holds that pieces make no difference, that what is unchanged stays, and that a
// changed message is one.
func FuzzMessages(f *testing.F) {
	f.Add(false, order(f))
	f.Add(true, order(f))
	f.Add(true, []byte("\x0b\x08\x01\x0c\x12\x02\x08\x01"))
	named := messageBody(f)
	f.Fuzz(func(t *testing.T, known bool, body []byte) {
		c := named
		if !known {
			c.Descriptors = nil
		}
		c.Out = io.Discard
		l, out, why := through(c, body, 0)
		single, _, whySingle := through(c, body, 1)
		if why != whySingle || l.String() != single.String() || why == Scanned && !bytes.Equal(out, body) {
			t.Fatalf("%q %v whole, %q %v in single bytes", why, l, whySingle, single)
		}
		c.Values = &listing{put: func(string, string) (string, bool) { return "put", true }}
		if _, out, why := through(c, body, 0); why == Scanned && !parses(out) {
			t.Fatalf("%x became %x", body, out)
		}
	})
}

// FuzzFramesOfGRPC holds that pieces make no difference.
func FuzzFramesOfGRPC(f *testing.F) {
	for _, coding := range []string{"", "gzip", "zstd"} {
		f.Add(grpcFrame(f, coding, order(f)))
	}
	named := grpcBody(f, "gzip")
	f.Fuzz(func(t *testing.T, body []byte) {
		c := named
		c.Limits.Message = 64 << 10
		c.Out = io.Discard
		l, _, why := through(c, body, 0)
		single, _, whySingle := through(c, body, 1)
		if why != whySingle || l.String() != single.String() {
			t.Fatalf("%q %v whole, %q %v in single bytes", why, l, whySingle, single)
		}
	})
}
