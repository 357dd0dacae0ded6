package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"weir/policy"
	"weir/policy/policytest"
)

// proposed writes what is proposed from some traffic to a folder, and requires that it
// can be read and that its cases pass.
func proposed(t *testing.T, traffic string) (text string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "traffic")
	if err := os.WriteFile(file, []byte(traffic), 0o600); err != nil {
		t.Fatal(err)
	}
	drafts, _, err := propose(file, "www", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range drafts {
		if err := os.WriteFile(filepath.Join(dir, d.name), d.text, 0o600); err != nil {
			t.Fatal(err)
		}
		text += string(d.text)
	}
	p, err := policy.Load(filepath.Join(dir, "policy.yaml"))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	cases, err := policytest.ReadCases(filepath.Join(dir, "cases.yaml"))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	s := policytest.Suite{Name: "policy.yaml", Policy: p, Cases: cases, At: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}
	for _, r := range s.Run() {
		if !r.Passed() {
			t.Errorf("%s: %v %v", r.Case.Name, r.Err, r.Differences)
		}
	}
	return text
}

// archived is an HTTP Archive of requests of a page of www.shop.example.
func archived(targets ...string) string {
	var entries []string
	for _, target := range append([]string{"https://www.shop.example/"}, targets...) {
		entries = append(entries, fmt.Sprintf(`{"startedDateTime":"2026-11-22T10:00:00.000Z","time":1,"request":{"method":"GET","url":%q,"httpVersion":"HTTP/1.1","headers":[],"queryString":[],"cookies":[]},`+
			`"response":{"status":200,"headers":[],"cookies":[],"content":{"size":0,"mimeType":"text/html"}}}`, target))
	}
	return `{"log":{"version":"1.2","creator":{"name":"t","version":"1"},"entries":[` + strings.Join(entries, ",") + `]}}`
}

func TestWhatIsProposedFromAnythingCanBeReadAndPasses(t *testing.T) {
	for name, targets := range map[string][]string{
		"nothing else":      nil,
		"words of YAML":     {"https://no.example/", "https://null.example/", "https://true.example/", "https://1e3.example/", "https://0x10.example/"},
		"the same word":     {"https://cdn.example/", "https://cdn.test/", "https://cdn.dk/", "https://cdn.se/"},
		"no domain":         {"https://localhost/", "https://203.0.113.9/", "https://[2001:db8::9]/", "https://com/"},
		"odd hosts":         {"https://xn--kbenhavn-54a.dk/", "https://a_b.example/", "https://-.example/", "https://" + strings.Repeat("a", 63) + ".example/", "https://user:pw@c.example:8443/"},
		"odd paths":         {"https://www.shop.example/orders//7", "https://www.shop.example/orders/%7Bx%7D", "https://www.shop.example/orders/7/orders/8", "https://www.shop.example/a/{b}/c"},
		"a public suffix":   {"https://anna.github.io/", "https://s3.amazonaws.com/"},
		"several of a kind": {"https://www.shop.example/orders/7?lat=55.676098&lon=12.568337&phone=%2B4532123456&mac=3C%3A22%3AFB%3A4A%3A91%3A0E&userid=4711-8842"},
	} {
		t.Run(name, func(t *testing.T) { proposed(t, archived(targets...)) })
	}
}

func TestNoValueIsProposed(t *testing.T) {
	hidden := []string{"anna", "jensen", "4711", "203.0.113", "hunter22", "diabetes", "0707614285"}
	text := proposed(t, archived(
		"https://www.shop.example/anna/orders/4711?email=anna%40jensen.example&q=diabetes",
		"https://www.shop.example/users/anna-jensen/orders?anna%40jensen.example=1&cpr=0707614285",
		"https://anna:hunter22@api.other.example/anna/4711?uip=203.0.113.9",
		"https://anna-jensen.blog.example/", "https://annas-macbook.local/", "https://nas.jensen.lan/", "https://anna.home.arpa/", "https://0707614285.example/"))
	for line := range strings.Lines(`203.0.113.9 - anna [22/Nov/2026:10:00:01 +0000] "GET /users/anna/orders/4711?anna@jensen.example=77 HTTP/1.1" 200 1 "https://anna.jensen.example/diabetes" "hunter22"
`) {
		text += proposed(t, line+line+line)
	}
	ours := strings.NewReplacer("anna%40example.dk", "", "anna@example.dk", "", "anna77", "", "4711-8842", "", "203.0.113.77", "", "203.0.113.0", "", "/t/4711?u=anna", "", `"4711"`, "")
	for _, h := range hidden {
		if i := strings.Index(strings.ToLower(ours.Replace(text)), h); i >= 0 {
			t.Errorf("%q is proposed", h)
		}
	}
}

