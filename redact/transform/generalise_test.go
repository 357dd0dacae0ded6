package transform

import (
	"strings"
	"testing"

	"weir/redact/category"
)

// generalised are values and what is left of them; "" where they are dropped.
var generalised = map[Transform]map[string]string{
	PhoneCountry(): {
		"+4512345678": "+45", "+12125550123": "+1", "+35312345678": "+353", "+45": "+45", "12345678": "", "+": "", "": "",
		"+2101234567": "", "+45123456789012345": "", "+45 12": "", "+4512a": "", "+0045": "",
	},
	must(Bucket(10)): {
		"0": "0", "9": "0", "10": "10", "19.99": "10", "-1": "-10", "-10": "-10", "-10.5": "-20", "-0.0": "0", "+7": "0", "007": "0",
		"104729": "104720", "1e5": "", "12,5": "", "12 kr": "", "": "", "0x10": "", "NaN": "", "1.": "", "99999999999999999": "99999999999999990", "123456789012345678": "",
	},
	must(Bucket(100_000)): {"250000": "200000", "99999": "0", "-5": "-100000"},
	must(Coordinates(2)): {
		"55.67613,12.56834": "55.68,12.57", "55.67613, 12.56834": "55.68,12.57", "-33.865143 151.2099": "-33.87,151.21", "geo:55.67613,12.56834;u=35": "55.68,12.57",
		"+55.6761+012.5683/": "55.68,12.57", "[12.56834,55.67613]": "12.57,55.68", "(55.67613; 12.56834)": "55.68,12.57", "55.67613,12.56834,32.5": "55.68,12.57",
		"55.67613°, 12.56834°": "55.68,12.57", "55.67613 °": "", "55.67613": "55.68", "55.6": "55.60", "55": "55.00", "-0.001,0": "0.00,0.00", "89.999,179.999": "90.00,180.00", "139.6917,35.6895": "139.69,35.69",
		"91,181": "", "100,100": "", "180.1": "", "90210": "", "55.67613,": "", "55.67613,12.56834,1,2": "", "55,67613 12,56834": "", "north": "", "": "",
		"55.67613,12.56834 anna": "",
	},
	must(Coordinates(0)): {"55.67613,12.56834": "56,13", "-0.4": "0"},
	must(Coordinates(4)): {"55.676131234,12.5": "55.6761,12.5000"},
	Domain(): {
		"anna@example.dk": "example.dk", "anna@mail.example.co.uk": "example.co.uk", "a@b@example.dk": "example.dk", "anna@forum.example": "forum.example",
		"anna@www.nordhost.example": "www.nordhost.example", "example.dk": "example.dk", "anna@localhost": "", "anna@[203.0.113.7]": "", "anna@203.0.113.7": "",
		"anna.jensen": "", "anna@corp.internal-net": "", "anna": "", "@": "", "": "", "anna@dk": "", "anna@exa mple.dk": "", "anna@xn--blbr-roah.dk": "xn--blbr-roah.dk",
	},
	NoQuery(): {
		"https://forum.example/t/9?u=a#x":     "https://forum.example/t/9",
		"https://anna:s@forum.example:8443/t": "https://forum.example:8443/t",
		"https://forum.example":               "https://forum.example",
		"https://forum.example?x":             "https://forum.example",
		"https://forum.example/a;sid=1/b":     "https://forum.example/a",
		"https://[2001:db8::1]:80/x?y":        "https://[2001:db8::1]:80/x",
		"/a/b?c":                              "/a/b",
		"https://forum.example/a%3Fu=anna":    "https://forum.example/a",
		"https://forum.example/a%3fu=anna":    "https://forum.example/a",
		"https://forum.example/a%253Fu=anna":  "https://forum.example/a",
		"https://forum.example/a%23anna":      "https://forum.example/a",
		"https://forum.example/%C3%A6":        "https://forum.example/%C3%A6",
		"/a@b/c?c":                            "/a@b/c",
		"wss://forum.example/s?t":             "wss://forum.example/s",
		"//forum.example/t":                   "", "a/b?c": "", "mailto:anna@example.dk?subject=x": "", "https:///x": "", "?x": "", "": "", "javascript:alert(1)": "",
		"https://forum.example\\@evil.example/": "", "https://forum.example/a b": "", "https://forum%2eexample/": "", "anna://": "", "1a://b/": "",
	},
	Family(): {
		"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0": "Firefox 145",
		"curl/8.5.0": "curl 8", "Firefox 145": "Firefox 145", "Opera Mini 8": "Opera Mini 8", "Safari": "Safari", "curl/anna": "curl",
		`"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"`:       "Chrome 142",
		`"Not;A=Brand";v="8.0.0.0", "Chromium";v="142.0.7444.60", "Anna";v="142"`: "Chromium 142",
		`"Microsoft Edge";v="142.0.3595.53", "Chromium";v="142"`:                  "Edge 142",
		`"Windows"`: "Windows", `"Chrome OS"`: "Chrome OS", `"Pixel 7 of Anna"`: "", `"`: "", `"Chromium`: "", `"15.0.0"`: "", "?1": "",
		"AnnaBrowser/5.0": "", "anna.jensen@example.dk": "", "Firefox anna": "", "": "",
	},
}

