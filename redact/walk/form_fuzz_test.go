package walk

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzForm(f *testing.F) {
	for i, s := range []string{"a=b&c=d", "email=anna%40x.dk&name=Anna+J%C3%A6ger&&x", "a%=1", "p={\"a\":\"b\"}&query={a(b:1)}", "=;=&%00=%zz", "anna%40x.dk=1"} {
		f.Add([]byte(s), uint64(i))
	}
	f.Fuzz(checkForm)
}

func checkForm(t *testing.T, body []byte, seed uint64) {
	invariant(t, newForm, tight, body, seed)
	w, dropped := invariant(t, newForm, defaults, body, seed)
	valid := true
	was, is := bytes.Split(body, []byte("&")), bytes.Split(dropped.out, []byte("&"))
	for i, piece := range was {
		key, value, found := bytes.Cut(piece, []byte("="))
		k, err := url.QueryUnescape(string(key))
		v, fault := url.QueryUnescape(string(value))
		// net/url takes what is no UTF-8.
		if valid = valid && err == nil && fault == nil && utf8.ValidString(k) && utf8.ValidString(v); !valid || w.why != Scanned {
			continue
		}
		if len(was) != len(is) {
			t.Fatalf("%q became %q", body, dropped.out)
		}
		other, _, also := bytes.Cut(is[i], []byte("="))
		if found != also || found && isName([]byte(k)) && !bytes.Equal(key, other) {
			t.Fatalf("%q became %q", piece, is[i])
		}
	}
	if w.why == Scanned != valid && (w.why == Scanned || w.why == Broken) {
		t.Fatalf("%q is %q, net/url says %t", body, w.why, valid)
	}
	if w.why == Scanned {
		holdsNone(t, newForm, w, dropped)
		// The only semicolons net/url could refuse stand in values that are replaced, or in names.
		if _, err := url.ParseQuery(strings.ReplaceAll(string(dropped.out), ";", "")); err != nil {
			t.Fatalf("%q: %v", dropped.out, err)
		}
	}
}
