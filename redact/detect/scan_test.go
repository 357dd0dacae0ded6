package detect

import (
	"encoding/base64"
	"testing"
)

func TestScanFindsWithExactSpans(t *testing.T) {
	b64 := base64.StdEncoding.EncodeToString
	for _, c := range []struct{ text, span, value string }{
		{"203.0.113.7", "203.0.113.7", "203.0.113.7"},
		{"203.0.113.7:8080", "203.0.113.7", "203.0.113.7"},
		{"a, 203.0.113.7, b", "203.0.113.7", "203.0.113.7"},
		{`for="[2001:db8::1]:4711"`, "2001:db8::1", "2001:db8::1"},
		{"::ffff:203.0.113.7", "::ffff:203.0.113.7", "::ffff:203.0.113.7"},
		{"fe80::1%eth0", "fe80::1%eth0", "fe80::1%eth0"},
		{"[fe80::1%25eth0]", "fe80::1%25eth0", "fe80::1%eth0"},
		{"2001%3Adb8%3A%3A1", "2001%3Adb8%3A%3A1", "2001:db8::1"},
		{"2001:DB8:0:0:0:0:0:1", "2001:DB8:0:0:0:0:0:1", "2001:DB8:0:0:0:0:0:1"},
		{"src:2001:db8::1, x", "2001:db8::1", "2001:db8::1"},
		{"anna@example.dk", "anna@example.dk", "anna@example.dk"},
		{"mailto:anna@example.dk?x", "anna@example.dk", "anna@example.dk"},
		{"a=1&e=anna%40example.dk&x=2", "anna%40example.dk", "anna@example.dk"},
		{"anna%2540example.dk", "anna%2540example.dk", "anna@example.dk"},
		{"x%20anna%40example.dk%20y", "anna%40example.dk", "anna@example.dk"},
		{"anna＠ｅxample.dk", "anna＠ｅxample.dk", "anna@example.dk"},
		{"sid=" + b64([]byte("anna@example.dk")) + ";", b64([]byte("anna@example.dk")), "anna@example.dk"},
		{"x." + b64([]byte(b64([]byte(`{"e":"anna@example.dk"}`)))) + " y", b64([]byte(b64([]byte(`{"e":"anna@example.dk"}`)))), "anna@example.dk"},
		{`e\u0040example.dk anna\u0040example.dk`, `e\u0040example.dk`, "e@example.dk"},
		{"５anna@example.dk", "５anna@example.dk", "5anna@example.dk"},
		{`"anna b"@example.dk`, `"anna b"@example.dk`, `"anna b"@example.dk`},
		{"jørgen@blåbær.example", "jørgen@blåbær.example", "jørgen@blåbær.example"},
	} {
		var s Scanner
		f, complete := s.Scan([]byte(c.text))
		if len(f) == 0 || !complete {
			t.Errorf("%s: %d findings, complete %v", c.text, len(f), complete)
			continue
		}
		if got := c.text[f[0].Start:f[0].End]; got != c.span || string(f[0].Value) != c.value {
			t.Errorf("%s: span %q value %q", c.text, got, f[0].Value)
		}
	}
}
