package policytest

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"
)

func TestAValueIsSeenInEveryEncoding(t *testing.T) {
	percent := func(s string) string {
		var b strings.Builder
		for i := range len(s) {
			b.WriteString("%" + hex.EncodeToString([]byte{s[i]}))
		}
		return b.String()
	}
	for _, value := range []string{"anna@example.dk", "203.0.113.77", "2001:db8:77::1", "kanari", "Ærø Havn 7"} {
		for how, encode := range map[string]func(string) string{
			"plain": func(s string) string { return s }, "upper": strings.ToUpper, "query": url.QueryEscape, "percent": percent,
			"double percent": func(s string) string { return percent(percent(s)) }, "hex": func(s string) string { return hex.EncodeToString([]byte(s)) },
			"base64":    func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
			"base64url": func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
			"within base64": func(s string) string {
				return base64.StdEncoding.EncodeToString([]byte("user=" + s + ";"))
			},
			"UTF-16": utf16Of,
		} {
			if how == "query" && strings.Contains(value, " ") {
				continue // a plus that stands for a blank is another value
			}
			if how == "upper" && value[0] > 127 {
				continue
			}
			if !stands(`{"x":"`+encode(value)+`"}`, value) {
				t.Errorf("%s of %s is not seen", how, value)
			}
		}
	}
	for output, value := range map[string]string{"cb00:: ::ffff:cb00:714d": "203.0.113.77", "of 203-0-113-77": "203.0.113.77", "20010db8007700000000000000000001": "2001:db8:77::1",
		"annajensen": "annajensen@example.dk", `{"x":"say \"hi\" to O\\Brien\u0009now"}`: "\"hi\" to o\\brien\tnow", `"Anna \xC3\x86r\xC3\xB8"`: "Anna Ærø"} {
		if !stands(output, value) {
			t.Errorf("%s is not seen in %s", value, output)
		}
	}
	if stands(`{"client.address":"203.0.113.0","url.path":"/{id}","x":"h1.c2V5Y2F4ZXI"}`, "203.0.113.77") || stands("anna", "annas@example.dk") {
		t.Error("seen where it is not")
	}
}
