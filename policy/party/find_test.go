package party_test

import (
	"net/netip"
	"strings"
	"testing"

	"weir/policy/party"
)

// declare makes a register of lines "party/use host host 10.0.0.0/8 @service".
func declare(t testing.TB, lines ...string) *party.Register {
	t.Helper()
	var cfg party.Config
	for _, line := range lines {
		words := strings.Fields(line)
		id, use, _ := strings.Cut(words[0], "/")
		u := party.Use{ID: use}
		for _, w := range words[1:] {
			if service, ok := strings.CutPrefix(w, "@"); ok {
				u.Services = append(u.Services, service)
			} else if p, err := netip.ParsePrefix(w); err == nil {
				u.Addresses = append(u.Addresses, p)
			} else if h, err := party.ParseHost(w); err == nil {
				u.Hosts = append(u.Hosts, h)
			} else {
				t.Fatal(err)
			}
		}
		if last := len(cfg.Parties) - 1; last >= 0 && cfg.Parties[last].ID == id {
			cfg.Parties[last].Uses = append(cfg.Parties[last].Uses, u)
			continue
		}
		cfg.Parties = append(cfg.Parties, party.Party{ID: id, Name: "The " + id, Country: "US", Uses: []party.Use{u}})
	}
	r, err := party.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// told is a recipient in short: the use, or how it was told, with the party or the host.
func told(to party.Recipient) string {
	switch {
	case to.Declared:
		return to.Use
	case to.ID != "":
		return to.Source + " " + to.ID
	}
	return strings.TrimSpace(to.Source + " " + to.Host)
}

var google = []string{
	"google/analytics *.google-analytics.com www.google.com/g/collect www.google.com/pagead/* 216.239.32.0/19",
	"google/sign-in accounts.google.com/o/oauth2/* accounts.google.com/signin accounts.google.com/økonomi/*",
	"google/maps maps.google.com *.maps.google.com/eu/* 2001:db8::/32 216.239.36.0/24",
	"stripe/payment api.stripe.com *.stripe.com",
	"stripe/docs docs.stripe.com",
	"bank/accounts konto.bücher.example",
}

func TestTheNarrowestDeclarationCounts(t *testing.T) {
	r := declare(t, google...)
	for _, c := range []struct{ host, path, address, want string }{
		{"api.stripe.com", "/v1", "", "stripe/payment"},
		{"docs.stripe.com", "/", "", "stripe/docs"},
		{"a.docs.stripe.com", "/", "", "stripe/payment"},
		{"stripe.com", "/", "", "eTLD+1 stripe.com"},
		{"api.stripe.com.evil.example", "/", "", "eTLD+1 evil.example"},
		{"notstripe.com", "/", "", "eTLD+1 notstripe.com"},
		{"region1.google-analytics.com", "/g/collect", "", "google/analytics"},
		{"accounts.google.com", "/o/oauth2/auth", "", "google/sign-in"},
		{"accounts.google.com", "/o/oauth2", "", "google/sign-in"},
		{"accounts.google.com", "/o/oauth2/", "", "google/sign-in"},
		{"accounts.google.com", "/o/oauth2x", "", "eTLD+1 google.com"},
		{"accounts.google.com", "/signin", "", "google/sign-in"},
		{"accounts.google.com", "/signin/", "", "google/sign-in"},
		{"accounts.google.com", "/signin/x", "", "eTLD+1 google.com"},
		{"accounts.google.com", "/signin?x=/o/oauth2", "", "google/sign-in"},
		{"accounts.google.com", "/%C3%B8konomi/x", "", "google/sign-in"},
		{"accounts.google.com", "/økonomi/x", "", "google/sign-in"},
		{"x.maps.google.com", "/us/1", "", "eTLD+1 google.com"},
		{"x.maps.google.com", "/eu/1", "", "google/maps"},
		{"evil.example", "/", "216.239.33.1", "google/analytics"},
		{"evil.example", "/", "216.239.36.1", "google/maps"},
		{"evil.example", "/", "::ffff:216.239.36.1", "google/maps"},
		{"evil.example", "/", "2001:db8::1", "google/maps"},
		{"evil.example", "/", "2001:db9::1", "eTLD+1 evil.example"},
		{"api.stripe.com", "/", "216.239.36.1", "stripe/payment"},
		{"216.239.36.7", "/", "", "google/maps"},
		{"216.239.36.7:443", "/", "", "google/maps"},
		{"[2001:db8::7]:443", "/", "", "google/maps"},
		{"2001:db8::7", "/", "", "google/maps"},
		{"216.239.36.7", "/", "192.0.2.1", "unknown"},
		{"192.0.2.1", "/", "", "unknown"},
		{"localhost", "/", "", "unknown"},
		{"", "", "", "unknown"},
		{"", "", "216.239.36.1", "google/maps"},
	} {
		var addr netip.Addr
		if c.address != "" {
			addr = netip.MustParseAddr(c.address)
		}
		if got := told(r.Find(c.host, c.path, addr)); got != c.want {
			t.Errorf("%s%s %s: %s, want %s", c.host, c.path, c.address, got, c.want)
		}
	}
}

func TestSpellingsOfAHostAreOneHost(t *testing.T) {
	r := declare(t, google...)
	for host, want := range map[string]string{
		"API.Stripe.COM":                  "stripe/payment",
		"api.stripe.com:8443":             "stripe/payment",
		"api.stripe.com.":                 "stripe/payment",
		"api.stripe.com.:443":             "stripe/payment",
		"konto.bücher.example":            "bank/accounts",
		"KONTO.BÜCHER.example":            "bank/accounts",
		"konto.xn--bcher-kva.example":     "bank/accounts",
		"Konto.XN--Bcher-KVA.example:80":  "bank/accounts",
		"konto。bücher.example":            "bank/accounts",
		"ａｐｉ.stripe.com":                  "stripe/payment",
		"api.stripe.com..":                "unknown",
		"api..stripe.com":                 "unknown",
		".stripe.com":                     "unknown",
		"api.stripe.com\x00":              "unknown",
		"api.stripe.com/":                 "unknown",
		"user@api.stripe.com":             "unknown",
		"api.stripe.com:443:80":           "unknown",
		" api.stripe.com":                 "unknown",
		"api.stripe.com%2e":               "unknown",
		"0x7f.1":                          "unknown",
		"127.1":                           "unknown",
		strings.Repeat("a.", 130) + "com": "unknown",
	} {
		if got := told(r.Find(host, "/", netip.Addr{})); got != want {
			t.Errorf("%q: %s, want %s", host, got, want)
		}
	}
}

func TestPathsThatReadInTwoWaysDecideNothing(t *testing.T) {
	r := declare(t, google...)
	for _, c := range []struct{ host, path, want string }{
		{"accounts.google.com", "/o/oauth2/../../collect", "undecided google"},
		{"accounts.google.com", "/o/oauth2/%2e%2e/%2E%2E/collect", "undecided google"},
		{"accounts.google.com", "/o/oauth2/%252e%252e/x", "undecided google"},
		{"accounts.google.com", "/o/oauth2/%2%65%2%65/x", "undecided google"},
		{"accounts.google.com", "/o/oauth2/%25%32%65%25%32%65/x", "undecided google"},
		{"accounts.google.com", "/o/oauth2/%25252525252525252525252e/x", "undecided google"},
		{"accounts.google.com", "/o/oauth2/%2500/x", "undecided google"},
		{"accounts.google.com", "/o/oauth2/" + strings.Repeat("a", 5000), "undecided google"},
		{"accounts.google.com", "/o/oauth2/a?%", "google/sign-in"},
		{"accounts.google.com", "/o/oauth2/..;/x", "undecided google"},
		{"accounts.google.com", "/o/oauth2/..%5c../x", "undecided google"},
		{"accounts.google.com", `/o/oauth2/..\..\x`, "undecided google"},
		{"accounts.google.com", "/o/oauth2/..%2f../x", "undecided google"},
		{"accounts.google.com", "/o/./oauth2/x", "undecided google"},
		{"accounts.google.com", "/o//oauth2/x", "undecided google"},
		{"accounts.google.com", "//o/oauth2/x", "undecided google"},
		{"accounts.google.com", "/x/../o/oauth2/x", "undecided google"},
		{"accounts.google.com", "/O/OAuth2/x", "undecided google"},
		{"accounts.google.com", "/%6f/oauth2/x", "undecided google"},
		{"accounts.google.com", "/o%2foauth2/x", "undecided google"},
		{"accounts.google.com", "/o;v=1/oauth2/x", "undecided google"},
		{"accounts.google.com", "/o/oauth2%00/x", "undecided google"},
		{"accounts.google.com", "/o/oauth2/%c0%ae%c0%ae/x", "undecided google"},
		{"accounts.google.com", "/o/oauth2/%", "undecided google"},
		{"accounts.google.com", "", "undecided google"},
		{"accounts.google.com", "*", "undecided google"},
		{"accounts.google.com", "/o/oauth2/a//b/./c%2Fd;e/%7Ef", "google/sign-in"},
		{"accounts.google.com", "/x//y/%2e%2e/z", "eTLD+1 google.com"},
		{"api.stripe.com", "/v1/../%2e%2e//%", "stripe/payment"},
		{"www.google.com", "", "undecided google"},
	} {
		if got := told(r.Find(c.host, c.path, netip.Addr{})); got != c.want {
			t.Errorf("%s%s: %s, want %s", c.host, c.path, got, c.want)
		}
	}
}

func TestAPathThatWasNotSeenLeavesOneParty(t *testing.T) {
	r := declare(t,
		"facebook/sign-in www.facebook.com", "facebook/pixel www.facebook.com/tr/*",
		"a/x shared.example/a/*", "b/x shared.example/b/*",
		"c/x all.example all.example/deep/*")
	for host, want := range map[string]string{
		"www.facebook.com": "undecided facebook",
		"shared.example":   "undecided shared.example",
		"all.example":      "c/x",
	} {
		if got := told(r.Find(host, "", netip.Addr{})); got != want {
			t.Errorf("%s: %s, want %s", host, got, want)
		}
	}
	to := r.Find("www.facebook.com", "", netip.Addr{})
	if to.Declared || to.Use != "" || to.Name != "The facebook" || to.Country != "US" || to.Host != "www.facebook.com" {
		t.Errorf("%+v", to)
	}
}

func TestServicesHaveUsesOfTheirOwn(t *testing.T) {
	r := declare(t, "stripe/payment api.stripe.com @billing", "stripe/refunds api.stripe.com @support", "stripe/fraud r.stripe.com @billing", "maps/any maps.example")
	for _, c := range []struct{ service, host, want string }{
		{"billing", "api.stripe.com", "stripe/payment"},
		{"support", "api.stripe.com", "stripe/refunds"},
		{"www", "api.stripe.com", "elsewhere stripe"},
		{"", "api.stripe.com", "undecided stripe"},
		{"", "r.stripe.com", "stripe/fraud"},
		{"www", "r.stripe.com", "elsewhere stripe"},
		{"www", "maps.example", "maps/any"},
	} {
		if got := told(r.For(c.service).Find(c.host, "/", netip.Addr{})); got != c.want {
			t.Errorf("%s to %s: %s, want %s", c.service, c.host, got, c.want)
		}
	}
}

func TestOneHostOfTwoUsesIsUndecided(t *testing.T) {
	r := declare(t, "a/x one.example 10.0.0.0/8", "b/y one.example 10.0.0.0/8", "b/z one.example/z")
	if got := told(r.Find("one.example", "/", netip.Addr{})); got != "undecided one.example" {
		t.Error(got)
	}
	if got := told(r.Find("one.example", "/z", netip.Addr{})); got != "b/z" {
		t.Error(got)
	}
	if got := told(r.Find("10.1.2.3", "/", netip.Addr{})); got != "undecided" {
		t.Error(got)
	}
}