func TestNamesOfFieldsAreProposedByWhatTheyHold(t *testing.T) {
	var targets []string
	for i := range 5 {
		targets = append(targets, fmt.Sprintf("https://www.shop.example/?batch=88%d42&batchRef=anna%d%%40example.dk&part=%d&aB1234567=%d777", i, i, i, i))
	}
	text := proposed(t, archived(targets...))
	for place, want := range map[string]bool{`"url.query.batch": user.unique_id`: true, `"url.query.batchRef": user.contact.email`: true, "part": false, "aB1234567": false, "not proposed": false} {
		if strings.Contains(text, place) != want {
			t.Errorf("%s is proposed: %v\n%s", place, !want, text)
		}
	}
}

func TestNamesThatMayBeSomebodysAreCounted(t *testing.T) {
	var entries string
	for i := range 3 {
		entries += fmt.Sprintf(`,{"startedDateTime":"2026-11-22T10:00:00.000Z","time":1,"request":{"method":"POST","url":"https://www.shop.example/?peterhansen=771%d&batch=771%d",`+
			`"headers":[{"name":"Cookie","value":"peter_hansen=881%d; hansen=991%d"},{"name":"X-Hansen","value":"661%d"}],"postData":{"mimeType":"application/json","text":"{\"petersBatch\":\"551%d\",\"serialBatch\":\"441%d\"}"}},`+
			`"response":{"status":200,"headers":[],"content":{"size":0,"mimeType":"text/html"}}}`, i, i, i, i, i, i, i)
	}
	text := proposed(t, `{"log":{"version":"1.2","entries":[`+entries[1:]+`]}}`)
	if strings.Contains(strings.ToLower(text), "hansen") || strings.Contains(text, "peter") {
		t.Errorf("a name is proposed\n%s", text)
	}
	for _, want := range []string{"# not proposed, for they are of words that weir does not know: the names of 5 fields\n", `"url.query.batch": user.unique_id`, `"request.body.**.serialBatch": user.unique_id`} {
		if !strings.Contains(text, want) {
			t.Errorf("does not hold %s\n%s", want, text)
		}
	}
}

const visit = `203.0.113.9 - - [22/Nov/2026:10:00:01 +0000] "GET /orders/4711 HTTP/1.1" 200 1 "-" "curl/8.0"` + "\n"

func TestOnlyExchangesAreCountedAsSuch(t *testing.T) {
	for name, c := range map[string]struct {
		traffic string
		read    string
		none    int
	}{
		"a log with garbage":   {strings.Repeat(visit, 5) + "garbage line here\n", "5 exchanges", 1},
		"one line":             {visit, "1 exchange", 0},
		"objects":              {`{"method":"GET","path":"/orders/7"}` + "\n" + `{"message":"started"}` + "\n", "1 exchange", 1},
		"messages":             {"GET /orders/7 HTTP/1.1\nHost: www.shop.example\n\nHTTP/1.1 200 OK\nContent-Length: 0\n\nGET / HTTP/1.1\nHost: www.shop.example\n\n", "2 exchanges", 0},
		"an archive":           {archived("https://www.shop.example/orders/7"), "2 exchanges", 0},
		"a brace":              {"{", "", 0},
		"an object":            {"{}\n", "", 0},
		"an archive of nobody": {`{"log":{"entries":[]}}`, "", 0},
		"an answer alone":      {"HTTP/1.1 200 OK\nContent-Length: 0\n\n", "", 0},
		"bytes":                {strings.Repeat("\x8f\x00\xfeq\n\x17\x03\xd1 ", 400), "", 0},
		"prose":                {"garbage line here\nand there\n", "", 0},
	} {
		file := filepath.Join(t.TempDir(), "traffic")
		if err := os.WriteFile(file, []byte(c.traffic), 0o600); err != nil {
			t.Fatal(err)
		}
		drafts, none, err := propose(file, "www", nil)
		switch {
		case c.read == "" && err == nil:
			t.Errorf("%s: a policy is proposed: %s", name, drafts[0].text)
		case c.read != "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.read != "" && (none != c.none || !strings.HasPrefix(string(drafts[0].text), "# Proposed from "+c.read+" that passed.")):
			t.Errorf("%s: %d lines of none; %.60s", name, none, drafts[0].text)
		}
	}
}
