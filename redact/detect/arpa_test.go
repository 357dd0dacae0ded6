package detect

import (
	"net/url"
	"strings"
	"testing"

	"weir/redact/category"
)

// nibbles is the name of an address in hexadecimal digits under ip6.arpa.
func nibbles(hex string) string {
	var b strings.Builder
	for i := len(hex) - 1; i >= 0; i-- {
		b.WriteByte(hex[i])
		b.WriteByte('.')
	}
	return b.String() + "ip6.arpa"
}

const v6 = "20010db8000000000000000000001234"

func TestNamesOfAddressesAreAddresses(t *testing.T) {
	for text, want := range map[string][2]string{
		"7.113.0.203.in-addr.arpa":                                {"7.113.0.203.in-addr.arpa", "203.0.113.7"},
		"PTR 7.113.0.203.IN-ADDR.ARPA. 3600":                      {"7.113.0.203.IN-ADDR.ARPA", "203.0.113.7"},
		"x=7.113.0.203.in-addr.arpa,y":                            {"7.113.0.203.in-addr.arpa", "203.0.113.7"},
		"_dns-sd.7.113.0.203.in-addr.arpa":                        {"7.113.0.203.in-addr.arpa", "203.0.113.7"},
		"//7.113.0.203.in-addr.arpa/":                             {"7.113.0.203.in-addr.arpa", "203.0.113.7"},
		"7.0/25.113.0.203.in-addr.arpa":                           {"7.0/25.113.0.203.in-addr.arpa", ""},
		"7.0-63.113.0.203.in-addr.arpa":                           {"7.0-63.113.0.203.in-addr.arpa", ""},
		nibbles(v6):                                               {nibbles(v6), "2001:db8::1234"},
		"query: " + nibbles(v6) + " IN PTR":                       {nibbles(v6), "2001:db8::1234"},
		strings.ToUpper(nibbles(v6)):                              {strings.ToUpper(nibbles(v6)), "2001:db8::1234"},
		nibbles(v6[:16]):                                          {nibbles(v6[:16]), ""},
		"b._dns-sd._udp." + nibbles(v6):                           {nibbles(v6), "2001:db8::1234"},
		"fd" + "x " + nibbles("fdfdfdfdfdfdfdfdfdfdfdfdfdfdfdfd"): {nibbles("fdfdfdfdfdfdfdfdfdfdfdfdfdfdfdfd"), "fdfd:fdfd:fdfd:fdfd:fdfd:fdfd:fdfd:fdfd"},
	} {
		var s Scanner
		findings, complete := s.Scan([]byte(text))
		if len(findings) != 1 || !complete || findings[0].Category != category.IPAddress {
			t.Errorf("%s: %d findings", text, len(findings))
			continue
		}
		f := findings[0]
		value := want[1]
		if value == "" {
			value = want[0]
		}
		if got := text[f.Start:f.End]; got != want[0] || string(f.Value) != value {
			t.Errorf("%s: %s is %s", text, got, f.Value)
		}
	}
	for _, text := range []string{"arpa", ".arpa", "in-addr.arpa", "ip6.arpa", "203.in-addr.arpa", "0.203.in-addr.arpa", nibbles("fe8f"), "a.harpa", "ip6.arpanet", "home.arpa", "6.rp"} {
		var s Scanner
		if findings, _ := s.Scan([]byte(text)); len(findings) > 0 {
			t.Errorf("%s: %d findings", text, len(findings))
		}
	}
}

func TestNamesOfAddressesAreFoundUnderEscapes(t *testing.T) {
	for _, name := range []string{"7.113.0.203.in-addr.arpa", nibbles(v6)} {
		for _, text := range []string{strings.ReplaceAll(name, ".", "%2e"), url.QueryEscape("q=" + name), strings.ReplaceAll(name, ".", "。"), strings.ReplaceAll(name, "6", "６")} {
			var s Scanner
			findings, _ := s.Scan([]byte(text))
			if len(findings) == 0 || len(findings[0].Value) > len("2001:db8::1234") {
				t.Errorf("%s: %d findings", text, len(findings))
			}
		}
	}
}
