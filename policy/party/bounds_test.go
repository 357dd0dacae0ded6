package party_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"weir/policy/party"
)

// many is a register of 500 parties with ten hosts each, every tenth with a path.
func many(t testing.TB) *party.Register {
	var lines []string
	for p := range 500 {
		line := fmt.Sprintf("p%d/use 10.%d.%d.0/24", p, p/250, p%250)
		for h := range 10 {
			switch h {
			case 0:
				line += fmt.Sprintf(" *.h%d.p%d.example", h, p)
			case 1:
				line += fmt.Sprintf(" h%d.p%d.example/v1/orders/*", h, p)
			default:
				line += fmt.Sprintf(" h%d.p%d.example", h, p)
			}
		}
		lines = append(lines, line)
	}
	return declare(t, lines...)
}

// asked are exchanges of all kinds: declared whole, by suffix, by path, by address, not at all.
var asked = []struct{ host, path, address string }{
	{"h7.p333.example", "/v1", ""},
	{"H7.P333.Example.:443", "/v1", ""},
	{"a.b.c.d.h0.p499.example", "/", ""},
	{"h1.p12.example", "/v1/orders/7f3c/%2e%2e//x", ""},
	{"h1.p12.example", "", ""},
	{"10.1.7.9:443", "/", ""},
	{"other.example", "/", "10.0.9.1"},
	{"tracker.other.example", "/", ""},
	{strings.Repeat("a.", 120) + "h0.p1.example", "/", ""},
	{"h1.p12.example", "/" + strings.Repeat("%25", 1300), ""},
	{strings.Repeat("x", 60000), strings.Repeat("/..", 20000), ""},
}

func TestFindingAllocatesNothing(t *testing.T) {
	r := many(t)
	for _, a := range asked {
		addr, _ := netip.ParseAddr(a.address)
		var to party.Recipient
		if n := testing.AllocsPerRun(100, func() { to = r.Find(a.host, a.path, addr) }); n != 0 {
			t.Errorf("%.60s%.60s: %v allocations, found %s", a.host, a.path, n, to.Source)
		}
	}
}

func TestARegisterIsBounded(t *testing.T) {
	host := func(text string) party.Host {
		h, err := party.ParseHost(text)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	paths := party.Party{ID: "p", Uses: []party.Use{{ID: "u"}}}
	for i := range 201 {
		paths.Uses[0].Hosts = append(paths.Uses[0].Hosts, host(fmt.Sprintf("a.example/%d", i)))
	}
	hosts := party.Party{ID: "p", Uses: []party.Use{{ID: "u"}}}
	for i := range party.MaxHosts + 1 {
		hosts.Uses[0].Hosts = append(hosts.Uses[0].Hosts, host(fmt.Sprintf("h%d.example", i)))
	}
	var parties []party.Party
	for i := range party.MaxParties + 1 {
		parties = append(parties, party.Party{ID: fmt.Sprint(i)})
	}
	for want, cfg := range map[string]party.Config{
		"more than 200 paths":    {Parties: []party.Party{paths}},
		"more than 20000 hosts":  {Parties: []party.Party{hosts}},
		"more than 2000 parties": {Parties: parties},
		"there twice":            {Parties: []party.Party{{ID: "a"}, {ID: "a"}}},
		"the use":                {Parties: []party.Party{{ID: "a", Uses: []party.Use{{}}}}},
		"not parsed":             {Parties: []party.Party{{ID: "a", Uses: []party.Use{{ID: "u", Hosts: []party.Host{{}}}}}}},
	} {
		if _, err := party.New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	r := many(b)
	for i, name := range []string{"host", "spelt", "suffix", "path", "tunnel", "address", "by address", "nobody", "labels", "escapes", "long"} {
		addr, _ := netip.ParseAddr(asked[i].address)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.Find(asked[i].host, asked[i].path, addr)
			}
		})
	}
}

func BenchmarkFor(b *testing.B) {
	r := many(b)
	b.ReportAllocs()
	for b.Loop() {
		r.For("www")
	}
}
