package transform

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"weir/redact/category"
	"weir/redact/keys"
)

// The vectors of draft-denis-ipcrypt-13, appendices A.1 and A.2.
const (
	keyA = "0123456789abcdeffedcba9876543210"
	keyB = "1032547698badcfeefcdab8967452301"
	keyC = "2b7e151628aed2a6abf7158809cf4f3c"
	keyD = keyC + "a9f5ba40db214c3798f2e1c23456789a"
)

var ipcryptVectors = []struct {
	way                   keys.Way
	key, plain, encrypted string
}{
	{keys.Deterministic, keyA, "0.0.0.0", "bde9:6789:d353:824c:d7c6:f58a:6bd2:26eb"},
	{keys.Deterministic, keyB, "255.255.255.255", "aed2:92f6:ea23:58c3:48fd:8b8:74e8:45d8"},
	{keys.Deterministic, keyC, "192.0.2.1", "1dbd:c1b9:fff1:7586:7d0b:67b4:e76e:4777"},
	{keys.Deterministic, keyA, "2001:db8:85a3::8a2e:370:7334", "1eef:2352:64c8:18e6:6456:1373:f615:5032"},
	{keys.Deterministic, keyB, "192.0.2.1", "7fde:a680:9546:ef2:d3c:7abb:1b38:2659"},
	{keys.Prefix, keyA + keyB, "0.0.0.0", "151.82.155.134"},
	{keys.Prefix, keyA + keyB, "255.255.255.255", "94.185.169.89"},
	{keys.Prefix, keyA + keyB, "192.0.2.1", "100.115.72.131"},
	{keys.Prefix, keyA + keyB, "2001:db8::1", "c180:5dd4:2587:3524:30ab:fa65:6ab6:f88"},
	{keys.Prefix, keyD, "10.0.0.47", "19.214.210.244"},
	{keys.Prefix, keyD, "10.0.0.129", "19.214.210.80"},
	{keys.Prefix, keyD, "10.0.0.234", "19.214.210.30"},
	{keys.Prefix, keyD, "172.16.5.193", "210.78.229.136"},
	{keys.Prefix, keyD, "172.16.97.42", "210.78.179.241"},
	{keys.Prefix, keyD, "172.16.248.177", "210.78.121.215"},
	{keys.Prefix, keyD, "2001:db8::a5c9:4e2f:bb91:5a7d", "7cec:702c:1243:f70:1956:125:b9bd:1aba"},
	{keys.Prefix, keyD, "2001:db8::7234:d8f1:3c6e:9a52", "7cec:702c:1243:f70:a3ef:c8e:95c1:cd0d"},
	{keys.Prefix, keyD, "2001:db8::f1e0:937b:26d4:8c1a", "7cec:702c:1243:f70:443c:c8e:6a62:b64d"},
	{keys.Prefix, keyD, "2001:db8:3a5c:0:e7d1:4b9f:2c8a:f673", "7cec:702c:3503:bef:e616:96bd:be33:a9b9"},
	{keys.Prefix, keyD, "2001:db8:9f27:0:b4e2:7a3d:5f91:c8e6", "7cec:702c:a504:b74e:194a:3d90:b047:2d1a"},
	{keys.Prefix, keyD, "2001:db8:d8b4:0:193c:a5e7:8b2f:46d1", "7cec:702c:f840:aa67:1b8:e84f:ac9d:77fb"},
}

func testCipher(t testing.TB, way keys.Way, key string) *Cipher {
	t.Helper()
	b, err := hex.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := newCipher(way, b)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheDraftsVectorsPass(t *testing.T) {
	for _, v := range ipcryptVectors {
		c := testCipher(t, v.way, v.key)
		if got := c.Encrypt(netip.MustParseAddr(v.plain)).String(); got != v.encrypted {
			t.Errorf("%s of %s is %s, want %s", v.way, v.plain, got, v.encrypted)
		}
		if c.in != [16]byte{} || c.out != [2][16]byte{} {
			t.Errorf("%s of %s leaves something of it behind", v.way, v.plain)
		}
		if got := c.Decrypt(netip.MustParseAddr(v.encrypted)).String(); got != v.plain {
			t.Errorf("%s back from %s is %s, want %s", v.way, v.encrypted, got, v.plain)
		}
	}
}

func TestAKeyThatWouldChangeNothingIsRefused(t *testing.T) {
	if _, err := NewCipher(keys.Prefix, keys.Key{}); err == nil {
		t.Error("a key of equal halves was taken")
	}
	if _, err := NewCipher("rot13", keys.Key{}); err == nil {
		t.Error("an unknown way was taken")
	}
}

func TestACipherPrintsNoKey(t *testing.T) {
	c := testCipher(t, keys.Prefix, keyD)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if got := fmt.Sprintf(verb, c); got != "[key]" {
			t.Errorf("%s: %s", verb, got)
		}
	}
}

// addresses are random, the same in each run.
func addresses() []netip.Addr {
	out := []netip.Addr{netip.MustParseAddr("203.0.113.77"), netip.MustParseAddr("2001:db8:1:2::9"), netip.MustParseAddr("::"), netip.MustParseAddr("0.0.0.0")}
	r := rand.New(rand.NewPCG(7, 8))
	for range 300 {
		var b [16]byte
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		out = append(out, netip.AddrFrom16(b), netip.AddrFrom4([4]byte(b[:4])))
	}
	return out
}

