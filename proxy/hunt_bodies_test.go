package proxy

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/encoding/protowire"
)

// bodied is a body with canaries in it: {t}, {m}, {4} and {6} as in fill, {j} is one
// within a JSON Web Token.
type bodied struct {
	contentType string
	text        string
	binary      bool // it has no charset
	encode      func(text string) string
	header      []line
}

var bodies = []bodied{
	{contentType: "application/json", text: `{"user":{"email":"{m}","note":"of {m}, {4}","{t}":"{m}"},"ids":["{t}",{"kundenr":"{t}"}],"auth":"Bearer {j}","in":"{\"email\":\"{m}\",\"x\":[\"{6}\"]}"}`},
	{contentType: "application/problem+json", text: `["{m}",{"email":"{t}","a":{"b":{"c":["{m} {4}"]}}}]`},
	{contentType: "application/x-ndjson", text: "{\"email\":\"{m}\"}\n{\"kundenr\":\"{t}\",\"ip\":\"{4}\"}\n\"{m}\"\n"},
	{contentType: "application/x-www-form-urlencoded", text: "email={m}&kundenr={t}&note=of+{m}&{m}=1&user[email]={m}&ip={6}&token={j}"},
	{contentType: "text/event-stream", text: "event: {t}\nid: {t}\ndata: {\"email\":\"{m}\",\"x\":\"{4}\"}\n\n: {m}\ndata: of {m}\n\n"},
	{contentType: "text/plain", text: "{m} and {4}, {6}\r\n{t} Bearer {j}"},
	{contentType: "text/html", text: "<p title=\"{m}\">{m}</p><!-- {t} --><script>var a='{m}'</script>"},
	{contentType: "application/graphql", text: `query { user(email: "{m}", id: "{t}") { name } } # {m}`},
	{contentType: "application/json", text: `{"query":"mutation { add(email: \"{m}\", kundenr: \"{t}\") { id } }","variables":{"email":"{m}","kundenr":"{t}"}}`},
	{contentType: "multipart/form-data; boundary=zZz", text: "--zZz\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\n{m}\r\n" +
		"--zZz\r\nContent-Disposition: form-data; name=\"{t}\"; filename=\"{m}.txt\"\r\nContent-Type: text/plain\r\n\r\nof {m}, {4}\r\n" +
		"--zZz\r\nContent-Disposition: form-data; name=\"data\"; filename*=UTF-8''{t}.json\r\nContent-Type: application/json\r\nX-Of: {t}\r\n\r\n{\"email\":\"{m}\",\"kundenr\":\"{t}\"}\r\n--zZz--\r\n"},
	{contentType: "application/x-protobuf", text: "{m}\nof {m} and {4}\n{t}\nBearer {j}", binary: true, encode: inMessage},
	{contentType: "application/grpc", text: "{m}\n{t}\n{4} {6}\n{m}", binary: true, encode: func(s string) string {
		return inFrame(0, inMessage(s)) + inFrame(1, codings[1].encode(inMessage(s)))
	}, header: []line{{"Grpc-Encoding", "gzip"}}},
	{contentType: "image/png", text: "\x89PNG {m} {t}", binary: true},
	{contentType: "application/json", text: `{"email":"{m}","broken`},
}

// inMessage is a message of protobuf that has each line in a field, the last ones in
// a message within.
func inMessage(s string) string {
	var b []byte
	for i, l := range strings.SplitAfter(s, "\n") {
		l = strings.TrimSuffix(l, "\n")
		if i > 0 {
			l = string(protowire.AppendString(protowire.AppendTag(nil, 2, protowire.BytesType), l))
		}
		b = protowire.AppendString(protowire.AppendTag(b, protowire.Number(i+1), protowire.BytesType), l)
	}
	return string(b)
}

// inFrame is a message as gRPC frames it.
func inFrame(compressed byte, message string) string {
	return string(binary.BigEndian.AppendUint32([]byte{compressed}, uint32(len(message)))) + message
}

// charsets are those in which a text can be sent.
var charsets = []struct {
	name   string
	encode func(string) string
}{
	{"", func(s string) string { return s }},
	{"utf-16", func(s string) string { return inUTF16("\ufeff"+s, binary.BigEndian) }},
	{"utf-16le", func(s string) string { return inUTF16(s, binary.LittleEndian) }},
	{"iso-8859-1", func(s string) string { return strings.ReplaceAll(s, " of ", " af \xe6\xf8\xe5 ") }},
}

func inUTF16(s string, order binary.AppendByteOrder) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

// codings are those that a body can be under.
var codings = []struct {
	name   string
	encode func(string) string
}{
	{"", func(s string) string { return s }},
	{"gzip", func(s string) string {
		return packed(s, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	}},
	{"deflate", func(s string) string {
		return packed(s, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })
	}},
	{"deflate", func(s string) string { // without zlib's head, as some send it
		return packed(s, func(w io.Writer) io.WriteCloser { z, _ := flate.NewWriter(w, 6); return z })
	}},
	{"zstd", func(s string) string {
		return packed(s, func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w); return z })
	}},
	{"br", func(s string) string {
		return packed(s, func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) })
	}},
	{"gzip, br", func(s string) string {
		s = packed(s, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
		return packed(s, func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) })
	}},
	{"rot13", func(s string) string { return s }},
}

func packed(s string, with func(io.Writer) io.WriteCloser) string {
	var b bytes.Buffer
	w := with(&b)
	_, _ = io.WriteString(w, s)
	_ = w.Close()
	return b.String()
}

