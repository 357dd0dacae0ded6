package detect

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"weir/redact/category"
)

func pattern(t testing.TB, cfg PatternConfig) *Pattern {
	t.Helper()
	if cfg.Category == "" {
		cfg.Category = "x.customer"
	}
	p, err := NewPattern(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func matches1(p *Pattern, text string) string {
	var out []string
	for from := 0; ; {
		start, end, _, ok := p.Next([]byte(text), nil, from)
		if !ok {
			return strings.Join(out, "|")
		}
		out = append(out, text[start:end])
		from = end
	}
}

func TestAPatternFindsWhatItSays(t *testing.T) {
	for _, c := range []struct{ pattern, text, want string }{
		{`K\d{8}`, "K12345678, k12345678 xK99999999 K1234567", "K12345678|K99999999"},
		{`\bK\d{8}\b`, "xK99999999 K123456789 K12345678.", "K12345678"},
		{`(?i)kd-[0-9a-f]{4,6}`, "KD-12AB kd-12abcdef99", "KD-12AB|kd-12abcd"},
		{`^ab[cd]$`, "abc", "abc"},
		{`^ab[cd]$`, "abc abd", ""},
		{`(?m)^ab[cd]$`, "abc\nabd\nxabc", "abc|abd"},
		{`(?:NO|DK)\d{2,4}|ID:\w{2}`, "NO12 DK123456 ID:æø ID:ab", "NO12|DK1234|ID:ab"},
		{`[æøå]\d{3}`, "æ123 Å456 å789", "æ123|å789"},
		{`(?i)[æøå]\d{3}`, "æ123 Å456", "æ123|Å456"},
		{`\p{Lu}{2}\d{3}`, "ŁÓ123 ab123 AB456", "ŁÓ123|AB456"},
		{`..-\d{2}`, "æø-12 \xff\xfe-34", "æø-12|\xff\xfe-34"},
		{`a\B.\Bc`, "abc a-c", "abc"},
		{`aaa`, "aaaaaaa", "aaa|aaa"},
		{`\d{6}-?\d{4}`, "010203-1234, 0102031234", "010203-1234|0102031234"},
	} {
		if got := matches1(pattern(t, PatternConfig{Pattern: c.pattern}), c.text); got != c.want {
			t.Errorf("%s in %q: %q, want %q", c.pattern, c.text, got, c.want)
		}
	}
}

func TestAPatternWithoutABoundIsRefused(t *testing.T) {
	for pattern, want := range map[string]string{
		``:                          "it matches texts of less than 3 bytes",
		`a?`:                        "it matches texts of less than 3 bytes",
		`K\d+`:                      "it has a part without an end",
		`K\d{2,}`:                   "it has a part without an end",
		`(a*b){2}`:                  "it has a part without an end",
		`a{129}`:                    "it matches texts of more than 128 bytes",
		`æ{65}`:                     "it matches texts of more than 128 bytes",
		`.{3,20}`:                   "it matches any text",
		`[^,]{4}`:                   "it matches any text",
		`K(\d`:                      "it is no regular expression of RE2: missing closing ): \"K(\\\\d\"",
		`a(?=b)`:                    "it is no regular expression of RE2: invalid or unsupported Perl syntax: \"(?=\"",
		`(.)\1aa`:                   "it is no regular expression of RE2: invalid escape sequence: \"\\\\1\"",
		strings.Repeat("a", 501):    "it is longer than 500 bytes",
		`[ab]{0,60}a[ab]{60}`:       "it is too large: too many texts are alike up to their ends",
		`(?:(?:a{0,5}){0,5}){5}aaa`: "",
	} {
		_, err := NewPattern(PatternConfig{Category: "x.customer", Pattern: pattern})
		var wrong *PatternError
		if want == "" && err == nil {
			continue
		}
		if !errors.As(err, &wrong) || wrong.Key != "pattern" || wrong.Message != want {
			t.Errorf("%s: %v, want %s", pattern, err, want)
		}
	}
	for key, cfg := range map[string]PatternConfig{
		"category": {Category: "user.nobody"}, "checksum": {Checksum: "md5"}, "near": {Near: []string{"a"}}, "within": {Within: 201}, "confidence": {Confidence: 101},
	} {
		if cfg.Category == "" {
			cfg.Category = "x.customer"
		}
		cfg.Pattern = `K\d{8}`
		var wrong *PatternError
		if !errors.As(cfg.Validate(), &wrong) || wrong.Key != key {
			t.Errorf("%s: %v", key, wrong)
		}
	}
}

// The numbers are the standards' and the authorities' own examples.
func TestChecksumsTellRightFromWrong(t *testing.T) {
	for name, right := range map[string]string{
		"luhn":     "4111-1111-1111-1111 79927398713",
		"mod11":    "DK13585628 NO-974760673 8601.11.17947",
		"mod11_10": "86095742719 DE136695976",
		"mod97":    "3214282912345698765432161182 539007547034-539007547034"[:28],
		"verhoeff": "2363 758722",
	} {
		for text := range strings.FieldsSeq(right) {
			sum := checksumBy(name)
			if !sum([]byte(text)) {
				t.Errorf("%s: %s is wrong", name, text)
			}
			b := []byte(text)
			for i, c := range b {
				if !isDigit(c) {
					continue
				}
				for d := byte('0'); d <= '9'; d++ {
					if b[i] = d; d != c && sum(b) {
						t.Errorf("%s: %s is right as well as %s", name, b, text)
					}
				}
				b[i] = c
			}
			if sum(nil) || sum([]byte("K")) || sum([]byte("0")) {
				t.Errorf("%s: nothing is right", name)
			}
		}
	}
	if len(Checksums()) != 5 || checksumBy("") != nil {
		t.Error("other checksums")
	}
	p := pattern(t, PatternConfig{Pattern: `\d{8}`, Checksum: "mod11"})
	if got := matches1(p, "13585628 13585629 913585628"); got != "13585628|13585628" {
		t.Error(got)
	}
	if _, _, confidence, _ := p.Next([]byte("13585628"), nil, 0); confidence != Certain {
		t.Error(confidence)
	}
}

func TestAWordMustStandNearWhereOneIsAskedFor(t *testing.T) {
	p := pattern(t, PatternConfig{Pattern: `\d{8}`, Near: []string{"kunde", "Ærø"}, Within: 10})
	for text, want := range map[string]string{
		"kunde: 12345678":                      "12345678",
		"KUNDENR=12345678":                     "12345678",
		"minKunde 12345678":                    "12345678",
		"sekunde 12345678":                     "",
		"12345678 kunde":                       "",
		"kunde            12345678":            "",
		"kunde 12345678, 23456789":             "12345678",
		"kunde 12345678 kunde 23456789":        "12345678|23456789",
		"Ærø 12345678":                         "12345678",
		"12345678 kunde 12345679 x 1234567890": "12345679",
		"kunde12345678":                        "12345678",
	} {
		if got := matches1(p, text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	for name, want := range map[string]bool{"kundenr": true, "X-Kunde": true, "minKunde": true, "sekunde": false, "": false, "storkunde": false} {
		if _, _, _, ok := p.Next([]byte("12345678"), []byte(name), 0); ok != want {
			t.Errorf("%s: %v", name, ok)
		}
	}
}

// depth is how many characters an automaton reads at most from one place.
func depth(a *automaton, state int, known map[int]int) int {
	if state == 0 {
		return 0
	}
	if d, ok := known[state]; ok {
		return d
	}
	known[state] = endless // which a circle would find
	d := 0
	for class := range a.classes {
		d = max(d, depth(a, int(a.next[state*a.classes+class]&^accepts), known))
	}
	known[state] = min(d+1, endless)
	return known[state]
}

func TestAPatternTakesLinearTimeAndNoMemory(t *testing.T) {
	for name, cfg := range map[string]PatternConfig{
		"alternatives": {Pattern: `(?:a|aa|aaa|ab|b){3,30}c`}, "digits": {Pattern: `\d{3,127}x`}, "checksum": {Pattern: `\d{3,128}`, Checksum: "luhn"},
		"near": {Pattern: `\d{3}`, Near: strings.Fields("kunde kunden kundenr customer client ab ac ad"), Within: 200}, "boundaries": {Pattern: `\b\w{3,60}\b!`}, "letters": {Pattern: `\p{L}{3,30}\d`},
	} {
		p := pattern(t, cfg)
		for _, start := range p.automaton.start {
			if n := depth(p.automaton, int(start), make(map[int]int)); n > longestOwn+1 {
				t.Errorf("%s: %d characters are read from one place", name, n)
			}
		}
		for _, unit := range []string{"a", "0", "aaab", "1 ", "æ", "kunde ", "12 kund 34 "} {
			text := []byte(strings.Repeat(unit, 100))
			if n := testing.AllocsPerRun(2, func() { p.Next(text, nil, 0) }); n != 0 {
				t.Errorf("%s in %q: %v allocations", name, unit, n)
			}
		}
	}
}

func TestPatternsThatReadTextAgainAreKnown(t *testing.T) {
	for text, want := range map[string]int{`[0-9a-z]{3,127}!`: 127, `(ab|a|b){3,60}c`: 60, `K\d{8}`: 1, `\d{6}-\d{4}`: 6, `\w{20,64}`: 0, `\b[0-9a-z]{3,127}!`: 0} {
		if got := pattern(t, PatternConfig{Pattern: text}).Rereads(); got != want {
			t.Errorf("%s: %d", text, got)
		}
	}
}

func TestAllowedValuesAreThoseAndNoOthers(t *testing.T) {
	var l AllowList
	for _, v := range []struct {
		category category.Key
		value    string
	}{
		{category.Email, "*@nordhost.example"}, {category.Email, "Info@Partner.example"}, {category.IPAddress, "10.0.0.0/8"}, {category.IPAddress, "2001:db8::1"},
		{category.PhoneNumber, "+45 33 12 34 56"}, {"x.order", "TEST-*"}, {"user.contact", "nobody"},
	} {
		if message, _ := l.Add(v.category, v.value); message != "" {
			t.Fatal(message)
		}
	}
	for _, c := range []struct {
		category category.Key
		value    string
		want     bool
	}{
		{category.Email, "info@nordhost.example", true}, {category.Email, "Anna.Jensen+x@NORDHOST.example", true}, {category.Email, "@nordhost.example", false},
		{category.Email, "a@b@nordhost.example", false}, {category.Email, `"anna@gmail.com"@nordhost.example`, false}, {category.Email, "a@x.nordhost.example", false},
		{category.Email, "a@nordhost.example.dk", false}, {category.Email, "info@partner.example", true}, {category.Email, "xinfo@partner.example", false},
		{category.IPAddress, "10.1.2.3", true}, {category.IPAddress, "::ffff:10.1.2.3", true}, {category.IPAddress, "11.1.2.3", false}, {category.IPAddress, "2001:db8:0::1", true},
		{category.PhoneNumber, "+4533123456", true}, {category.PhoneNumber, "004533123456", true}, {category.PhoneNumber, "33123456", false},
		{"x.order", "test-17", true}, {"x.order", "TEST-", false}, {"x.customer", "TEST-17", false}, {category.Email, "nobody", true}, {"user.name", "nobody", false},
		{category.Email, strings.Repeat("a", 300) + "@nordhost.example", false},
	} {
		if got := l.Allows(c.category, []byte(c.value)); got != c.want {
			t.Errorf("%s %s: %v", c.category, c.value, got)
		}
	}
	for value, c := range map[string]category.Key{
		"": category.Email, "*": category.Email, "a*b@c.dk": category.Email, "**@c.dk": category.Email, "*a": category.Email, "10.*": category.IPAddress, "0.0.0.0/0": category.IPAddress,
		"anna": category.IPAddress, strings.Repeat("a", 257): category.Email,
	} {
		if message, _ := l.Add(c, value); message == "" {
			t.Errorf("%.20s is taken", value)
		}
	}
	home := NewAllowList([]string{"DK"})
	home.Add(category.PhoneNumber, "33 12 34 56")
	if !home.Allows(category.PhoneNumber, []byte("+4533123456")) || NewAllowList([]string{"DK", "SE"}).home != nil {
		t.Error("a number within the country is not that with its code")
	}
	email := []byte("info@nordhost.example")
	if n := testing.AllocsPerRun(10, func() { l.Allows(category.Email, email) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzPattern holds the automaton against package regexp: a match begins where one
// that the two know begins, and is at least as long.
func FuzzPattern(f *testing.F) {
	for _, c := range [][2]string{
		{`K\d{8}`, "xK12345678"}, {`(?i)ab[^c]\b`, "ABd abæ"}, {`^a|b{3}$`, "abbb"}, {`[æ-ø]{3}`, "æøå"}, {`\B\w\w\w`, "abcd"}, {`(?s).a.\n`, "xay\n"}, {`(?m)^x..$`, "x12\nx34"}, {`..\x{fffd}`, "ab\xff"},
	} {
		f.Add(c[0], []byte(c[1]))
	}
	f.Fuzz(func(t *testing.T, text string, b []byte) {
		if len(b) > 1000 {
			return
		}
		p, err := NewPattern(PatternConfig{Category: "x.customer", Pattern: text})
		if err != nil {
			return
		}
		re := regexp.MustCompile(text)
		re.Longest()
		for from := 0; ; {
			start, end, _, ok := p.Next(b, nil, from)
			if !ok {
				break
			}
			if start < from || end <= start || end-start > longestOwn || end > len(b) {
				t.Fatalf("%s in %q: %d to %d", text, b, start, end)
			}
			from = end
		}
		start, end, _, ok := p.Next(b, nil, 0)
		want := re.FindIndex(b)
		if got := fmt.Sprint([]int{start, end}); ok != (want != nil) || ok && got != fmt.Sprint(want) {
			t.Fatalf("%s in %q: %v %s, want %v", text, b, ok, got, want)
		}
	})
}

func BenchmarkPattern(b *testing.B) {
	clean := []byte(strings.Repeat("GET /static/app.js?v=3 HTTP/1.1 200 5321 Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 ", 40))
	for name, cfg := range map[string]PatternConfig{
		"letter": {Pattern: `K\d{8}`}, "either": {Pattern: `(?i)kd-\d{6}`}, "digits": {Pattern: `\d{6}-\d{4}`}, "class": {Pattern: `[A-Z]{3}\d{5}`},
	} {
		b.Run(name, func(b *testing.B) {
			p := pattern(b, cfg)
			b.SetBytes(int64(len(clean)))
			b.ReportAllocs()
			for b.Loop() {
				p.Next(clean, nil, 0)
			}
		})
	}
}
