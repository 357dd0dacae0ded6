package listen

import (
	"net/netip"
	"strings"
	"testing"
)

// fields are field lines in the order in which they were sent.
type fields [][2]string

func (f fields) Last(name string, i int) ([]byte, bool) {
	for k := len(f) - 1; k >= 0; k-- {
		if f[k][0] != name {
			continue
		}
		if i == 0 {
			return []byte(f[k][1]), true
		}
		i--
	}
	return nil, false
}

func mustTrust(t testing.TB, entries ...string) Trust {
	t.Helper()
	trust, err := ParseTrust(entries)
	if err != nil {
		t.Fatal(err)
	}
	return trust
}

func TestClientIsTheRightmostUntrustedHop(t *testing.T) {
	trust := mustTrust(t, "10.0.0.0/8", "fd00::/8", "192.0.2.7")
	peer := "10.0.0.1:5000"
	for name, c := range map[string]struct {
		peer   string
		fields fields
		client string
		told   bool
	}{
		"no field":                {peer, nil, peer, false},
		"untrusted peer":          {"203.0.113.9:1", fields{{"x-forwarded-for", "198.51.100.1"}}, "203.0.113.9:1", false},
		"mapped peer":             {"[::ffff:10.0.0.1]:5000", fields{{"x-forwarded-for", "198.51.100.1"}}, "198.51.100.1:0", true},
		"one hop":                 {peer, fields{{"x-forwarded-for", "198.51.100.1"}}, "198.51.100.1:0", true},
		"spoofed left end":        {peer, fields{{"x-forwarded-for", "1.1.1.1, 198.51.100.1, 10.2.2.2"}}, "198.51.100.1:0", true},
		"several lines":           {peer, fields{{"x-forwarded-for", "1.1.1.1"}, {"x-forwarded-for", "198.51.100.1"}, {"x-forwarded-for", "192.0.2.7,10.0.0.9"}}, "198.51.100.1:0", true},
		"all trusted":             {peer, fields{{"x-forwarded-for", "10.9.9.9, 10.8.8.8"}}, "10.9.9.9:0", true},
		"hop that does not parse": {peer, fields{{"x-forwarded-for", "1.1.1.1, unknown, 10.0.0.9"}}, "10.0.0.9:0", true},
		"nothing that parses":     {peer, fields{{"x-forwarded-for", "unknown"}}, peer, false},
		"empty elements":          {peer, fields{{"x-forwarded-for", ", 198.51.100.1 ,, "}}, "198.51.100.1:0", true},
		"port":                    {peer, fields{{"x-forwarded-for", "198.51.100.1:4711"}}, "198.51.100.1:4711", true},
		"IPv6":                    {peer, fields{{"x-forwarded-for", "2001:db8::1, fd00::1"}}, "[2001:db8::1]:0", true},
		"IPv6 with port and zone": {peer, fields{{"x-forwarded-for", "[2001:db8::1%eth0]:80"}}, "[2001:db8::1]:80", true},
		"IPv4-mapped":             {peer, fields{{"x-forwarded-for", "::ffff:198.51.100.1"}}, "198.51.100.1:0", true},
		"forwarded":               {peer, fields{{"forwarded", `for=1.1.1.1, For="[2001:db8::1]:4711";proto=https;by=10.0.0.1`}}, "[2001:db8::1]:4711", true},
		"forwarded, list in quotes": {peer, fields{{"forwarded", `for=198.51.100.1;host="a, b;for=1.1.1.1", for=10.0.0.2`}},
			"198.51.100.1:0", true},
		"forwarded, hidden":         {peer, fields{{"forwarded", "for=_hidden, for=10.0.0.2"}}, "10.0.0.2:0", true},
		"forwarded, two for":        {peer, fields{{"forwarded", "for=198.51.100.1;for=198.51.100.2"}}, peer, false},
		"forwarded, none for":       {peer, fields{{"forwarded", "proto=https"}}, peer, false},
		"list before forwarded":     {peer, fields{{"forwarded", "for=1.1.1.1"}, {"x-forwarded-for", "198.51.100.1"}}, "198.51.100.1:0", true},
		"list before single":        {peer, fields{{"x-real-ip", "1.1.1.1"}, {"x-forwarded-for", "198.51.100.1"}}, "198.51.100.1:0", true},
		"real ip":                   {peer, fields{{"x-real-ip", "198.51.100.1"}}, "198.51.100.1:0", true},
		"real ip, last line counts": {peer, fields{{"x-real-ip", "1.1.1.1"}, {"x-real-ip", "198.51.100.1"}}, "198.51.100.1:0", true},
		"real ip that is none":      {peer, fields{{"x-real-ip", "x"}, {"true-client-ip", "198.51.100.1"}}, "198.51.100.1:0", true},
		"cloudflare":                {peer, fields{{"cf-connecting-ip", "2001:db8::1"}}, "[2001:db8::1]:0", true},
		"fastly":                    {peer, fields{{"fastly-client-ip", "198.51.100.1"}}, "198.51.100.1:0", true},
		"cloudfront":                {peer, fields{{"cloudfront-viewer-address", "2001:db8:0:0:0:0:0:1:443"}}, "[2001:db8::1]:443", true},
	} {
		t.Run(name, func(t *testing.T) {
			client, told := trust.Client(netip.MustParseAddrPort(c.peer), c.fields)
			if client != netip.MustParseAddrPort(c.client) || told != c.told {
				t.Errorf("got %v %v", client, told)
			}
		})
	}
}

