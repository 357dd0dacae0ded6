package walk

import (
	"io"
	"strings"
	"testing"

	xtext "golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// inCharset is text in a charset, by a library that weir does not encode with.
func inCharset(t testing.TB, e xtext.Encoding, text string) []byte {
	t.Helper()
	b, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func fromCharset(t testing.TB, e xtext.Encoding, b []byte) string {
	t.Helper()
	text, err := e.NewDecoder().Bytes(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	big        = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	little     = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	bigMark    = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	littleMark = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
)

var charsetCases = []struct {
	parameter string
	encoding  xtext.Encoding
	wide      bool // holds every character
}{
	{"", unicode.UTF8, true}, {"", unicode.UTF8BOM, true}, {"; charset=utf-8", unicode.UTF8, true}, {`; charset="UTF-8"`, unicode.UTF8BOM, true},
	{"", big, true}, {"", little, true}, {"", bigMark, true}, {"", littleMark, true},
	{"; charset=utf-16", big, true}, {"; charset=utf-16", little, true}, {"; charset=utf-16", bigMark, true}, {"; charset=utf-16", littleMark, true},
	{"; charset=utf-16be", big, true}, {"; charset=UTF-16LE", little, true}, {"; charset=utf-16le", littleMark, true},
	{"; charset=ISO-8859-1", charmap.ISO8859_1, false}, {"; charset=windows-1252", charmap.Windows1252, false},
}

func TestEachCharsetIsReadAndWritten(t *testing.T) {
	for _, x := range charsetCases {
		text := `{"navn":"Søren Ærø","by":"Århus","x":"y"}`
		if x.wide {
			text = strings.Replace(text, "Århus", "東京😀", 1)
		}
		body := inCharset(t, x.encoding, text)
		for _, size := range []int{0, 1, 3} {
			c := jsonBody()
			c.ContentType = append(c.ContentType, x.parameter...)
			c.Out, c.Values = io.Discard, &listing{put: func(name, _ string) (string, bool) { return "€😀é", name == "navn" }}
			l, out, why := through(c, body, size)
			if why != Scanned || len(l.lines) != 3 || l.lines[0] != "navn=Søren Ærø" || !strings.Contains(text, strings.TrimPrefix(l.lines[1], "by=")) {
				t.Fatalf("%s %v: %q %v", x.parameter, x.encoding, why, l)
			}
			put := "€😀é"
			if !x.wide {
				put = `\u20ac\ud83d\ude00é`
			}
			if x.encoding == charmap.Windows1252 {
				put = `€\ud83d\ude00é`
			}
			got, want := fromCharset(t, x.encoding, out), strings.Replace(text, "Søren Ærø", put, 1)
			if got != want {
				t.Errorf("%s %v: %s, want %s", x.parameter, x.encoding, got, want)
			}
		}
	}
}

func TestWhatIsUnchangedGoesOnByteByByteInItsCharset(t *testing.T) {
	for _, x := range charsetCases {
		body := inCharset(t, x.encoding, `{"a":"é"}`)
		if x.encoding == charmap.Windows1252 {
			for c := 0x80; c <= 0xFF; c++ {
				body = append(body[:len(body)-2], byte(c), '"', '}')
			}
		}
		c := jsonBody()
		c.ContentType, c.Out = append(c.ContentType, x.parameter...), io.Discard
		if _, out, why := through(c, body, 1); why != Scanned || string(out) != string(body) {
			t.Errorf("%s %v: %q % x, was % x", x.parameter, x.encoding, why, out, body)
		}
	}
}

func TestWhatIsNotInItsCharsetIsBroken(t *testing.T) {
	for parameter, bodies := range map[string][]string{
		"":                   {"{\"a\":\"\xff\"}", "{\"a\":\"\xc3", "{\"a\":\"\xed\xa0\x80\"}", "{\"a\":\"\xc0\xaf\"}"},
		"; charset=us-ascii": {"{\"a\":\"\xc3\xa9\"}"},
		"; charset=utf-16le": {"{\x00\"\x00a\x00\"\x00:\x00\"\x00\x00\xdc\"\x00}\x00", "{\x00}\x00\x00\xd8", "{\x00}\x00 ", "{\x00\"\x00\x00\xd8\"\x00:\x001\x00}\x00"},
	} {
		for _, body := range bodies {
			for _, size := range []int{0, 1} {
				c := jsonBody()
				c.ContentType = append(c.ContentType, parameter...)
				if _, _, why := through(c, []byte(body), size); why != Broken {
					t.Errorf("%s %q: %q", parameter, body, why)
				}
			}
		}
	}
}

func TestACharsetThatIsNotKnownIsNotGuessed(t *testing.T) {
	for _, parameter := range []string{"; charset=shift_jis", "; charset=utf-7", "; charset=utf-32", "; charset=x"} {
		c := jsonBody()
		c.ContentType = append(c.ContentType, parameter...)
		if _, _, why := through(c, []byte(`{"a":"b"}`), 0); why != UnknownCharset {
			t.Errorf("%s: %q", parameter, why)
		}
	}
	c := jsonBody()
	c.ContentType = append(c.ContentType, "; charset=utf-16"...)
	if _, _, why := through(c, []byte("\x01\x02\x03\x04"), 0); why != UnknownCharset {
		t.Errorf("an order that nothing tells: %q", why)
	}
}

// FuzzCharsets holds that pieces make no difference and that what is unchanged stays.
func FuzzCharsets(f *testing.F) {
	for i, x := range charsetCases {
		f.Add(byte(i), inCharset(f, x.encoding, `{"a":"é"}`))
	}
	f.Fuzz(func(t *testing.T, which byte, body []byte) {
		c := jsonBody()
		c.ContentType = append(c.ContentType, charsetCases[int(which)%len(charsetCases)].parameter...)
		c.Out = io.Discard
		l, out, why := through(c, body, 0)
		single, outSingle, whySingle := through(c, body, 1)
		if why != whySingle || why == Scanned && (l.String() != single.String() || string(out) != string(body) || string(outSingle) != string(body)) {
			t.Fatalf("%q %v % x whole, %q %v % x in single bytes, of % x", why, l, out, whySingle, single, outSingle, body)
		}
	})
}
