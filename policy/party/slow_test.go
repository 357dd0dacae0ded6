package party_test

import (
	"math/rand/v2"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/idna"

	"weir/policy/party"
)

// slow finds a recipient as README tells it, one declaration after the other, without a
// thought of what that costs.
func slow(parties []party.Party, host, path string, addr netip.Addr) string {
	if len(host) > 1020 {
		return slowAddress(parties, addr, "unknown")
	}
	if inside, _, ok := strings.Cut(strings.TrimPrefix(host, "["), "]"); ok && strings.HasPrefix(host, "[") {
		host = inside
	} else if strings.Count(host, ":") == 1 {
		host, _, _ = strings.Cut(host, ":")
	}
	if a, err := netip.ParseAddr(host); err == nil {
		if !addr.IsValid() {
			addr = a
		}
		return slowAddress(parties, addr, "unknown")
	}
	host = slowHost(host)
	if host == "" {
		return slowAddress(parties, addr, "unknown")
	}
	var seen []string
	if texts, ok := slowReadings(path); ok {
		for i, parts := range texts {
			seen = append(seen, slowByHost(parties, host, parts, i == 3))
		}
	} else {
		seen = slowAnyPath(parties, host)
	}
	for _, s := range seen {
		if s != seen[0] {
			return "undecided" + slowParty(seen)
		}
	}
	if seen[0] != "" {
		return seen[0]
	}
	return slowAddress(parties, addr, "")
}

// slowParty is the party that all of them are, or nobody.
func slowParty(seen []string) string {
	found := ""
	for _, s := range seen {
		id, _, _ := strings.Cut(s, "/")
		if s != "" && found != "" && found != id {
			return ""
		}
		if s != "" {
			found = id
		}
	}
	return " " + found
}

var slowName = regexp.MustCompile(`^([a-z0-9_-]{1,63}\.)*[a-z_-][a-z0-9_-]{0,62}$`)

