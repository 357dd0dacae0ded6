package walk

import (
	"bytes"
	"encoding/base64"
	"io"
	stdparts "mime/multipart"
	"strings"
	"testing"
)

func lines(l ...string) []byte { return []byte(strings.Join(l, "\r\n")) }

func partsBody(boundary string) BodyConfig {
	c := jsonBody()
	c.ContentType = []byte("multipart/form-data; boundary=" + boundary)
	return c
}

var multipartCases = []struct {
	name string
	body []byte
	want string
	why  Reason
}{
	{"fields", lines(`--b`, `Content-Disposition: form-data; name="email"`, ``, `anna@example.dk`, `--b`, `content-disposition: form-data; name=user`, `Content-Type: application/json`, ``, `{"navn":"Anna"}`, `--b--`, ``),
		"email=anna@example.dk|user.navn=Anna", Scanned},
	{"file names", lines(`--b`, `Content-Disposition: form-data; name="file"; filename="anna \"x\" C:\tmp.txt"; filename*=UTF-8''s%C3%B8ren.txt`, `Content-Type: text/plain; charset=iso-8859-1`, ``, "S\xF8ren", `--b--`),
		`file.filename=anna "x" C:\tmp.txt|file.filename=søren.txt|file=Søren`, Scanned},
	{"a part without header", lines(`--b`, ``, `hej`, `--b--`), "=hej", Scanned},
	{"empty parts", lines(`--b`, `Content-Disposition: form-data; name="a"`, ``, ``, `--b`, ``, `--b`, ``, ``, `--b--`), "", Scanned},
	{"an empty part whose header ends in the delimiter's line end", lines(`--b`, `Content-Disposition: form-data; name="a"; filename=""`, `Content-Type: image/png`, ``, `--b--`), "", Scanned},
	{"padding behind delimiters", lines("--b \t", `A: x`, ``, `1`, "--b-- "), "a=x|=1", Scanned},
	{"look-alikes", lines(`--b`, ``, `--bb`, `--b-`, ` --b`, `x--b--`, `--b-x`, `--b--`), "=--bb\r\n--b-\r\n --b\r\nx--b--\r\n--b-x", Scanned},
	{"an unknown type", lines(`--b`, `Content-Disposition: form-data; name="a"; filename="anna.png"`, `Content-Type: image/png`, ``, "\x89PNG", `--b`, `Content-Disposition: form-data; name="b"`, ``, `1`, `--b--`), "a.filename=anna.png|b=1", UnknownType},
	{"an unknown charset", lines(`--b`, `Content-Type: text/plain; charset=koi8-r`, ``, "x", `--b--`), "", UnknownCharset},
	{"a file name in an unknown charset", lines(`--b`, `Content-Disposition: form-data; filename*=koi8-r''x; name="=?koi8-r?Q?x?="`, ``, "x", `--b--`), "=x", UnknownCharset},
	{"base64", lines(`--b`, `Content-Transfer-Encoding: BASE64`, ``, `YW5u`, `YUB4LmRr`, `--b--`), "=anna@x.dk", Scanned},
	{"padded base64", lines(`--b`, `Content-Transfer-Encoding: base64`, ``, `aGU=`, `--b--`), "=he", Scanned},
	{"quoted-printable", lines(`--b`, `Content-Transfer-Encoding: quoted-printable`, ``, "S=C3=B8ren =  ", "x \t", "y=3d=", `--b--`), "=Søren x\r\ny=", Scanned},
	{"an unknown transfer encoding", lines(`--b`, `Content-Transfer-Encoding: x-uuencode`, ``, `x`, `--b--`), "", UnknownCoding},
	{"a coded part", lines(`--b`, `Content-Encoding: gzip`, ``, `x`, `--b--`), "", UnknownCoding},
	{"parts in parts", lines(`--b`, `Content-Disposition: form-data; name="files"`, `Content-Type: multipart/mixed; boundary="b-c"`, ``, `--b-c`, `Content-Disposition: file; filename="anna.txt"`, ``, `hej`, `--b-c--`, `--b--`),
		"files.filename=anna.txt|files=hej", Scanned},
	{"a folded header", lines(`--b`, `Content-Disposition: form-data;`, ` name="a";`, "\tfilename=\"x", ` y"`, ``, `1`, `--b--`), "a.filename=x y|a=1", Scanned},
	{"words of mail", lines(`--b`, `Content-Type: text/plain; name="=?utf-8?B?YW5uYUB4LmRr?="`, ``, `1`, `--b--`), "filename=anna@x.dk|=1", Scanned},
	{"a name that is none", lines(`--b`, `Content-Disposition: form-data; name="anna@example.dk"`, ``, `1`, `--b--`), "*=anna@example.dk|*=1", Scanned},
	{"bytes around the parts", lines(`anna@example.dk`, `--b`, ``, `1`, `--b--`, `anna`), "=1", UnknownType},
	{"nothing but an end", lines(`--b--`), "", Scanned},

	{"no end", lines(`--b`, ``, `1`, `--b`), "", Broken},
	{"no delimiter", lines(`anna`), "", Broken},
	{"an inner body without an end", lines(`--b`, `Content-Type: multipart/mixed; boundary=c`, ``, `--c`, ``, `x`, `--b--`), "", Broken},
	{"a line end without CR before a delimiter", []byte("--b\r\n\r\nanna\n--b\r\n\r\n--b--"), "", Broken},
	{"a line end without CR behind a delimiter", []byte("--b\nA: b\n\nanna\n--b--"), "", Broken},
	{"junk behind a delimiter", lines(`--b x`, ``, `1`, `--b--`), "", Broken},
	{"junk behind the end", lines(`--b`, ``, `1`, `--b--x`), "", Broken},
	{"a header without a colon", lines(`--b`, `anna`, ``, `1`, `--b--`), "", Broken},
	{"a header twice", lines(`--b`, `Content-Type: text/plain`, `content-type: image/png`, ``, `1`, `--b--`), "", Broken},
	{"a name twice", lines(`--b`, `Content-Disposition: form-data; name=a; name=b`, ``, `1`, `--b--`), "", Broken},
	{"a name in sections", lines(`--b`, `Content-Disposition: form-data; filename*0="an"; filename*1="na"`, ``, `1`, `--b--`), "", Broken},
	{"base64 behind its end", lines(`--b`, `Content-Transfer-Encoding: base64`, ``, `aGU=aGU=`, `--b--`), "", Broken},
	{"half of base64", lines(`--b`, `Content-Transfer-Encoding: base64`, ``, `aGU`, `--b--`), "", Broken},
	{"no quoted-printable", lines(`--b`, `Content-Transfer-Encoding: quoted-printable`, ``, `=xy`, `--b--`), "", Broken},
	{"a part that is not of its type", lines(`--b`, `Content-Type: application/json`, ``, `{`, `--b--`), "", Broken},
	{"bytes behind a transfer encoding's end", lines(`--b`, `Content-Transfer-Encoding: quoted-printable`, ``, "a\nb", `--b--`), "", Broken},
}

