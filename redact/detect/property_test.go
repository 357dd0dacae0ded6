package detect

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"weir/redact/category"
)

// forms are the ways to write an address.
var forms = map[string]func(netip.Addr) string{
	"plain":    netip.Addr.String,
	"expanded": netip.Addr.StringExpanded,
	"upper":    func(a netip.Addr) string { return strings.ToUpper(a.String()) },
	"mapped": func(a netip.Addr) string {
		if a.Is4() {
			return "::ffff:" + a.String()
		}
		return a.String()
	},
	"mapped in hexadecimal": func(a netip.Addr) string {
		if a.Is4() {
			b := a.As4()
			return fmt.Sprintf("::FFFF:%x:%x", uint16(b[0])<<8|uint16(b[1]), uint16(b[2])<<8|uint16(b[3]))
		}
		return a.String()
	},
	"quad at its end": func(a netip.Addr) string {
		if a.Is4() {
			return a.String()
		}
		b := a.As16()
		var s strings.Builder
		for i := 0; i < 12; i += 2 {
			fmt.Fprintf(&s, "%x:", uint16(b[i])<<8|uint16(b[i+1]))
		}
		return s.String() + netip.AddrFrom4([4]byte(b[12:])).String()
	},
	"padded": func(a netip.Addr) string {
		if a.Is4() {
			b := a.As4()
			return fmt.Sprintf("%03d.%03d.%03d.%03d", b[0], b[1], b[2], b[3])
		}
		return a.String()
	},
	"zone": func(a netip.Addr) string {
		if a.Is6() {
			return a.String() + "%eth0"
		}
		return a.String()
	},
	"escaped zone": func(a netip.Addr) string {
		if a.Is6() {
			return a.String() + "%25eth0"
		}
		return a.String()
	},
	"colons escaped": func(a netip.Addr) string { return strings.ReplaceAll(a.String(), ":", "%3A") },
	"signs escaped": func(a netip.Addr) string {
		return strings.NewReplacer(":", "%3a", ".", "%2e").Replace(a.String())
	},
	"all escaped":       func(a netip.Addr) string { return escaped(a.String()) },
	"all escaped twice": func(a netip.Addr) string { return strings.ReplaceAll(escaped(a.String()), "%", "%25") },
	"full width":        func(a netip.Addr) string { return fullWidth(a.String()) },
	"base64":            func(a netip.Addr) string { return base64.StdEncoding.EncodeToString([]byte(a.String())) },
	"base64url":         func(a netip.Addr) string { return base64.RawURLEncoding.EncodeToString([]byte(a.String())) },
}

