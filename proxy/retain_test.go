package proxy_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	rules "weir/policy"
	"weir/redact/keys"
	"weir/redact/record"
)

// The policy may not import what writes entries, and says which fields there are.
func TestThePolicyKnowsTheFieldsThatEntriesHave(t *testing.T) {
	if a, b := rules.EntryFields(), record.Fields(); !slices.Equal(a, b) {
		t.Errorf("the policy knows %q, entries have %q", a, b)
	}
}

const orders = policy + `retain: [{name: orders, when: 'request.path.under("/orders")', then: 'keep_for(years(5)).by_law("Bookkeeping Act").only(["url.path"])'}]` + "\n"

// A ring that is given must have a chain for each class: else pseudonyms would be
// missing, when it is too late to add one.
func TestAPolicyWithAClassThatAGivenRingHasNotIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ring")
	if _, err := keys.Create(keys.Config{Dir: dir}, "30d"); err != nil {
		t.Fatal(err)
	}
	up := says(t, "hello")
	cfg := strings.Replace(head, "keys: keys\n", fmt.Sprintf("keys: {dir: %q, external: true}\n", dir), 1)
	in := startWith(t, cfg+fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: %q}]\n", up.URL), policy)
	in.write("policy.yaml", orders)
	in.Reload()
	c := in.dial(0)
	send(t, c, "/orders")
	answer(t, bufio.NewReader(c))
	if e := in.next(); e.text("policy") != fingerprint(policy) || e.text("retain") != "30d" {
		t.Errorf("%v", e)
	}
	if !strings.Contains(in.said.String(), "policy_refused") {
		t.Errorf("%s", in.said)
	}
}

// With strict a place is reserved before it is known which class the entry will
// have. None is lost, none is reserved for ever, and folders hold their own.
func TestStrictReservesForWhicheverClassAnEntryWillHave(t *testing.T) {
	up := says(t, "hello")
	in := startWith(t, head+fmt.Sprintf("strict: true\nlisten: [{reverse: \"127.0.0.1:0\", to: %q}]\n", up.URL), orders)
	c := in.dial(0)
	r := bufio.NewReader(c)
	const each = 300 // some 700 KB of promises: more than is allocated at once
	for range each {
		for path, want := range map[string]string{"/orders/7": "1825d", "/about": "30d"} {
			send(t, c, path)
			answer(t, r)
			if e := in.next(); e.text("retain") != want || (e["duration"] == nil) != (want == "1825d") {
				t.Fatalf("%v", e)
			}
		}
	}
	in.end()
	for _, class := range []string{"30d", "1825d"} {
		segments, _ := filepath.Glob(filepath.Join(in.dir, "log", class, "*.jsonl"))
		lines := 0
		for _, path := range segments {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			lines += strings.Count(string(text), `"retain":"`+class+`"`)
		}
		if len(segments) != 1 || lines != each {
			t.Errorf("%s: %v, %d lines", class, segments, lines)
		}
	}
}

const partied = policy + `
parties:
  shop: {name: Shop, country: DK, role: processor, uses: {orders: {basis: contract, purposes: [essential.service], categories: [user], %s}}}
retain: [{name: shop, when: 'party.id == "shop"', then: 'keep_for(days(90))'}]
`

// An entry of a reverse listener falls into the class that the rules say of the party
// that it relays to, which the request does not name.
func TestTheClassOfAnEntryIsByThePartyThatAReverseListenerRelaysTo(t *testing.T) {
	up := says(t, "hello").URL
	named := strings.Replace(up, "127.0.0.1", "localhost", 1)
	for _, c := range []struct{ name, hosts, to, want string }{
		{"a host", "hosts: [localhost]", named, "90d"},
		{"another host", "hosts: [shop.example]", named, "30d"},
		{"an address", "addresses: [127.0.0.0/8, '::1/128']", up, "90d"},
		{"an address that a name has", "addresses: [127.0.0.0/8, '::1/128']", named, "90d"},
		{"a host that nothing reaches", "hosts: [localhost]", "http://localhost:" + free(t), "90d"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := startWith(t, head+fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: %q}]\n", c.to), fmt.Sprintf(partied, c.hosts))
			in.get(0, "www.nordhost.example")
			if e := in.next(); e.text("retain") != c.want {
				t.Errorf("%v", e)
			}
			in.end()
			segments, _ := filepath.Glob(filepath.Join(in.dir, "log", c.want, "*.jsonl"))
			lines := 0
			for _, path := range segments {
				text, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				lines += strings.Count(string(text), "\n")
			}
			if lines != 1 {
				t.Errorf("%v hold %d lines", segments, lines)
			}
		})
	}
}