func TestEncryptionIsDeterministicAndDistinctAndHidesTheValue(t *testing.T) {
	k := ring(t)
	m, other := maker(t, k), maker(t, ring(t))
	for _, tr := range []Transform{Encrypt(), EncryptPrefix()} {
		seen := map[string]netip.Addr{}
		for _, a := range addresses() {
			one, how := done(m, tr, category.IPAddress, a.String())
			two, _ := done(m, tr, category.IPAddress, a.String())
			if one == "" || one != two || how != tr {
				t.Fatalf("%v: %q and %q, by %v", tr, one, two, how)
			}
			if before, ok := seen[one]; ok && before != a {
				t.Errorf("%v: two addresses are one", tr)
			}
			seen[one] = a
			if len(a.String()) > 3 && strings.Contains(one, a.String()) {
				t.Errorf("%v: the value stands in its encryption", tr)
			}
			if theirs, _ := done(other, tr, category.IPAddress, a.String()); theirs == one {
				t.Errorf("%v: two rings give one encryption", tr)
			}
		}
	}
	deterministic, _ := done(m, Encrypt(), category.IPAddress, "2001:db8::1")
	prefix, _ := done(m, EncryptPrefix(), category.IPAddress, "2001:db8::1")
	if deterministic == prefix {
		t.Error("both ways give one encryption")
	}
}

func TestEncryptedAddressesAreDecryptedByTheRingsKey(t *testing.T) {
	k := ring(t)
	m := maker(t, k)
	for way, tr := range map[keys.Way]Transform{keys.Deterministic: Encrypt(), keys.Prefix: EncryptPrefix()} {
		key, err := k.Encryption("30d", start, "www", way)
		if err != nil {
			t.Fatal(err)
		}
		c, err := NewCipher(way, key)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range addresses() {
			text, _ := done(m, tr, category.IPAddress, a.String())
			if got := c.Decrypt(netip.MustParseAddr(text)); got != a.Unmap() {
				t.Errorf("%s: %v is decrypted as %v", way, a, got)
			}
		}
	}
}

func TestPrefixesArePreserved(t *testing.T) {
	c := testCipher(t, keys.Prefix, keyD)
	all := addresses()
	for i, a := range all {
		b := all[(i+2)%len(all)]
		if i%3 == 0 && a.Is6() { // and some that share much
			raw := a.As16()
			raw[8+i%8] ^= 4
			b = netip.AddrFrom16(raw)
		}
		if a.Is4() != b.Is4() {
			continue
		}
		if want, got := common(a, b), common(c.Encrypt(a), c.Encrypt(b)); got != want {
			t.Fatalf("%v and %v share %d bits, encrypted %d", a, b, want, got)
		}
	}
}

// common is how many bits two addresses of one family share.
func common(a, b netip.Addr) int {
	for n := a.BitLen(); ; n-- {
		p, _ := a.Prefix(n)
		if p.Contains(b) {
			return n
		}
	}
}

func TestEncryptionsDifferByDomainClassAndEpoch(t *testing.T) {
	k := ring(t)
	seen := map[string]bool{}
	for _, service := range []string{"www", "billing"} {
		for _, class := range []string{"30d", "90d"} {
			for _, began := range []time.Time{start, start.Add(24 * time.Hour)} {
				m := NewMaker(Config{Keys: k, Service: service})
				m.Begin(class, began)
				got, _ := done(m, Encrypt(), category.IPAddress, "203.0.113.77")
				if got == "" || seen[got] {
					t.Errorf("%q a second time", got)
				}
				seen[got] = true
			}
		}
	}
	m := maker(t, k)
	one, _ := done(m, Encrypt(), category.IPAddress, "203.0.113.77")
	m.Begin("90d", start)
	m.Begin("30d", start.Add(24*time.Hour))
	if two, _ := done(m, Encrypt(), category.IPAddress, "203.0.113.77"); one == two {
		t.Error("the next epoch has the same key")
	}
}

func TestWhatIsNoAddressOrHasNoKeyIsNotEncrypted(t *testing.T) {
	m := maker(t, ring(t))
	for _, text := range texts() {
		if _, err := netip.ParseAddr(text); err == nil {
			continue
		}
		for _, tr := range []Transform{Encrypt(), EncryptPrefix()} {
			if got, how := done(m, tr, category.IPAddress, text); got != "" || how != Drop() {
				t.Errorf("%v left %q of what is no address", tr, got)
			}
		}
	}
	for _, m := range []*Maker{maker(t, lost{}), maker(t, nil)} {
		if got, how := done(m, Encrypt(), category.IPAddress, "203.0.113.77"); got != "" || how != Drop() || m.Failed() != 1 {
			t.Errorf("%q, %v, %d failed", got, how, m.Failed())
		}
	}
}

func TestEncryptionAllocatesNothing(t *testing.T) {
	m := maker(t, ring(t))
	v := &Value{Category: category.IPAddress, Address: netip.MustParseAddr("2001:db8::9")}
	for _, tr := range []Transform{Encrypt(), EncryptPrefix(), Type()} {
		if n := testing.AllocsPerRun(20, func() { m.Begin("30d", start); m.Open(Plain); m.Apply(tr, v) }); n != 0 {
			t.Errorf("%v: %v allocations", tr, n)
		}
	}
}

func BenchmarkEncrypt(b *testing.B) {
	for name, c := range map[string]*Cipher{"deterministic": testCipher(b, keys.Deterministic, keyD), "prefix": testCipher(b, keys.Prefix, keyD)} {
		for _, text := range []string{"203.0.113.77", "2001:db8::77"} {
			b.Run(name+"/"+text, func(b *testing.B) {
				a := netip.MustParseAddr(text)
				b.ReportAllocs()
				for b.Loop() {
					c.Encrypt(a)
				}
			})
		}
	}
}
