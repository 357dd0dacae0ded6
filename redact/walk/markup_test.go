package walk

import (
	"io"
	"testing"
)

func TestMarkupIsWalkedAsText(t *testing.T) {
	for _, x := range []struct {
		contentType, body string
		why               Reason
	}{
		{"text/html", "<p>anna@example.dk &amp; &lt;bo&gt;&nbsp;?a=1&b=2 & c &copy 1;</p>", Scanned},
		{"text/html; charset=iso-8859-1", "<p>S\xF8ren</p>", Scanned},
		{"text/html", "anna&#64;example.dk", UnknownCoding},
		{"text/html", "anna&#x40;example.dk", UnknownCoding},
		{"text/html", "anna&commat;example.dk", UnknownCoding},
		{"application/xml", "<!DOCTYPE a [<!ENTITY b 'anna'>]><a>&b;</a>", UnknownCoding},
		{"image/svg+xml", "<svg>anna</svg>", Scanned},
		{"text/javascript", `f("anna@example.dk")`, Scanned},
		{"application/javascript", `f("anna\u0040example.dk")`, UnknownCoding},
		{"text/css", `a::before{content:"anna\40 x.dk"}`, UnknownCoding},
		{"text/csv", "anna@example.dk;&#64;", Scanned},
	} {
		for _, size := range []int{0, 1} {
			c := jsonBody()
			c.ContentType, c.Out = []byte(x.contentType), io.Discard
			l, out, why := through(c, []byte(x.body), size)
			if why != x.why || len(l.lines) != 1 || string(out) != x.body {
				t.Errorf("%s: %q %q %v", x.body, why, out, l)
			}
		}
	}
}
