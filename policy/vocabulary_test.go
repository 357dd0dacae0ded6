package policy

import (
	"bytes"
	"testing"
)

// Every byte is held against every other, in each place of eight and behind them.
func TestOnlyTheCaseOfASCIILettersIsIgnored(t *testing.T) {
	letter := func(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
	for at := range 10 {
		for i := range 256 * 256 {
			c, d := byte(i), byte(i>>8)
			a, b := []byte("x-Name_%41"), []byte("X-nAME_%41")
			a[at], b[at] = c, d
			same := c == d || c^d == 0x20 && letter(c)
			if got := equalFold(a, string(b)); got != same {
				t.Fatalf("%q and %q: %v", a, b, got)
			}
			if same && hashName(a) != hashName(b) {
				t.Fatalf("%q and %q have unlike hashes", a, b)
			}
		}
	}
	for n := range 20 {
		for at := range n {
			a, b := bytes.Repeat([]byte("aZ"), 10)[:n], bytes.Repeat([]byte("Az"), 10)[:n]
			if !equalFold(a, string(b)) || hashName(a) != hashName(b) {
				t.Fatalf("%q and %q", a, b)
			}
			if b[at] = '_'; equalFold(a, string(b)) || equalFold(a[:at], string(b)) {
				t.Fatalf("%q and %q are taken for one", a, b)
			}
		}
	}
	long := bytes.Repeat([]byte("User-Agent"), 9)
	if hashName(long) != hashName(string(bytes.ToLower(long))) || !equalFold(long, string(bytes.ToUpper(long))) {
		t.Error("a long name")
	}
}