func escaped(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

func fullWidth(s string) string {
	return strings.Map(func(r rune) rune { return r - '!' + '！' }, s)
}

// around are the places that an address stands in.
var around = [][2]string{
	{"", ""}, {"", ":4711"}, {"", ".rev.example"}, {"[", "]"}, {"[", "]:443"}, {`for="[`, `]:4711"; proto=https`}, {"unknown, ", ", 198.51.100.9x"},
	{"a b ", " c"}, {"ip=", "&x=1"}, {"<", ">"}, {"x/", "/24"}, {"", "."}, {"(", ");"}, {"peer: ", ""}, {"_", "-"},
}

func randomAddr(r *rand.Rand) netip.Addr {
	if r.IntN(2) == 0 {
		return netip.AddrFrom4([4]byte{byte(r.IntN(256)), byte(r.IntN(256)), byte(r.IntN(256)), byte(r.IntN(256))})
	}
	var b [16]byte
	for i := 0; i < 16; i += 2 {
		switch r.IntN(3) {
		case 0:
		case 1:
			b[i+1] = byte(r.IntN(256))
		default:
			b[i], b[i+1] = byte(r.IntN(256)), byte(r.IntN(256))
		}
	}
	a := netip.AddrFrom16(b)
	if a.Is4In6() || a.IsUnspecified() || allPairs([]byte(a.String())) || len(a.String()) < 6 {
		return randomAddr(r)
	}
	return a
}

func TestEveryAddressIsFoundInEveryForm(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var s Scanner
	for range 400 {
		a := randomAddr(r)
		for name, write := range forms {
			form := write(a)
			for _, place := range around {
				if strings.HasPrefix(name, "base64") && (place[0] == "x/" || place[0] == "_" || place[1] == "-") {
					continue // letters of base64 themselves: part of the token
				}
				if strings.HasPrefix(name, "zone") && place[1] != "" && isZone(place[1][0]) {
					continue // part of the zone
				}
				if strings.Contains(name, "zone") && a.Is6() && place[1] != "" && strings.Contains(".-", place[1][:1]) {
					continue
				}
				if place[1] == ":4711" && strings.Contains(a.String()+form, "::") && !strings.Contains(name, "zone") {
					continue // 2001:db8::1:4711 may as well be the address
				}
				text := place[0] + form + place[1]
				findings, complete := s.Scan([]byte(text))
				if len(findings) != 1 || !complete {
					t.Fatalf("%s: %s: %d findings", name, text, len(findings))
				}
				f := findings[0]
				if got := text[f.Start:f.End]; got != form || f.Category != category.IPAddress {
					t.Fatalf("%s: %s: found %s as %s", name, text, got, f.Category)
				}
				if got, ok := Address(f.Value); !ok || got.Addr() != a || got.Port() != 0 {
					t.Fatalf("%s: %s: value %s", name, text, f.Value)
				}
			}
			if got, ok := Address([]byte(form)); !strings.HasPrefix(name, "base64") && name != "full width" && (!ok || got.Addr() != a) {
				t.Fatalf("%s: Address(%s): %v", name, form, got)
			}
		}
	}
}

// TestRandomTextAgreesWithNetip holds findings in texts of an address's letters
// against net/netip: what it reads as an address is found, what is found it reads.
func TestRandomTextAgreesWithNetip(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const letters = "0123456789abf.:.:::., "
	var s Scanner
	found := 0
	for range 100_000 {
		b := make([]byte, r.IntN(24))
		for i := range b {
			b[i] = letters[r.IntN(len(letters))]
		}
		findings, _ := s.Scan(b)
		for _, f := range findings {
			if a, ok := Address(f.Value); !ok || string(f.Value) != string(b[f.Start:f.End]) {
				t.Fatalf("%q: found %q", b, f.Value)
			} else if n, err := netip.ParseAddr(string(f.Value)); err == nil && n.Unmap() != a.Addr() {
				t.Fatalf("%q: %v, netip says %v", b, a, n)
			} else if err != nil && !strings.Contains("."+strings.ReplaceAll(string(f.Value), ":", "."), ".0") {
				t.Fatalf("%q: %v", b, err)
			}
			found++
		}
		for word := range strings.FieldsFuncSeq(string(b), func(r rune) bool { return r == ' ' || r == ',' }) {
			a, err := netip.ParseAddr(word)
			if err != nil || a.IsUnspecified() {
				continue
			}
			ok := false
			for _, f := range findings {
				ok = ok || string(f.Value) == word
			}
			if !ok {
				t.Fatalf("%q: %s not found", b, word)
			}
		}
	}
	if found < 300 {
		t.Errorf("only %d addresses", found)
	}
}

func TestEveryMailAddressIsFoundInEveryForm(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	b64 := base64.StdEncoding
	write := map[string]func(string) string{
		"plain":               func(s string) string { return s },
		"upper":               strings.ToUpper,
		"at escaped":          func(s string) string { return strings.ReplaceAll(s, "@", "%40") },
		"at escaped twice":    func(s string) string { return strings.ReplaceAll(s, "@", "%2540") },
		"at escaped thrice":   func(s string) string { return strings.ReplaceAll(s, "@", "%252540") },
		"all escaped":         escaped,
		"JSON":                func(s string) string { return strings.ReplaceAll(s, "@", `\u0040`) },
		"HTML":                func(s string) string { return strings.ReplaceAll(s, "@", "&#64;") },
		"full width":          fullWidth,
		"full width, escaped": func(s string) string { return escaped(fullWidth(s)) },
		"soft hyphens":        func(s string) string { return s[:1] + "\u00ad" + s[1:3] + "\u200b" + s[3:] },
		"marks and tags":      func(s string) string { return strings.ReplaceAll(s, "@", "\u061c@\u180e\U000e0061\ufe0f\u3164") },
		"base64":              func(s string) string { return b64.EncodeToString([]byte(s)) },
		"base64url":           func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
		"base64 twice":        func(s string) string { return b64.EncodeToString([]byte(b64.EncodeToString([]byte(s)))) },
		"base64 thrice": func(s string) string {
			return b64.EncodeToString([]byte(b64.EncodeToString([]byte(b64.EncodeToString([]byte(s))))))
		},
		"base64 of JSON":    func(s string) string { return b64.EncodeToString([]byte(`{"id":17,"mail":"` + s + `"}`)) },
		"base64 of escaped": func(s string) string { return b64.EncodeToString([]byte(strings.ReplaceAll(s, "@", "%40"))) },
		"base64 of bytes": func(s string) string {
			return b64.EncodeToString([]byte("\x0a\x0f\x00\xff" + s + "\x12\x00\x9c\xfe\x01\x02"))
		},
		"base64 behind letters": func(s string) string { return pick("v", "u_", "abc", "ABCD", "x-y-z") + b64.EncodeToString([]byte(s)) },
		"base64, escaped":       func(s string) string { return strings.ReplaceAll(b64.EncodeToString([]byte(s)), "=", "%3D") },
	}
	var s Scanner
	for range 400 {
		mail := pick("anna", "a.b", "Anna_Jensen", "o'brien", "anna+news", "12345678", "x") + pick("", "7", "-x") + "@" +
			pick("example", "mail.example", "xn--blbr-roah", "nordhost-2") + "." + pick("example", "dk", "org", "co.uk", "museum")
		for name, w := range write {
			form := w(mail)
			for _, place := range [][2]string{{"", ""}, {"<", ">"}, {`"`, `",`}, {"e=", "&f=1"}, {"mailto:", "?subject=x"}, {"til ", " og"}, {"a;", "."}, {"æ: ", "、ø"}} {
				text := place[0] + form + place[1]
				findings, complete := s.Scan([]byte(text))
				if len(findings) != 1 || !complete || findings[0].Category != category.Email {
					t.Fatalf("%s: %s: %d findings", name, text, len(findings))
				}
				f := findings[0]
				if got := text[f.Start:f.End]; got != form {
					t.Fatalf("%s: %s: found %s", name, text, got)
				}
				if !strings.EqualFold(string(f.Value), mail) {
					t.Fatalf("%s: %s: value %s", name, text, f.Value)
				}
			}
		}
	}
}