func TestGeneralisationsAreIdempotentAndWithinTheirSet(t *testing.T) {
	m := maker(t, nil, "www.nordhost.example")
	for tr, values := range generalised {
		for value, want := range values {
			got, how := done(m, tr, "", value)
			if got != want || (want == "") != (how == Drop()) || want != "" && how != tr {
				t.Errorf("%v of %q is %q by %v, want %q", tr, value, got, how, want)
			}
			if again, _ := done(m, tr, "", got); again != got {
				t.Errorf("%v is not idempotent: %q, %q", tr, got, again)
			}
			s := sourceOf(tr)
			if want != "" && s.Traffic() && tr.Kind() != KindNoQuery && want != "www.nordhost.example" && !s.Yields([]byte(want)) {
				t.Errorf("%v does not yield %q", tr, want)
			}
			if s.Traffic() && value != want && s.Yields([]byte(value)) && !strings.HasPrefix(value, "https://") {
				t.Errorf("%v yields %q, which it does not leave", tr, value)
			}
		}
	}
}

func TestWhatCanNotBeReadIsNotGeneralised(t *testing.T) {
	m := maker(t, nil)
	for tr := range generalised {
		if tr == Family() {
			continue
		}
		for _, text := range texts() {
			if got, how := done(m, tr, "", text); got != "" && (how != tr || !strings.Contains(text, got)) {
				t.Errorf("%v left %q of %q", tr, got, text)
			}
		}
	}
	for _, text := range []string{"\xff", "12\xff", "https://forum.example/\xff"} {
		for tr := range generalised {
			if got, _ := done(m, tr, "", text); got != "" {
				t.Errorf("%v left %q of what is no text", tr, got)
			}
		}
	}
}

func TestDatesAreLeftToTheMonthOrTheYear(t *testing.T) {
	m := maker(t, nil)
	for _, c := range []struct {
		tr          Transform
		year, month int
		want        string
	}{
		{Year(), 1990, 11, "1990"}, {Year(), 1990, 0, "1990"}, {Month(), 1990, 11, "1990-11"}, {Month(), 1990, 2, "1990-02"}, {Month(), 1990, 0, ""},
		{Year(), 0, 0, ""}, {Month(), 0, 0, ""}, {Year(), 1799, 1, ""}, {Year(), 4711, 1, ""}, {Month(), 1990, 13, ""},
	} {
		m.Open(Plain)
		how := m.Apply(c.tr, &Value{Text: []byte("1990-11-22"), Year: c.year, Month: c.month})
		if got := m.Close().String(); got != c.want || (how == c.tr) != (c.want != "") {
			t.Errorf("%v of %d-%d is %q", c.tr, c.year, c.month, got)
		}
		if s := sourceOf(c.tr); c.want != "" && !s.Yields([]byte(c.want)) || s.Yields([]byte("1990-11-22")) {
			t.Errorf("%v yields the wrong texts", c.tr)
		}
	}
}

