package detect

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"weir/redact/category"
)

func b64(s string) string    { return base64.StdEncoding.EncodeToString([]byte(s)) }
func b64url(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func TestScanFindsSeveralInOrder(t *testing.T) {
	text := "203.0.113.7, 2001:db8::1; anna%40example.dk " + b64("bo@example.dk und 198.51.100.2") + " 192.0.2.1"
	var s Scanner
	findings, complete := s.Scan([]byte(text))
	var got []string
	for _, f := range findings {
		got = append(got, string(f.Value)+" by "+f.How.String())
	}
	want := "203.0.113.7 by value|2001:db8::1 by value|anna@example.dk by escaped value|bo@example.dk by base64|198.51.100.2 by base64|192.0.2.1 by value"
	if !complete || len(got) != 6 {
		t.Fatal(complete, got)
	}
	for _, w := range strings.Split(want, "|") {
		if !strings.Contains(strings.Join(got, "|"), w) {
			t.Errorf("no %s in %v", w, got)
		}
	}
}

func TestJSONWebTokenIsOneCredentialAndTellsWhatItHides(t *testing.T) {
	token := b64url(`{"alg":"HS256"}`) + "." + b64url(`{"sub":"1","email":"anna@example.dk"}`) + "." + b64url("0123456789abcdef")
	for _, text := range []string{token, "Bearer " + token, "a=1;t=" + token + "; b", `{"t":"` + token + `"}`} {
		var s Scanner
		findings, complete := s.Scan([]byte(text))
		seen := map[category.Key]string{}
		for _, f := range findings {
			if text[f.Start:f.End] != token {
				t.Errorf("%s: %s is not the whole token", text, text[f.Start:f.End])
			}
			seen[f.Category] = string(f.Value)
		}
		if !complete || len(findings) != 2 || seen[category.Credentials] != token || seen[category.Email] != "anna@example.dk" {
			t.Errorf("%s: %v", text, seen)
		}
	}
	for _, text := range []string{"eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJIUzI1NiJ9.abc", "keyJhbGciOiJIUzI1NiJ9.abc.def", "eyJ.a.b"} {
		var s Scanner
		if f, _ := s.Scan([]byte(text)); len(f) != 0 {
			t.Errorf("%s: %d findings", text, len(f))
		}
	}
}

func TestBoundsAreTold(t *testing.T) {
	deep := "anna@example.dk"
	for range 5 {
		deep = b64(deep)
	}
	escapes := "anna@example.dk"
	for range 9 {
		escapes = escaped(escapes[:1]) + strings.ReplaceAll(escapes[1:], "%", "%25")
		escapes = strings.ReplaceAll(escapes, "@", "%40")
	}
	for name, text := range map[string]string{
		"length":   strings.Repeat("x", MaxText+1),
		"findings": strings.Repeat("a@b.dk ", MaxFindings+1),
		"tokens":   deep,
		"escapes":  "%" + strings.Repeat("25", 10) + "40",
	} {
		var s Scanner
		if _, complete := s.Scan([]byte(text)); complete {
			t.Errorf("%s: complete", name)
		}
	}
	for name, text := range map[string]string{
		"length":   strings.Repeat("x", MaxText),
		"findings": strings.Repeat("a@b.dk ", MaxFindings),
	} {
		var s Scanner
		if _, complete := s.Scan([]byte(text)); !complete {
			t.Errorf("%s: not complete", name)
		}
	}
}

// threadTime is how long the caller's thread has run: what waits for others on the
// machine takes none of it.
func threadTime(t *testing.T) time.Duration {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now); err != nil {
		t.Fatal(err)
	}
	return time.Duration(now.Nano())
}

func TestScanTakesLinearTime(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for _, unit := range []string{
		"@", "a@", "a.", "1.", ":", "1:", "::", "a:b", "%25", "%40", "%", `\u0040`, "&#64;", `"`, `"@`, `a"@`, "eyJ", "eyJ.", "eyJhbGciOi.a.b.",
		"QA", "kA", "AAAA", "YWFh", "EA", "＠", "ａ", "\u200b", "\xff", "[@", "a@[", "::1%a", "fe80::1%", "a@b.", "1.1.1.1.", "12:34:56:", b64(b64(b64("a@b.dk"))),
		"1 ", "1-", "1.", "11 ", "111-", "+1", "+45 ", "00", "004", "1111 ", "4111 1111 1111 ", "4111111111111111 ", "DK50", "DK50 0040 ", "GB29NWBK", "AB12", "AB 12 34 ", "X1234567", "123456-", "123456A",
		"GA1.", "GA1.1.", "fb.1.", "GS2.1$", "12.3456,", "12.3456 ", "1234567890.", "born 1 ", "Jan 2020 ", "1 Jan 2020", "tlf 1 ", "tlf=1", "d=", "gclid=", "gclid=a.", "Basic ", "Basic YTpi", "Bearer a", "-----BEGIN ",
		"-----BEGIN PRIVATE KEY-----", "-----END ", "a-", "0-", "12345678-1234-", "12345678-1234-1234-1234-123456789012", "SG.", "Mabcdefghijklmnopqrstuvw.", "1:Aabcdefghijklmnopqrstuvwxyzabcdefgh", "token=", "a1",
	} {
		var s Scanner
		small, large := []byte(strings.Repeat(unit, MaxText/8/len(unit))), []byte(strings.Repeat(unit, MaxText/len(unit)))
		cost := func(text []byte, best time.Duration) time.Duration {
			start := threadTime(t)
			s.Scan(text)
			return min(best, threadTime(t)-start)
		}
		// Eight times the text costs eight times as much, and 64 times if quadratic.
		// The least of many runs is what others on the machine had no part in.
		least, most, linear := time.Hour, time.Hour, false
		for run := 0; run < 100 && !linear; run++ {
			least, most = cost(small, least), cost(large, most)
			linear = run > 2 && most <= 30*least
		}
		if !linear {
			t.Errorf("%q: %v for %d bytes, %v for %d", unit, least, len(small), most, len(large))
		}
	}
}

