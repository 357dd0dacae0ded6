package policy_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"weir/policy"
	"weir/redact/raw"
)

// consentOf reads the consent of a request with these field lines, "name: value".
func consentOf(t *testing.T, section string, lines ...string) *policy.Consent {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte("controller: {name: N, country: DK, contact: p@n.example}\n"+section))
	if err != nil {
		t.Fatal(err)
	}
	var m raw.Message
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		m.Add([]byte(name), []byte(value))
	}
	return p.Consent(&m)
}

// given lists which of the purposes are given, in order.
func given(c *policy.Consent, purposes ...string) string {
	var out []string
	for _, p := range purposes {
		choice, from := c.Of(p)
		if c.Given(p) != (choice == policy.Given) {
			return "Given and Of disagree"
		}
		out = append(out, strings.TrimSpace(choice.String()+" "+from))
	}
	return strings.Join(out, ", ")
}

func TestConsentIsThatOfThePurposeOrTheNearestAboveIt(t *testing.T) {
	c := consentOf(t, "", "X-Weir-Consent: analytics=given, analytics.reporting.ads=refused ,marketing=withdrawn", "x-weir-consent: marketing=given")
	const from = " x-weir-consent"
	want := "given" + from + ", given" + from + ", refused" + from + ", withdrawn" + from + ", , "
	if got := given(c, "analytics", "analytics.reporting", "analytics.reporting.ads.own", "marketing.email", "analyticsx", "functional"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if c.Given() || c.Given("analytics", "marketing") || !c.Given("analytics", "analytics.reporting") {
		t.Error("all of several have to be given, and there have to be some")
	}
	if !c.Withdrawn("marketing.email") || c.Withdrawn("analytics.reporting.ads") || c.Withdrawn("functional") {
		t.Error("withdrawn is what was taken back")
	}
}

func TestConsentThatIsNotUnderstoodIsNotGiven(t *testing.T) {
	for _, line := range []string{"", "analytics", "analytics=yes", "=given", "analytics given", "Analytics=given", "analytics;given", strings.Repeat("a=given,", 2000) + "analytics=given"} {
		if c := consentOf(t, "", "x-weir-consent: "+line); c.Given("analytics") {
			t.Errorf("%.40q is taken for consent", line)
		}
	}
	if c := consentOf(t, "consent: {read: [{header: x-own}]}\n", "x-weir-consent: analytics=given"); c.Given("analytics") {
		t.Error("a header that `read` does not name is read")
	}
}

func TestOnlyOneExactlyIsASignal(t *testing.T) {
	const section = "consent: {read: [{header: x-weir-consent}], gpc: [marketing], dnt: [analytics]}\n"
	for value, want := range map[string]bool{"1": true, "0": false, "": false, "1.0": false, "true": false, "1, 1": false} {
		c := consentOf(t, section, "Sec-GPC: "+value, "DNT: "+value, "x-weir-consent: marketing.email=given, analytics=given")
		if c.GPC != want || c.DNT != want {
			t.Errorf("%q: GPC %v, DNT %v", value, c.GPC, c.DNT)
		}
		if c.Given("marketing.email") == want || c.Given("analytics.reporting") == want {
			t.Errorf("%q: given in spite of the signal, or not without it", value)
		}
	}
	c := consentOf(t, section, "Sec-GPC: 0", "Sec-GPC: 1", "x-weir-consent: marketing=given, analytics=given")
	if got := given(c, "marketing", "analytics"); got != "refused gpc, given x-weir-consent" {
		t.Error(got)
	}
}

func TestTheSignalThatRefusesIsTold(t *testing.T) {
	const section = "consent: {gpc: [marketing], dnt: [analytics]}\n"
	if got := given(consentOf(t, section, "Sec-GPC: 1", "DNT: 1"), "marketing", "analytics"); got != "refused gpc, refused dnt" {
		t.Error(got)
	}
}

func TestCookiesOfConsentManagersAreRead(t *testing.T) {
	const words = "{statistics: analytics, marketing: [marketing, third_party_sharing], C0002: analytics, C0004: marketing, cookie_cat_statistic: analytics, cookie_cat_marketing: marketing}"
	for name, c := range map[string]struct{ value, want string }{
		"object":       {"{stamp:'x%2Bm',necessary:true,statistics:true,marketing:false,ver:1}", "given, refused"},
		"escaped":      {"%7Bstamp%3A%27-1%27%2Cstatistics%3Afalse%2Cmarketing%3Atrue%7D", "refused, given"},
		"twice":        {"%257B%2522statistics%2522%253Atrue%257D", "given, "},
		"lists":        {`{"consents_approved":["cookie_cat_statistic"],"consents_denied":["cookie_cat_marketing"],"v":1}`, "given, refused"},
		"lists, plain": {`{"all":["cookie_cat_statistic","cookie_cat_marketing"],"consents_approved":["cookie_cat_statistic"]}`, "given, "},
		"pairs":        {"isGpcEnabled=0&groups=C0001%3A1%2CC0002%3A1%2CC0004%3A0&x=1", "given, refused"},
		"words":        {"statistics|marketing", "given, given"},
		"one word":     {"statistics", "given, "},
		"withdrawn":    {`{"statistics":"withdrawn"}`, "withdrawn, "},
		"nested":       {`{"statistics":{"v":true}}`, ", "},
		"no answer":    {`{"statistics":null,"marketing":2}`, ", "},
		"part of word": {"statistics2:true,xmarketing:true", ", "},
		"of another":   {"level=statistics", ", "},
		"denied later": {`{"accepted":["statistics"],"rejected":["statistics"]}`, "refused, "},
		"nothing":      {"", ", "},
	} {
		t.Run(name, func(t *testing.T) {
			got := consentOf(t, "consent: {read: [{cookie: CC, map: "+words+"}]}\n", "Cookie: a=b; CC="+c.value+"; CCx=statistics")
			if s := strings.ReplaceAll(given(got, "analytics.reporting", "marketing"), " cookie", ""); s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
		})
	}
}

// tcString is the core segment of version v that consents to these purposes.
func tcString(v byte, purposes ...int) string {
	bits := make([]byte, 30)
	bits[0] = v << 2
	for _, p := range purposes {
		at := 152 + p - 1
		bits[at/8] |= 1 << (7 - at%8)
	}
	return base64.RawURLEncoding.EncodeToString(bits)
}

func TestPurposesOfATCStringAreRead(t *testing.T) {
	const section = "consent: {read: [{tcf: euconsent-v2, map: {\"8\": analytics.own, \"24\": x}}]}\n"
	for name, c := range map[string]struct{ line, want string }{
		"some":          {"Cookie: euconsent-v2=" + tcString(2, 1, 7, 8, 24) + ".YAAAAAAAAAAA", "given, refused, given, given, given"},
		"none":          {"Cookie: euconsent-v2=" + tcString(2), "refused, refused, refused, refused, refused"},
		"first version": {"Cookie: euconsent-v2=" + tcString(1, 1, 2, 3), ", , , , "},
		"cut off":       {"Cookie: euconsent-v2=" + tcString(2, 1, 2)[:27], ", , , , "},
		"no string":     {"Cookie: euconsent-v2=!!!!", ", , , , "},
	} {
		t.Run(name, func(t *testing.T) {
			got := given(consentOf(t, section, c.line), "functional.storage", "marketing.advertising.profiling", "analytics.reporting.ad_performance", "analytics.own", "x")
			if s := strings.ReplaceAll(got, " tcf", ""); s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
		})
	}
}

func FuzzConsent(f *testing.F) {
	f.Add("{a:true,b:false}", tcString(2, 1))
	f.Add("a=given, b=refused", "")
	f.Add(`{"accepted":["a","b"],"x":[[[`, "CPX")
	p, err := policy.Parse("policy.yaml", []byte("controller: {name: N, country: DK, contact: p@n.example}\nconsent: {read: [{cookie: c, map: {a: x}}, {tcf: t}, {header: x-weir-consent}]}\n"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, cookie, tc string) {
		var m raw.Message
		m.Add([]byte("Cookie"), []byte("c="+cookie+"; t="+tc))
		m.Add([]byte("x-weir-consent"), []byte(cookie))
		c := p.Consent(&m)
		if c.Given("never.named") || c.GPC || c.DNT {
			t.Error("given what nobody named")
		}
	})
}