func TestPartsAreWalkedByTheirOwnTypes(t *testing.T) {
	for _, x := range multipartCases {
		for _, size := range []int{0, 1, 2, 3, 5, 11} {
			c := partsBody("b")
			c.Out = io.Discard
			l, out, why := through(c, x.body, size)
			if why != x.why || why != Broken && l.String() != x.want {
				t.Fatalf("%s, pieces of %d: %q %v", x.name, size, why, l)
			}
			if why != Broken && !strings.Contains(x.name, "base64") && x.name != "quoted-printable" && !bytes.Equal(out, x.body) {
				t.Errorf("%s, pieces of %d: %q", x.name, size, out)
			}
		}
	}
}

func TestAChangedBodyOfPartsIsRead(t *testing.T) {
	body := lines(`--b`, `Content-Disposition: form-data; name="a"; filename="anna.txt"; filename*=utf-8''s%C3%B8ren`, ``, `anna`,
		`--b`, `Content-Disposition: form-data; name="b"`, `Content-Transfer-Encoding: base64`, ``, `YW5uYQ==`,
		`--b`, `Content-Disposition: form-data; name="c"`, `Content-Transfer-Encoding: quoted-printable`, ``, `ann=61`,
		`--b`, `Content-Disposition: form-data; name="d"`, `Content-Type: application/json`, ``, `{"x": ["anna", 7]}`, `--b--`, ``)
	put := "æ\"\\ " + strings.Repeat("x", 200)
	c := partsBody("b")
	c.Out, c.Values = io.Discard, &listing{put: func(string, string) (string, bool) { return put, true }}
	_, out, why := through(c, body, 1)
	if why != Scanned || bytes.Contains(out, []byte("anna")) {
		t.Fatalf("%q %s", why, out)
	}
	form, err := stdparts.NewReader(bytes.NewReader(out), "b").ReadForm(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	if form.Value["c"][0] != put || form.Value["d"][0] != `{"x": ["æ\"\\ `+strings.Repeat("x", 200)+`", "æ\"\\ `+strings.Repeat("x", 200)+`"]}` {
		t.Errorf("%q", form.Value)
	}
	f := form.File["a"][0]
	file, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(file); string(text) != put {
		t.Errorf("%q", text)
	}
	b64 := form.Value["b"][0]
	if plain, err := base64.StdEncoding.DecodeString(b64); err != nil || string(plain) != put {
		t.Errorf("%q %v", plain, err)
	}
	for line := range strings.Lines(b64) {
		if len(line) > foldWidth+2 {
			t.Errorf("a line of %d", len(line))
		}
	}
}

func TestThePartsLengthIsThatOfWhatItBecomes(t *testing.T) {
	body := lines(`--b`, `Content-Disposition: form-data; name="a"`, `Content-Length: 4`, `X: y`, ``, `anna`,
		`--b`, `Content-Length: 3`, ``, `hej`, `--b`, `Content-Type: image/png`, `Content-Length: 1`, ``, "\x89", `--b--`)
	c := partsBody("b")
	c.Out = io.Discard
	if _, out, why := through(c, body, 1); why != UnknownType || !bytes.Equal(out, body) {
		t.Errorf("%q %s", why, out)
	}
	c.Values = &listing{put: func(_, text string) (string, bool) { return "<given name>", text == "anna" }}
	want := bytes.Replace(bytes.Replace(body, []byte("4"), []byte("12"), 1), []byte("anna"), []byte("<given name>"), 1)
	if l, out, why := through(c, body, 1); why != UnknownType || !bytes.Equal(out, want) || l.String() != "a.x=y|a=anna|=hej" {
		t.Errorf("%q %v %s", why, l, out)
	}
	c.Limits.Message = 100
	for _, size := range []int{0, 7} {
		if _, _, why := through(c, lines(`--b`, `Content-Length: 200`, ``, strings.Repeat("anna\n", 1000), `--b--`), size); why != TooLarge {
			t.Errorf("pieces of %d: %q", size, why)
		}
	}
}

// What is left between values must not become a delimiter, behind which there would be parts
// that nobody saw.
func TestADelimiterThatAValueWasTakenOutOfIsBroken(t *testing.T) {
	for _, text := range []string{"-@-b", "a\r\n-@-b--", "a\r\n--@b\r\nX: y", "a\r\n--b@ ", "a\n--b@--", "a\r\n--b@"} {
		for _, size := range []int{0, 1} {
			c := partsBody("b")
			c.Out = io.Discard
			c.Values = &listing{put: func(_, text string) (string, bool) { return strings.ReplaceAll(text, "@", ""), true }}
			if _, _, why := through(c, lines(`--b`, ``, text, `--b--`), size); why != Broken {
				t.Errorf("%q: %q", text, why)
			}
			c.Values = &listing{put: func(_, text string) (string, bool) { return strings.ReplaceAll(text, "@", "x"), true }}
			if _, _, why := through(c, lines(`--b`, ``, text, `--b--`), size); why != Scanned {
				t.Errorf("%q: %q where nothing is taken out", text, why)
			}
		}
	}
}

func TestNothingIsHeldBehindADelimiterThatAValueLeft(t *testing.T) {
	var f fence
	f.begin([]byte("--x"), func([]byte) { t.Error("goes on") })
	f.send([]byte("--x\r\n"))
	before := len(f.held)
	for range 100 {
		f.send(make([]byte, 1000))
	}
	if len(f.held) != before || f.end() != Broken {
		t.Errorf("%d bytes are held", len(f.held))
	}
}

func TestAHeaderOfAPartIsBounded(t *testing.T) {
	c := partsBody("b")
	c.Limits.Value = 100
	for _, size := range []int{0, 1} {
		if _, _, why := through(c, lines(`--b`, `A: `+strings.Repeat("x", 100), ``, `1`, `--b--`), size); why != TooLong {
			t.Errorf("pieces of %d: %q", size, why)
		}
	}
	if _, _, why := through(c, lines(`--b`+strings.Repeat(" ", maxPadding+1), ``, `1`, `--b--`), 1); why != Broken {
		t.Errorf("padding: %q", why)
	}
}

func TestFieldsAndParametersOfAPartAreBounded(t *testing.T) {
	for _, header := range []string{strings.Repeat("A: b\r\n", maxFields+1), "Content-Type: text/plain" + strings.Repeat("; a=b", maxParams+1) + "\r\n"} {
		for i := range 100 {
			header = strings.Replace(header, "a=b", "a"+string(rune('a'+i%26))+string(rune('a'+i/26))+"=b", 1)
		}
		if _, _, why := through(partsBody("b"), []byte("--b\r\n"+header+"\r\n1\r\n--b--"), 0); why != TooMany {
			t.Errorf("%.40q: %q", header, why)
		}
	}
}

func TestPartsInPartsAreBounded(t *testing.T) {
	c := partsBody("b")
	c.Limits.Depth = 3
	body := lines(`--b`, `Content-Type: multipart/mixed; boundary=c`, ``, `--c`, `Content-Type: multipart/mixed; boundary=d`, ``, `--d`, `Content-Type: multipart/mixed; boundary=e`, ``, `--e`, ``, `x`)
	if _, _, why := through(c, body, 0); why != TooDeep {
		t.Errorf("%q", why)
	}
}

func TestABoundaryThatIsNoneIsBroken(t *testing.T) {
	for _, contentType := range []string{"multipart/form-data", "multipart/mixed; boundary=" + strings.Repeat("b", 71)} {
		c := jsonBody()
		c.ContentType = []byte(contentType)
		if _, _, why := through(c, []byte("--b--"), 0); why != Broken {
			t.Errorf("%s: %q", contentType, why)
		}
	}
}

// FuzzParts holds that pieces make no difference, that what is unchanged stays, and that
// where the standard library reads the parts it reads no others.
func FuzzParts(f *testing.F) {
	for _, x := range multipartCases {
		f.Add(x.body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c := partsBody("b")
		c.Out = io.Discard
		l, out, why := through(c, body, 0)
		single, outSingle, whySingle := through(c, body, 1)
		if why != whySingle || why != Broken && (l.String() != single.String() || !bytes.Equal(out, outSingle)) {
			t.Fatalf("%q %v %q whole, %q %v %q in single bytes", why, l, out, whySingle, single, outSingle)
		}
		if why == Scanned && !bytes.Contains(bytes.ToLower(body), []byte("content-transfer")) && !bytes.Equal(out, body) {
			t.Fatalf("%q became %q", body, out)
		}
		if why == Scanned {
			sameParts(t, body, out)
		}
		c.Values = &listing{put: func(string, string) (string, bool) { return "put", true }}
		if _, out, why = through(c, body, 0); why != Scanned {
			return
		}
		sameParts(t, body, out)
		if again, _, why := through(c, out, 0); why != Scanned {
			t.Fatalf("%q became %q: %q %v", body, out, why, again)
		}
	})
}

// sameParts fails where the standard library reads a body of one number of parts, or the same
// body less of some as none.
func sameParts(t *testing.T, before, after []byte) {
	a, b := countParts(before), countParts(after)
	if a != b {
		t.Fatalf("%d parts became %d", a, b)
	}
}

func countParts(body []byte) (n int) {
	r := stdparts.NewReader(bytes.NewReader(body), "b")
	for {
		p, err := r.NextRawPart()
		if err != nil {
			return n
		}
		if _, err := io.Copy(io.Discard, p); err != nil {
			return n
		}
		n++
	}
}