// token is a JSON Web Token of somebody, signed with a canary too.
func (f *flock) token(place string) string {
	in := base64.RawURLEncoding.EncodeToString
	payload := fmt.Sprintf(`{"sub":"%s","email":"%s"}`, f.put(place, token), f.put(place, mail))
	return in([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + in([]byte(payload)) + "." + in([]byte(f.put(place, token)))
}

// fillBody is fill, for tokens too.
func (f *flock) fillBody(place, text string, in form) string {
	for strings.Contains(text, "{j}") {
		text = strings.Replace(text, "{j}", f.token(place), 1)
	}
	return f.fill(place, text, in)
}

// load gives m a body of a kind, under a coding, in a charset, its canaries in a form.
func (f *flock) load(m *message, place string, b *bodied, charset, coding int, in form) {
	text := f.fillBody(place, b.text, in)
	contentType := b.contentType
	if b.encode != nil {
		text = b.encode(text)
	}
	if cs := charsets[charset]; !b.binary && cs.name != "" && !strings.HasPrefix(contentType, "multipart/") {
		text, contentType = cs.encode(text), contentType+"; charset="+cs.name
	}
	m.body = codings[coding].encode(text)
	m.header = append(m.header, line{"Content-Type", contentType})
	m.header = append(m.header, b.header...)
	if codings[coding].name != "" {
		m.header = append(m.header, line{"Content-Encoding", codings[coding].name})
	}
	m.placed = append(m.placed, placed{text: m.body, place: place})
}

// bodyWays are those in which bodies are framed unlike each other.
var bodyWays = []way{
	{name: "1.1 to 1.1", client: http11, upstream: "http"},
	{name: "h2 to h2c", client: http2x, tls: true, upstream: "two"},
	{name: "1.0 to TLS", client: http10, upstream: "tls"},
	{name: "forward", client: http11, forward: true, upstream: "http"},
}

// bodies sends every kind of body under every coding, which is answered with
// another. What is in them may leave as a pseudonym, where the policy asks for that.
func (r *rig) bodies(t *testing.T) {
	turn := 0
	for coding := range codings {
		for i := range bodies {
			turn++
			w := &bodyWays[turn%len(bodyWays)]
			in := forms[turn%len(forms)]
			place := fmt.Sprintf("body %d %s under %q, %s", i, bodies[i].contentType, codings[coding].name, in.name)
			q := &message{method: "POST", host: w.host(), path: "/"}
			a := &message{status: 200, reason: "OK"}
			r.flock.load(q, "request "+place, &bodies[i], turn%len(charsets), coding, in)
			j := (i + coding + 1) % len(bodies)
			r.flock.load(a, "response "+place, &bodies[j], (turn+1)%len(charsets), (coding+turn)%len(codings), forms[(turn+1)%len(forms)])
			e := r.carried(t, w, q, a)
			r.judge(t, place, e)
		}
	}
}

// judge makes sure that what a policy wants of bodies was looked for: without that
// there would be nothing to be found.
func (r *rig) judge(t *testing.T, place string, e entry) {
	t.Helper()
	switch {
	case !r.seeks && (len(e.Subjects) > 0 || e.Visibility != "headers"):
		t.Errorf("%s: subjects that nobody asked for: %s", place, e.line)
	case r.seeks && e.Visibility == "full":
		r.whole++
		if len(e.Subjects) == 0 {
			t.Errorf("%s: no subjects: %s", place, e.line)
		}
	case r.seeks && e.Unscanned == "" && e.AnswerUnscanned == "":
		t.Errorf("%s: nothing says what was not seen: %s", place, e.line)
	}
}

// sockets has text pass in the frames of WebSockets, in two each, from both sides.
func (r *rig) sockets(t *testing.T) {
	for i, text := range []string{`{"user":{"email":"{m}","note":"of {m} and {4}"},"kundenr":"{t}"}`, "mail of {m}, {6}", `["{j}",{"{t}":"{m}"}]`, "kundenr={t}&email={m}"} {
		for _, in := range forms {
			place := fmt.Sprintf("frames %d, %s", i, in.name)
			said := func() string { return r.flock.fillBody(place, text, in) }
			w := &way{name: "WebSocket", client: http11, tls: i%2 == 1}
			ask := "GET /socket HTTP/1.1\r\nHost: http.hunt.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n"
			answer := "HTTP/1.1 101 OK\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n" + inFrames(said(), nil)
			e := r.upgraded(t, w, ask, answer, inFrames(said(), []byte{0, 0, 0, 0})+inFrames(said(), []byte("abcd")))
			// What the origin gives back is masked, as nothing that a server says may be.
			if r.seeks && (len(e.Subjects) < 2 || e.Unscanned != "" || e.AnswerUnscanned != "broken") || !r.seeks && len(e.Subjects) > 0 {
				t.Errorf("%s: %s", place, e.line)
			}
		}
	}
}

// inFrames is a text message in two frames, masked where there is a key.
func inFrames(text string, key []byte) string {
	var b []byte
	for i, part := range []string{text[:len(text)/2], text[len(text)/2:]} {
		first, masked := []byte{0x01, 0x80}[i], byte(0)
		if key != nil {
			masked = 0x80
		}
		b = append(b, first, masked|126)
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(part))), key...)
		for j := range len(part) {
			c := part[j]
			if key != nil {
				c ^= key[j&3]
			}
			b = append(b, c)
		}
	}
	return string(b)
}
