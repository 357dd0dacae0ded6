package rewrite

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"weir/redact"
)

// samples hold a message of each format, with a place for a value in every field.
var samples = map[string]string{
	"combined": `§ § § [§] "§ /a/§?b=§&email=§&§ HTTP/§" § § "https://§/x/§?q=§#§" "§"`,
	"jsonl": `{"time":"§","level":"§","msg":"§","request":{"remote_ip":"§","method":"§","host":"§","uri":"/a?b=§","headers":{"Cookie":["sid=§; theme=§"],"X-Y":["§"],"Referer":["http://x/§"]}},"log":` +
		`"10.0.0.1 - - [22/Nov/2026:10:00:00 +0000] \"GET /§?b=§ HTTP/1.1\" 200 1 \"-\" \"§\"\n","order":{"note":"§","nested":"{\"a\":\"§\"}"},"status":"§","duration":"§","email":"§","§":1}`,
	"syslog": `<13>1 2026-11-22T10:00:00Z § § § § [ex@1 a="§" email="§"] said § to {"a":"§"} password=§`,
	"text":   `something § happened to § (user=§), email: §, "token": "§" at https://§:§@x.example/§?q=§`,
	"har": `{"log":{"version":"§","creator":{"name":"x","version":"1"},"pages":[{"title":"§","id":"§"}],"entries":[{"startedDateTime":"§","time":1,"request":{"method":"§","url":"https://x/§?b=§","httpVersion":"§",` +
		`"headers":[{"name":"Cookie","value":"sid=§"},{"name":"§","value":"§"},{"value":"§","name":"Accept"}],"cookies":[{"name":"§","value":"§","path":"§"}],"queryString":[{"name":"§","value":"§"}],` +
		`"postData":{"mimeType":"text/plain","text":"§","params":[{"name":"§","value":"§"}]}},"response":{"status":200,"statusText":"§","headers":[{"name":"Location","value":"https://x/?a=§"}],"redirectURL":"§",` +
		`"content":{"mimeType":"application/json","text":"{\"a\":\"§\"}"}},"serverIPAddress":"§","connection":"§","_x":{"y":"§"}}]}}`,
	"http": "GET /§?b=§ HTTP/1.1\nHost: §\nCookie: sid=§\n§: §\nReferer: https://x/§\nContent-Type: application/json\n\n{\"a\":\"§\",\"§\":1}\n" +
		"HTTP/1.1 200 §\nContent-Type: text/plain\nX: §\n\nhello §\n",
}

// encodings of the canary that a sender may use.
var encodings = []struct {
	name string
	of   func(string) string
}{
	{"plain", func(s string) string { return s }},
	{"percent", url.QueryEscape},
	{"every byte", func(s string) string {
		var b strings.Builder
		for i := range len(s) {
			fmt.Fprintf(&b, "%%%02x", s[i])
		}
		return b.String()
	}},
	{"twice", func(s string) string { return url.QueryEscape(url.QueryEscape(s)) }},
	{"base64", func(s string) string { return base64.StdEncoding.EncodeToString([]byte("user=" + s)) }},
	{"base64url", func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(`{"email":"` + s + `"}`)) }},
}

const canary = "kanariefugl.7f3c@example.dk"

func TestNoFieldOfAnyFormatLetsAValueThrough(t *testing.T) {
	for name, p := range map[string]string{"strict": strict, "own": ""} {
		compiled := own(t)
		if p != "" {
			compiled = parsed(t, p)
		}
		e, defects := engine(t, compiled)
		for format, sample := range samples {
			parts := strings.Split(sample, "§")
			for at := 1; at < len(parts); at++ {
				for _, enc := range encodings {
					line := strings.Join(parts[:at], "7") + enc.of(canary) + strings.Join(parts[at:], "7") + "\n"
					out := anyhow(t, e, format, line)
					if leaks(out) {
						t.Errorf("%s, %s, place %d, %s:\n%s\n%s", name, format, at, enc.name, line, out)
					}
				}
			}
		}
		if n := defects.Guarded.Load() + defects.Faults.Load(); n > 0 {
			t.Errorf("%s: the guard or the engine met %d defects", name, n)
		}
	}
}

// leaks reports whether the canary is in out, in plain, below percent-encoding, or
// in base64.
func leaks(out string) bool {
	lower := strings.ToLower(out)
	for range 4 {
		if strings.Contains(lower, "kanariefugl") {
			return true
		}
		plain, err := url.QueryUnescape(lower)
		if err != nil {
			break
		}
		lower = plain
	}
	for _, enc := range encodings {
		if strings.Contains(out, enc.of(canary)) {
			return true
		}
	}
	return false
}

func TestABrokenLineIsCountedAndNotCopied(t *testing.T) {
	e, _ := engine(t, own(t))
	for format, log := range map[string]string{
		"combined": "kanariefugl\n", "common": `10.0.0.1 - - [x] "kanariefugl` + "\n", "jsonl": "{\"a\": kanariefugl}\n[1]\n", "syslog": "kanariefugl said\n",
		"text": "kanariefugl \xff\n", "http": "kanariefugl\nkanariefugl: x\n",
	} {
		out, c := copied(t, e, format, log, 1)
		if strings.Contains(out, "kanariefugl") || c.Broken == 0 || !strings.Contains(out, "weir") {
			t.Errorf("%s: %d broken: %q", format, c.Broken, out)
		}
		again, c := copied(t, e, format, out, 1)
		if format != "http" && c.Broken > 0 {
			t.Errorf("%s: what stands for a broken line is none of its format: %q", format, again)
		}
	}
}

func TestALineBeyondTheBoundIsUnreadable(t *testing.T) {
	e, _ := engine(t, own(t))
	long := strings.Repeat("kanariefugl ", MaxLine/12+2)
	for _, log := range []string{"ok\n" + long + "\nok\n", long, long + long + long + "\nok\n"} {
		for _, jobs := range []int{1, 3} {
			out, c := copied(t, e, "text", log, jobs)
			if c.Broken != 1 || strings.Contains(out, "kanariefugl") || strings.Count(out, "ok\n") != strings.Count(log, "ok\n") || c.Lines != int64(strings.Count(strings.TrimSuffix(log, "\n"), "\n")+1) {
				t.Errorf("%d of %d lines broken, %d bytes out", c.Broken, c.Lines, len(out))
			}
		}
	}
}

// anyhow is what comes out of a log, also where it could not be read to its end.
func anyhow(t testing.TB, e *redact.Engine, format, log string) string {
	t.Helper()
	f, err := Named(format)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	_, _, _ = Copy(context.Background(), &out, strings.NewReader(log), Config{Engine: e, Format: f, Jobs: 1, Now: now})
	return out.String()
}