func slowHost(host string) string {
	if strings.ContainsFunc(host, func(c rune) bool { return c >= 0x80 }) {
		var err error
		if host, err = idna.Lookup.ToASCII(host); err != nil {
			return ""
		}
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if len(host) > 253 || !slowName.MatchString(host) {
		return ""
	}
	return host
}

var (
	escape  = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	noPath  = regexp.MustCompile(`%($|[^0-9A-Fa-f]|.$|.[^0-9A-Fa-f]|[01][0-9A-Fa-f]|7[Ff]|[Cc][01])|[\x00-\x1f\x7f]`)
	needed  = regexp.MustCompile(`^[\x80-\xff "<>^` + "`" + `{|}\[\]]$`)
	onePart = regexp.MustCompile(`^[^;]*`)
)

func unescape(s string) string {
	return escape.ReplaceAllStringFunc(s, func(e string) string {
		digits := "0123456789abcdef"
		e = strings.ToLower(e)
		return string([]byte{byte(strings.IndexByte(digits, e[1])<<4 | strings.IndexByte(digits, e[2]))})
	})
}

// slowReadings are the parts of a path by each way of reading it.
func slowReadings(path string) (out [][]string, ok bool) {
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	if path == "" || path[0] != '/' || len(path) > 4096 || slowOdd(path) {
		return nil, false
	}
	split := func(s string) []string {
		parts := strings.Split(s[1:], "/")
		if parts[len(parts)-1] == "" {
			parts = parts[:len(parts)-1]
		}
		return parts
	}
	var plain []string
	for _, p := range split(path) {
		plain = append(plain, escape.ReplaceAllStringFunc(p, func(e string) string {
			if c := unescape(e); c[0] >= 0x80 || needed.MatchString(c) {
				return c
			}
			return e
		}))
	}
	flat := path
	for i := 0; ; i++ {
		next := unescape(flat)
		if next == flat {
			break
		}
		if i == 7 || slowOdd(strings.Join(escape.FindAllString(next, -1), "")) || strings.ContainsFunc(next, func(c rune) bool { return c < ' ' || c == 0x7f }) {
			return nil, false
		}
		flat = next
	}
	var cut []string
	for _, p := range split(strings.ReplaceAll(flat, `\`, "/")) {
		cut = append(cut, lowerASCII(onePart.FindString(p)))
	}
	return [][]string{plain, dotless(plain), dotless(split(unescape(path))), dotless(cut)}, true
}

func slowOdd(s string) bool { return noPath.MatchString(s) }

func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func dotless(parts []string) (out []string) {
	for _, p := range parts {
		switch p {
		case "", ".":
		case "..":
			if len(out) > 0 {
				out = out[:len(out)-1]
			}
		default:
			out = append(out, p)
		}
	}
	return out
}

// slowRank is how narrow a declaration is that fits, 0 for one that does not.
func slowRank(h party.Host, host string) int {
	switch {
	case !h.Below && h.Name == host:
		return 10000
	case h.Below && strings.HasSuffix(host, "."+h.Name):
		return len(h.Name)
	}
	return 0
}

func slowByHost(parties []party.Party, host string, parts []string, fold bool) (found string) {
	best := 0
	each(parties, func(name string, h party.Host) {
		rank := slowRank(h, host) * 1000
		if rank == 0 {
			return
		}
		if h.Path != "" {
			want := strings.Split(h.Path, "/")[1:]
			if fold {
				for i := range want {
					want[i] = lowerASCII(want[i])
				}
			}
			if len(parts) < len(want) || !slices.Equal(parts[:len(want)], want) || len(parts) > len(want) && !h.Tree {
				return
			}
			rank += 2*len(want) + 1
			if !h.Tree {
				rank++
			}
		}
		if rank > best {
			best, found = rank, name
		}
	})
	return found
}

// slowAnyPath are all that a path could lead to.
func slowAnyPath(parties []party.Party, host string) (out []string) {
	whole := 0
	each(parties, func(_ string, h party.Host) {
		if h.Path == "" {
			whole = max(whole, slowRank(h, host))
		}
	})
	each(parties, func(name string, h party.Host) {
		if rank := slowRank(h, host); rank > 0 && (rank > whole || rank == whole) {
			out = append(out, name)
		}
	})
	if whole == 0 {
		out = append(out, "")
	}
	return out
}

func slowAddress(parties []party.Party, addr netip.Addr, otherwise string) string {
	best := -1
	for _, p := range parties {
		for _, u := range p.Uses {
			for _, a := range u.Addresses {
				if a.Contains(addr.Unmap().WithZone("")) && a.Bits() > best {
					best, otherwise = a.Bits(), p.ID+"/"+u.ID
				}
			}
		}
	}
	return otherwise
}

func each(parties []party.Party, yield func(name string, h party.Host)) {
	for _, p := range parties {
		for _, u := range p.Uses {
			for _, h := range u.Hosts {
				yield(p.ID+"/"+u.ID, h)
			}
		}
	}
}

var fuzzed = append([]string{"acme/root acme.example acme.example/a/b acme.example/a/* acme.example/A/c/*", "other/low *.acme.example *.acme.example/a/* *.b.acme.example/a/b/c"}, google...)

func FuzzFind(f *testing.F) {
	for _, host := range []string{"acme.example", "x.b.acme.example:80", "accounts.google.com", "[2001:db8::1]:443", "konto.BÜCHER.example.", "a.b.c"} {
		for _, path := range []string{"", "/", "/a/b", "/a/%2e%2e/b", "/A//c/./d", `/a\..\%255c`, "/o/oauth2/..;/x", "/%C3%B8konomi"} {
			f.Add(host, path, []byte{216, 239, 36, 1})
		}
	}
	r := declare(f, fuzzed...)
	f.Fuzz(func(t *testing.T, host, path string, address []byte) {
		addr, _ := netip.AddrFromSlice(address)
		to := r.Find(host, path, addr)
		got, want := told(to), slow(r.Parties(), host, path, addr)
		if want == "" { // nobody: by the domain, if there is one
			if to.Declared || to.ID != "" || to.Source != party.Registrable && to.Source != party.Unknown {
				t.Errorf("%q %q %v: %s, want nobody", host, path, addr, got)
			}
			return
		}
		if want == "undecided" {
			got = to.Source + to.ID
		}
		if got != want {
			t.Errorf("%q %q %v: %s, want %s", host, path, addr, got, want)
		}
	})
}

func FuzzParseHost(f *testing.F) {
	for _, s := range []string{"a.example", "*.a.example/tr/*", "Ærø.dk/a%20b", "https://a.example:80/?x", "[::1]", "*.com", "a.example/%", "k/.2%2a", "k/a%3fb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h, err := party.ParseHost(text)
		if err != nil {
			return
		}
		again, err := party.ParseHost(h.String())
		if err != nil || !again.Same(h) {
			t.Errorf("%q is %q, and that is %v, %v", text, h, again, err)
		}
		r, err := party.New(party.Config{Parties: []party.Party{{ID: "p", Uses: []party.Use{{ID: "u", Hosts: []party.Host{h}}}}}})
		if err != nil {
			t.Fatal(err)
		}
		name := h.Name
		if h.Below {
			name = "x." + name
		}
		if len(name) <= 253 && !r.Find(name, h.Path+"/", netip.Addr{}).Declared && strings.ToLower(h.Path) == h.Path {
			t.Errorf("%q does not fit itself", text)
		}
	})
}

// TestRandomPathsAreFoundAsTheSlowWayFindsThem is of hosts and paths that are made of
// what is declared and of what confuses servers.
func TestRandomPathsAreFoundAsTheSlowWayFindsThem(t *testing.T) {
	r := declare(t, fuzzed...)
	hosts := strings.Fields("acme.example x.acme.example y.b.acme.example b.acme.example accounts.google.com ACCOUNTS.google.com:1 a.maps.google.com api.stripe.com none.example 216.239.36.9")
	pieces := strings.Fields(`/ / / / a b c A o oauth2 signin eu . .. %2e %2E%2e %252e %2f %5c \ ; ;x=1 // /../ /./ % %2 5c %00 %41 %61 %25 %2525 ? # é %C3%B8konomi ø g collect`)
	random := rand.New(rand.NewPCG(1, 2))
	found := make(map[string]int)
	for range 50000 {
		path := "/"
		for range random.IntN(9) {
			path += pieces[random.IntN(len(pieces))]
		}
		host := hosts[random.IntN(len(hosts))]
		to := r.Find(host, path, netip.Addr{})
		got, want := told(to), slow(r.Parties(), host, path, netip.Addr{})
		found[to.Source]++
		switch want {
		case "":
			if to.Declared || to.ID != "" {
				t.Fatalf("%s%s: %s, want nobody", host, path, got)
			}
			continue
		case "undecided":
			got = to.Source + to.ID
		}
		if got != want {
			t.Fatalf("%s%s: %s, want %s", host, path, got, want)
		}
	}
	for _, source := range []string{party.Declared, party.Undecided, party.Registrable} {
		if found[source] < 1000 {
			t.Errorf("only %d of 50000 were %s", found[source], source)
		}
	}
}