func TestATemplateStandsForAPathOrAURL(t *testing.T) {
	m := maker(t, nil, "www.nordhost.example")
	for text, want := range map[string]string{
		"/u/7?x": "/u/{id}", "https://a.forum.example/u/7": "https://forum.example/u/{id}", "https://www.nordhost.example/u/7": "https://www.nordhost.example/u/{id}",
		"https://203.0.113.7/u/7": "", "ftp://forum.example/u/7": "",
	} {
		for _, e := range []Encoding{Plain, Query} {
			m.Open(e)
			m.Apply(Template(), &Value{Text: []byte(text), Path: []byte("/u/{id}")})
			if got := m.Close().String(); got != want {
				t.Errorf("%s is %q, want %q", text, got, want)
			}
		}
	}
	if got, how := done(m, Template(), "", "/u/7"); got != "" || how != Drop() {
		t.Errorf("%q left of what has no template", got)
	}
}

func TestValuesAreReplacedByWhatTheyAre(t *testing.T) {
	m := maker(t, nil)
	for key, want := range map[category.Key]string{
		category.Email: "<email>", category.PhoneNumber: "<phone>", category.IPAddress: "<ip>", "user.financial.credit_card": "<card>",
		"user.contact.address.street": "<address>", "user.name.first": "<name>", "user.authorization.password": "<password>",
		"user.demographic.date_of_birth": "<date_of_birth>", "user.health.medications": "<health>", "user.unique_id": "<id>", "user.unique_id.deterministic": "<id>",
		"x.customer": "<customer>", "": "<text>", "user.government_id.national_identification_number": "<government_id>", "user": "<user>",
	} {
		for _, text := range []string{"anna@example.dk", "\xff"} {
			if got, how := done(m, Type(), key, text); got != want || how != Type() {
				t.Errorf("%s is %s, want %s", key, got, want)
			}
		}
	}
}

func TestWhatAURLWithoutItsQueryShowsIsKnown(t *testing.T) {
	for text, want := range map[string]string{
		"https://forum.example/t?u": "https://forum.example/t", "https://a@forum.example/t": "", "/a?b": "/a", "nothing": "",
	} {
		if got := string(NoQuery().Shown([]byte(text))); got != want {
			t.Errorf("%s: %q is shown, want %q", text, got, want)
		}
	}
}

func TestTransformsAreWrittenAsAPolicySaysThem(t *testing.T) {
	for want, tr := range map[string]Transform{
		"replace()": Type(), "encrypt()": Encrypt(), "encrypt_prefix()": EncryptPrefix(), "family()": Family(), "phone_country()": PhoneCountry(),
		"year()": Year(), "month()": Month(), "bucket(10)": must(Bucket(10)), "coordinates(2)": must(Coordinates(2)), "domain()": Domain(),
		"origin()": Origin(), "template()": Template(), "no_query()": NoQuery(), "truncate(24, 48)": must(Truncate(24, 48)), "truncate(8)": must(TruncateText(8)),
		`replace("x")`: must(Replace("x")), "mask(1, 2)": must(Mask(1, 2)), "keep()": Keep(), "drop()": Drop(), "hash()": Hash(),
	} {
		if got := tr.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func FuzzGeneralisations(f *testing.F) {
	for tr, values := range generalised {
		for v := range values {
			f.Add(uint8(tr.Kind()), uint16(tr.a), []byte(v))
		}
	}
	m := maker(f, nil)
	f.Fuzz(func(t *testing.T, kind uint8, n uint16, value []byte) {
		tr := Transform{kind: KindFamily + Kind(kind)%(KindKeep-KindFamily), a: 1 + uint32(n)}
		if tr.kind == KindCoordinates {
			tr.a %= MaxDecimals + 1
		}
		got, how := done(m, tr, "", string(value))
		if how == Drop() {
			return
		}
		again, _ := done(m, tr, "", got)
		if s := sourceOf(tr); again != got || s.Traffic() && tr.kind != KindNoQuery && !s.Yields([]byte(got)) {
			t.Errorf("%v of %q is %q, then %q", tr, value, got, again)
		}
	})
}