func TestNobodyIsBelievedWithoutTrust(t *testing.T) {
	peer := netip.MustParseAddrPort("10.0.0.1:1")
	if client, told := (Trust{}).Client(peer, fields{{"x-forwarded-for", "1.1.1.1"}}); client != peer || told {
		t.Error(client, told)
	}
}

func TestHopsThatAreNoAddresses(t *testing.T) {
	for _, s := range []string{"", "unknown", "1.2.3", "1.2.3.4:", "1.2.3.4:99999", "1.2.3.4:x", "1.2.3.4:-1", "[1.2.3.4]", "[::1", "::1]", "[::1]80",
		"[::1]:", "01.2.3.4", "1.2.3.4.5", "1:2:3:4:5:6:7:8:9:10", "example.com", strings.Repeat("1", 200)} {
		if a, ok := parseHop([]byte(s)); ok {
			t.Errorf("%q gave %v", s, a)
		}
	}
}

func TestLongListsAreReadToALimit(t *testing.T) {
	trust := mustTrust(t, "10.0.0.0/8")
	f := fields{{"x-forwarded-for", "198.51.100.1, " + strings.Repeat("10.0.0.2, ", 100) + "10.0.0.3"}}
	client, _ := trust.Client(netip.MustParseAddrPort("10.0.0.1:1"), f)
	if client.Addr().String() != "10.0.0.2" {
		t.Error(client)
	}
}

func TestTrustSaysWhatToWriteInstead(t *testing.T) {
	_, err := ParseTrust([]string{"10.1.2.3/8", "loopback", "10.0.0.0/33", "::1", "::ffff:0:0/90"})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{"write 10.0.0.0/8", `"loopback" is not an address`, `"10.0.0.0/33"`, "/90"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
	if strings.Contains(err.Error(), `"::1"`) {
		t.Error("names an entry that is right")
	}
	if trust := mustTrust(t, "::ffff:10.0.0.0/104"); !trust.Contains(netip.MustParseAddr("10.255.0.1")) || trust.Contains(netip.MustParseAddr("11.0.0.1")) {
		t.Error("a mapped prefix is not taken for the IPv4 one")
	}
}

func FuzzForwarded(f *testing.F) {
	f.Add("x-forwarded-for", "1.1.1.1, 198.51.100.1, 10.2.2.2", "")
	f.Add("forwarded", `for="[2001:db8::1]:4711";proto=https, for=10.0.0.2`, `for=_x;by="a\"b"`)
	f.Add("x-real-ip", "[::1%eth0]:80", "::ffff:1.2.3.4")
	f.Add("cloudfront-viewer-address", "2001:db8:0:0:0:0:0:1:443", "")
	trust := mustTrust(f, "10.0.0.0/8", "fd00::/8")
	peer := netip.MustParseAddrPort("10.0.0.1:1")
	f.Fuzz(func(t *testing.T, name, a, b string) {
		client, told := trust.Client(peer, fields{{name, a}, {name, b}})
		if !client.IsValid() || client.Addr().Is4In6() || client.Addr().Zone() != "" {
			t.Errorf("client is %v", client)
		}
		if !told && client != peer {
			t.Error("somebody else without being told")
		}
		// Whatever a client writes to the left of what a trusted hop adds, the hop's word counts.
		if list := name == "x-forwarded-for" || name == "forwarded"; list && !strings.Contains(a+b, `"`) {
			added := map[string]string{"x-forwarded-for": "198.51.100.9", "forwarded": "for=198.51.100.9"}[name]
			if got, _ := trust.Client(peer, fields{{name, a}, {name, b + ", " + added}}); got.Addr().String() != "198.51.100.9" {
				t.Errorf("client wrote itself to be %v", got)
			}
		}
	})
}

func BenchmarkClient(b *testing.B) {
	trust := mustTrust(b, "10.0.0.0/8")
	peer := netip.MustParseAddrPort("10.0.0.1:1")
	f := lineBytes{[]byte("1.1.1.1, 198.51.100.1, 10.2.2.2")}
	b.ReportAllocs()
	for b.Loop() {
		trust.Client(peer, f)
	}
}

// lineBytes is one X-Forwarded-For line.
type lineBytes [1][]byte

func (l lineBytes) Last(name string, i int) ([]byte, bool) {
	if name != "x-forwarded-for" || i > 0 {
		return nil, false
	}
	return l[0], true
}
