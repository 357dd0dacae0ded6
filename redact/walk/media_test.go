package walk

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"weir/redact/raw"
)

// listing is Values that writes down what it is given, and puts what it is told.
type listing struct {
	lines []string
	put   func(name, text string) (string, bool)
}

func (l *listing) Value(v *Value) ([]byte, bool) {
	mark := ""
	if v.Redact {
		mark = "!"
	}
	l.lines = append(l.lines, fmt.Sprintf("%s=%s%s", v.Name, v.Text, mark))
	if l.put == nil {
		return nil, false
	}
	put, change := l.put(string(v.Name), string(v.Text))
	return []byte(put), change
}

func (l *listing) String() string { return strings.Join(l.lines, "|") }

// through walks body in pieces of at most size bytes, all at once where size is 0.
func through(c BodyConfig, body []byte, size int) (*listing, []byte, Reason) {
	l, out := &listing{}, &bytes.Buffer{}
	if given, ok := c.Values.(*listing); ok {
		l.put = given.put
	}
	c.Values = l
	if c.Out != nil {
		c.Out = out
	}
	var b Body
	b.Begin(&c)
	for len(body) > 0 {
		n := len(body)
		if size > 0 {
			n = min(n, size)
		}
		_, _ = b.Write(body[:n])
		body = body[n:]
	}
	why := b.Close()
	return l, out.Bytes(), why
}

func jsonBody() BodyConfig {
	return BodyConfig{Kind: raw.RequestBody, ContentType: []byte("application/json")}
}

func TestABodyWithoutBytesIsScanned(t *testing.T) {
	for _, contentType := range []string{"", "image/png", "application/json", "nonsense"} {
		c := jsonBody()
		c.ContentType, c.ContentEncoding = []byte(contentType), []byte("gzip, unknown")
		if _, _, why := through(c, nil, 0); why != Scanned {
			t.Errorf("%q: %s", contentType, why)
		}
	}
}

func TestABodyOfAnUnknownTypeIsNotGuessed(t *testing.T) {
	for _, contentType := range []string{"", "image/png", "application/octet-stream", "json", "application/json; charset", "text/"} {
		c := jsonBody()
		c.ContentType = []byte(contentType)
		if l, _, why := through(c, []byte(`{"a":"b"}`), 0); why != UnknownType || len(l.lines) > 0 {
			t.Errorf("%q: %q %v", contentType, why, l)
		}
	}
}

func TestABodyBeyondTheLimitIsTooLarge(t *testing.T) {
	c := jsonBody()
	c.Limits.Body = 10
	if _, _, why := through(c, []byte(`{"a":"1234567"}`), 3); why != TooLarge {
		t.Errorf("%q", why)
	}
}

func TestABodyIsUsedAgain(t *testing.T) {
	var b Body
	for i := range 3 {
		l := &listing{}
		c := jsonBody()
		c.Values = l
		b.Begin(&c)
		_, _ = b.Write([]byte(`{"a":{"b":["c"]}`))
		if i == 1 {
			continue // a body that nobody closed
		}
		_, _ = b.Write([]byte(`}`[:i/2]))
		if why := b.Close(); (why == Scanned) != (i == 2) || l.String() != "a.b=c" {
			t.Errorf("%d: %q %v", i, why, l)
		}
	}
}

func TestABodyPrintsAsAPlaceholder(t *testing.T) {
	c := jsonBody()
	c.Path = []byte("/anna")
	var b Body
	b.Begin(&c)
	_, _ = b.Write([]byte(`{"a":"anna`))
	for _, v := range []any{b, &b, c, &c, Value{Text: []byte("anna")}, &Value{Text: []byte("anna")}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
			if got := fmt.Sprintf(verb, v); got != raw.Placeholder {
				t.Errorf("%T prints under %s", v, verb)
			}
		}
	}
	_ = b.Close()
}
