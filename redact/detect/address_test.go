package detect

import (
	"net/netip"
	"strings"
	"testing"
)

func TestAddressReadsEveryWrittenForm(t *testing.T) {
	for text, want := range map[string]string{
		"203.0.113.7":                "203.0.113.7:0",
		" 203.0.113.7 ":              "203.0.113.7:0",
		"203.0.113.7:4711":           "203.0.113.7:4711",
		`"203.0.113.7:4711"`:         "203.0.113.7:4711",
		"[203.0.113.7]:80":           "203.0.113.7:80",
		"::ffff:203.0.113.7":         "203.0.113.7:0",
		"[::FFFF:cb00:7107]:443":     "203.0.113.7:443",
		"203.000.113.007":            "203.0.113.7:0",
		"0377.0.0.1":                 "255.0.0.1:0",
		"0xcb.0.0x71.7":              "203.0.113.7:0",
		"0xCB007107":                 "203.0.113.7:0",
		"3405803783":                 "203.0.113.7:0",
		"2130706433:8080":            "127.0.0.1:8080",
		"0x7f000001":                 "127.0.0.1:0",
		"017700000001":               "127.0.0.1:0",
		"127.1":                      "127.0.0.1:0",
		"10.1.258":                   "10.1.1.2:0",
		"16777216":                   "1.0.0.0:0",
		"2001:db8::1":                "[2001:db8::1]:0",
		"2001:DB8:0:0:0:0:0:1":       "[2001:db8::1]:0",
		`"[2001:db8::1]:4711"`:       "[2001:db8::1]:4711",
		"%5B2001%3adb8%3A%3A1%5D:80": "[2001:db8::1]:80",
		"2001%253Adb8%253A%253A1":    "[2001:db8::1]:0",
		"fe80::1%eth0":               "[fe80::1]:0",
		"[fe80::1%25eth0]:80":        "[fe80::1]:80",
		"::":                         "[::]:0",
		"2001:db8:0:0:0:0:0:1:8080":  "[2001:db8::1]:8080",
		"２０３．０．１１３．７":                "203.0.113.7:0",
	} {
		got, ok := Address([]byte(text))
		if !ok || got.String() != want {
			t.Errorf("%s: %v %v, want %s", text, got, ok, want)
		}
	}
}

func TestOtherTextIsNoAddress(t *testing.T) {
	for _, text := range []string{
		"", " ", "-", "unknown", "_hidden", "localhost", "www.nordhost.example", "80", "16777215", "4294967296", "0x100000000", "256.1.1.1", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1.2.3.4:", "1.2.3.4:65536",
		"1.2.3.4:-1", "1.2.3.4:+1", "[1.2.3.4", "1.2.3.4]", "[]", "[]:80", "::1::2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9:10", "12:34:56", "fe80::1%", "fe80::1%e/x", "1.2.3.4 5.6.7.8", "1.2.3.4,", "09.1.1.1x",
		"0x", "0x.1.1.1", "1..1", "1.2.3.400", strings.Repeat("0", 300) + "1.1.1.1",
	} {
		if got, ok := Address([]byte(text)); ok {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestAddressAllocatesNothing(t *testing.T) {
	for _, text := range []string{"203.0.113.7:80", `"[2001:db8::1]:4711"`, "fe80::1%eth0", "2001%3Adb8%3A%3A1", "unknown"} {
		b := []byte(text)
		if n := testing.AllocsPerRun(20, func() { Address(b) }); n != 0 {
			t.Errorf("%s: %v allocations", text, n)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, text := range []string{
		"203.0.113.7:80", "[2001:db8::1%25eth0]:4711", "0x7f000001", "017700000001", "127.1", "::ffff:1.2.3.4", `"[::1]"`, "1:2:3:4:5:6:7::", "::1.2.3.4", "%2531", "１.１.１.１", "1:2:3:4:5:6:1.2.3.4",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, ok := Address(text)
		if ok {
			if again, ok := Address([]byte(got.Addr().String())); !ok || again.Addr() != got.Addr() || got.Addr().Is4In6() || got.Addr().Zone() != "" {
				t.Fatalf("%q: %v, then %v", text, got, again)
			}
		}
		if len(text) > maxAddress || strings.Contains(string(text), "%") {
			return
		}
		if want, err := netip.ParseAddr(string(text)); err == nil && (!ok || got.Addr() != want.Unmap()) {
			t.Fatalf("%q: %v, netip says %v", text, got, want)
		}
		if want, err := netip.ParseAddrPort(string(text)); err == nil && (!ok || got.Addr() != want.Addr().Unmap() || got.Port() != want.Port()) {
			t.Fatalf("%q: %v, netip says %v", text, got, want)
		}
	})
}
