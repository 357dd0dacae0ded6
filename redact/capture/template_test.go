package capture

import (
	"strings"
	"testing"
)

// shown shows a line by the fields that it was taken apart into.
func shown(line string, l *Line) string {
	var out []string
	for _, sp := range l.Spans {
		name := sp.Kind.Place()
		if sp.Name != "" {
			name += "." + sp.Name
		}
		if sp.Kind == 0 && sp.Role != Address {
			name = ""
		}
		out = append(out, name+"="+line[sp.Start:sp.End])
	}
	return strings.Join(out, " | ")
}

func TestFormatsSayWhereFieldsStand(t *testing.T) {
	for _, c := range []struct {
		name, format, line, want string
	}{
		{"combined", Combined, `203.0.113.77 - anna [22/Nov/2026:10:00:00 +0000] "GET /a?b=c HTTP/1.1" 200 12 "http://x/" "a \"b\" c"`,
			`client.address=203.0.113.77 | log.remote_logname=- | log.remote_user=anna | =22/Nov/2026:10:00:00 +0000 | =GET | =/a?b=c | =HTTP/1.1 | =200 | =12 | request.header.referer=http://x/ | request.header.user-agent=a \"b\" c`},
		{"nginx", `$remote_addr:$remote_port [$time_iso8601] "$host$request_uri" $upstream_addr $status "$cookie_sid" $arg_q`,
			`2001:db8::1:443 [2026-11-22T10:00:00+00:00] "x.dk/a" 10.0.0.1:80, 10.0.0.2:80 200 "s" anna`,
			`client.address=2001:db8::1 | =443 | =2026-11-22T10:00:00+00:00 | url.host=x.dk | =/a | log.upstream_addr=10.0.0.1:80, 10.0.0.2:80 | =200 | request.cookie.sid=s | url.query.q=anna`},
		{"nginx", `$scheme://$host$uri$is_args$args ${pid}x`, `http://x.dk/a?b=c 7x`, `=http | url.host=x.dk | =/a | =? | =b=c | =7`},
		{"nginx", `$host$uri $status`, `x.dk 200`, `url.host=x.dk | = | =200`},
		{"apache", `%v:%p %h "%m %U%q %H" %>s %{X-Id}o "%{sid}C" %{ms}T %%`, `www:80 10.0.0.1 "GET /a?b=c HTTP/1.1" 200 7 "s" 12 %`,
			`log.server_name=www | =80 | client.address=10.0.0.1 | =GET | =/a | =?b=c | =HTTP/1.1 | =200 | response.header.x-id=7 | request.cookie.sid=s | =12`},
		{"request", Common, `- - - [-] "\x16\x03" 400 0`, `client.address=- | log.remote_logname=- | log.remote_user=- | =- | =\x16\x03 | =400 | =0`},
	} {
		read := Apache
		if c.name == "nginx" {
			read = Nginx
		}
		f, err := read(c.format)
		if err != nil {
			t.Fatalf("%s: %v", c.format, err)
		}
		var l Line
		if !f.Parse([]byte(c.line), &l) {
			t.Errorf("%s: not of %s", c.line, c.format)
			continue
		}
		if got := shown(c.line, &l); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.format, got, c.want)
		}
	}
}

func TestLinesOfAnotherFormatAreRefused(t *testing.T) {
	f, _ := Apache(Combined)
	var l Line
	for _, line := range []string{"", "anna", `203.0.113.77 - - [22/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 12`,
		`203.0.113.77 - - [22/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 12 "-" "unclosed`,
		`203.0.113.77 - - [22/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 12 "-" "a" anna@example.dk`} {
		if f.Parse([]byte(line), &l) {
			t.Errorf("%q was read", line)
		}
	}
}

func TestNumbersSwallowNothing(t *testing.T) {
	const begin = `203.0.113.77 - - [22/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 `
	for format, lines := range map[string][]string{
		Common: {begin + `12 "-" "a"`, begin + "anna"},
		Hosted: {`anna.example - Anna Hansen [22/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "a"`},
	} {
		f, err := Apache(format)
		if err != nil {
			t.Fatal(err)
		}
		var l Line
		for _, line := range lines {
			if f.Parse([]byte(line), &l) {
				t.Errorf("%q was read", line)
			}
		}
		if !f.Parse(f.Unreadable(), &l) || format == Common && !(f.Parse([]byte(begin+"-"), &l) && f.Parse([]byte(begin+"12"), &l)) {
			t.Errorf("a line of %s was not read", format)
		}
	}
}

func TestFormatsThatNobodyCouldReadAreRefused(t *testing.T) {
	for _, format := range []string{"", "plain", "$remote_addr$status", "$", "${a"} {
		if _, err := Nginx(format); err == nil {
			t.Errorf("nginx %q was taken", format)
		}
	}
	for _, format := range []string{"", "%", "%{x", "%y", "%{x}y", "%h%u"} {
		if _, err := Apache(format); err == nil {
			t.Errorf("apache %q was taken", format)
		}
	}
}

func TestTheUnreadableLineIsOfItsFormat(t *testing.T) {
	for _, format := range []string{Common, Combined, VHost, Main, "%h %U%q %>s"} {
		f, err := Apache(format)
		if err != nil {
			t.Fatal(err)
		}
		var l Line
		if line := f.Unreadable(); !f.Parse(line, &l) || !strings.Contains(string(line), "weir") {
			t.Errorf("%s: %s", format, line)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add(Combined, `203.0.113.77 - anna [22/Nov/2026:10:00:00 +0000] "GET /a?b=c HTTP/1.1" 200 12 "http://x/" "a \"b\" c"`)
	f.Add("%v:%p %U%q %{a}i", "x:1 /a?b c")
	f.Fuzz(func(t *testing.T, format, line string) {
		for _, read := range []func(string) (*Template, error){Apache, Nginx} {
			tmpl, err := read(format)
			if err != nil {
				continue
			}
			var l Line
			if !tmpl.Parse([]byte(line), &l) {
				continue
			}
			at := 0
			for _, sp := range l.Spans {
				if sp.Start < at || sp.End < sp.Start || sp.End > len(line) {
					t.Fatalf("a span of %d to %d behind %d in %d bytes", sp.Start, sp.End, at, len(line))
				}
				at = sp.End
			}
		}
	})
}