func TestScanAllocatesNothingInSteadyState(t *testing.T) {
	texts := [][]byte{}
	for _, text := range append(typical, "anna%2540example.dk", "anna＠example.dk", b64(b64("anna@example.dk")), "fe80::1%eth0, 203.0.113.7:80", "ærø@blåbær.example", everyKind, string(withFindings())) {
		texts = append(texts, []byte(text))
	}
	var s Scanner
	scan := func() {
		for _, text := range texts {
			s.Scan(text)
		}
	}
	scan()
	if n := testing.AllocsPerRun(50, scan); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestAScannerForgetsTextsAndKeepsLittleMemory(t *testing.T) {
	var s Scanner
	if found, _ := s.Scan([]byte("anna@example.dk 203.0.113.77")); len(found) != 2 {
		t.Fatalf("%d findings", len(found))
	}
	s.Forget()
	for _, f := range s.findings[:cap(s.findings)] {
		if f.Value != nil {
			t.Error("a value is kept")
		}
	}
	s.Scan([]byte(strings.Repeat("%2561%2540b.dk,", 2000)))
	s.Forget()
	kept := cap(s.findings)*int(unsafe.Sizeof(Finding{})) + cap(s.values)
	for _, l := range s.layers {
		kept += cap(l.text) + 2*cap(l.from)
	}
	if kept > 128<<10 {
		t.Errorf("%d bytes kept", kept)
	}
}

func TestFindingsAndScannersNeverPrint(t *testing.T) {
	var s Scanner
	findings, _ := s.Scan([]byte("anna%40example.dk"))
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q"} {
		fmt.Fprintf(&out, verb+verb+verb, findings, findings[0], &s)
	}
	b, err := json.Marshal([]any{findings, &s})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(b)
	if text := out.String(); strings.Contains(text, "anna") || strings.Contains(text, "616e6e61") || strings.Contains(text, "97 110") || !strings.Contains(text, placeholder) {
		t.Error(text)
	}
}

func FuzzScan(f *testing.F) {
	for _, text := range typical {
		f.Add([]byte(text))
	}
	for _, text := range []string{
		"anna@example.dk", "anna%40example.dk", "%2540", "a@[203.0.113.7]", "a@[IPv6:2001:db8::1]", `"a b"@example.dk`, "[fe80::1%25eth0]:80",
		"+45 33 12 34 56, tlf 33123456, kort 4532 0151 1283 0366", "DK50 0040 0440 1162 43 cpr 120385-0006, 131052-308T", "AB 12 34 56 C RSSMRA85M01H501Q X1234567L 12.345.678-Z",
		"1 85 05 78 006 084 91 GA1.2.1234567890.1700000000 55.676098, 12.568337 født 12. marts 1985", "6d92078a-8246-1ba4-ae5b-76104861e7dc 5e-2f-10-ab-cd-ef",
		"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 key=AIzaSyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q Bearer mF_9.B5f-4.1JqM Basic dXNlcjpwYXNz", "-----BEGIN EC PRIVATE KEY-----\nMHc", "a?gclid=EAIaIQobChMI8pQ&x",
		"::ffff:203.0.113.7:80", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9", "::", ":::", "1::2::3", "１２７.0.0.1", "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.", b64("a@b.dk"),
		b64(b64("a@b.dk\x00")), "&#x40;&#64;", `\u0040\x40%u0040`, "\xff\xfe@\u00ad", "00:1a:2b:3c:4d:5e", "logo@2x.png", "ﬃ＠ｅ．ｄｋ", "%EF%BC%A0", "fe80::%70",
	} {
		f.Add([]byte(text))
	}
	var s Scanner
	f.Fuzz(func(t *testing.T, text []byte) {
		findings, complete := s.Scan(text)
		last := 0
		for i, f := range findings {
			switch {
			case f.Start < last || f.End <= f.Start || f.End > len(text):
				t.Fatalf("%q: span %d to %d", text, f.Start, f.End)
			case len(f.Value) == 0 || f.Confidence < Possible || f.Confidence > 100 || !category.Known(f.Category):
				t.Fatalf("%q: value %q, category %q, confidence %d", text, f.Value, f.Category, f.Confidence)
			case i > 0 && f.Start < findings[i-1].End && f.Category == findings[i-1].Category && f.How != Base64:
				t.Fatalf("%q: findings %d and %d overlap", text, i-1, i)
			case f.Category == category.IPAddress:
				if _, ok := Address(f.Value); !ok {
					t.Fatalf("%q: %q is no address", text, f.Value)
				}
			}
			last = f.Start
		}
		if !complete {
			return
		}
		// Nothing before an address can hide it.
		const known = "anna@example.dk"
		findings, complete = s.Scan(append(append([]byte{}, text...), " ,"+known...))
		for _, f := range findings {
			if string(f.Value) == known {
				return
			}
		}
		if complete {
			t.Fatalf("%q hides an address", text)
		}
	})
}
