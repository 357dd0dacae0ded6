package walk

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"weir/redact/raw"
)

var shaped = []string{"Cookie", "Set-Cookie", "X-Forwarded-For", "Forwarded", "Referer", "Location", "Refresh", "Link", "Accept"}

// within is a Visitor that checks each field against the text that it must be a part of.
type within struct {
	t     *testing.T
	place raw.Place
	whole []byte
	seen  int
	urls  []URL
}

func (v *within) Field(f *raw.Field) *raw.Place {
	v.seen++
	if f.Kind != raw.Method && !bytes.Contains(v.whole, f.Value.Peek()) {
		v.t.Fatalf("%q is no part of %q", f.Value.Peek(), v.whole)
	}
	v.place.Kind = f.Kind
	return &v.place
}

func (v *within) URL(u *URL) { v.urls = append(v.urls, *u) }

// FuzzValuesAreTakenApart walks any value in every kind of header, and as a query.
func FuzzValuesAreTakenApart(f *testing.F) {
	for _, seed := range []string{"", "a=b; c", `for="[::1]:1";by=x, y`, "https://u:p@h.example:1/a/../b?c=d&e#f", "//h/x", "5; url=x", "<a>;b, <c", "=&=&&", ";;=", `"\`, "https://[::1", "https://a@b@c/"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		for _, name := range shaped {
			x := &raw.Exchange{}
			x.Reset()
			x.Request.Add([]byte(name), value)
			x.Response.Add([]byte(name), value)
			m := &x.Request
			m.Query, m.Path, m.Authority = m.Append(value), m.Append(value), m.Append(value)
			v := &within{t: t, whole: value}
			var w Walker
			w.Request(x, v)
			w.Response(x, v)
			if v.seen > 2*MaxFields {
				t.Fatalf("%d fields", v.seen)
			}
			if name == "Location" {
				agree(t, value, v.urls[len(v.urls)-1])
			}
		}
	})
}

// agree compares with net/url: where both read a URL with an authority, they
// must read the same host.
func agree(t *testing.T, value []byte, u URL) {
	if u.Within == nil || u.Opaque {
		return
	}
	std, err := url.Parse(string(value))
	if err != nil || std.Host == "" && u.Host.Len() == 0 || strings.ContainsAny(std.Host, "%[") {
		return
	}
	if got := string(u.Host.Peek()); got != std.Hostname() && got != std.Host {
		t.Fatalf("host of %q is %q, net/url has %q", value, got, std.Host)
	}
}
