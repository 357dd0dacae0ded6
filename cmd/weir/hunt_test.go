package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/policy/library"
)

// canaries are values that are sent: nobody may read them in what a command tells.
type canaries struct{ all []string }

func (c *canaries) word() string {
	w := fmt.Sprintf("kanari%03dtekst", len(c.all))
	c.all = append(c.all, w)
	return w
}

func (c *canaries) mail() string { return c.word() + "@person.example" }

// message is a request with a canary in each of its places but those that policies of the
// library write as they are, such as Accept-Language, and an answer to it. Where it goes is
// host.
func (c *canaries) message(host string) (request, answer string) {
	w, m := c.word, c.mail
	token := base64.StdEncoding.EncodeToString([]byte(`{"sub":"` + w() + `","email":"` + m() + `"}`))
	body := `{"email_address":"` + m() + `","` + w() + `":{"` + w() + `":["` + w() + `",{"name":"` + w() + `"}]},"note":"ring ` + w() + ` på 12345678"}`
	request = "POST https://" + w() + ":" + w() + "@" + host + "/3.0/" + w() + "/members/" + m() + ";" + w() + "=" + w() +
		"?email=" + strings.Replace(m(), "@", "%40", 1) + "&" + w() + "=" + w() + "&q=" + w() + "&next=https%3A%2F%2Fa.example%2F" + w() + "&state=" + token + "#" + w() + " HTTP/1.1\r\n" +
		"Cookie: sid=" + w() + "; " + w() + "=" + w() + "; _ga=GA1.2." + w() + "\r\nReferer: https://forum.example/" + w() + "?u=" + m() + "\r\n" +
		"User-Agent: " + w() + "/1 (" + w() + ")\r\nX-Note: " + m() + "\r\nX-" + w() + ": " + w() + "\r\nX-Forwarded-For: " + w() + "\r\nForwarded: for=" + w() + ";host=" + w() + "\r\n" +
		"Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(w()+":"+w())) + "\r\nX-Weir-Consent: " + w() + "=given, marketing=" + w() + "\r\n" +
		"X-Tenant: " + w() + "\r\nIf-None-Match: \"" + w() + "\"\r\nContent-Type: application/json\r\nContent-Length: " + fmt.Sprint(len(body)) + "\r\n\r\n" + body
	answer = "HTTP/1.1 302 " + w() + "\r\nLocation: https://" + w() + ".a.example/" + w() + "?email=" + m() + "\r\nSet-Cookie: " + w() + "=" + w() + "; Path=/" + w() + "; Domain=" + w() + ".example\r\n" +
		"Set-Cookie: _ga=" + w() + "; Max-Age=99999999\r\nLink: </" + w() + ">; rel=" + w() + "\r\nServer: " + w() + "\r\nContent-Type: text/html\r\n\r\n<p>" + m() + " " + w() + "</p>"
	return request, answer
}

// archive is an HTTP Archive of one exchange.
func (c *canaries) archive(host string) string {
	w, m := c.word, c.mail
	pair := func(name, value string) map[string]string { return map[string]string{"name": name, "value": value} }
	text, err := json.Marshal(map[string]any{"log": map[string]any{
		"version": w(), "creator": pair(w(), w()), "comment": w(),
		"pages": []any{map[string]any{"title": w(), "id": w(), "startedDateTime": w()}},
		"entries": []any{map[string]any{
			"startedDateTime": "2026-11-22T10:00:00Z", "serverIPAddress": w(), "connection": w(), "comment": w(), "pageref": w(), w(): w(),
			"request": map[string]any{"method": "POST", "url": "https://" + host + "/" + w() + "?" + w() + "=" + w() + "&email=" + m(), "httpVersion": w(),
				"headers":  []any{pair("Referer", "https://a.example/"+w()), pair(w(), w()), pair("Cookie", "sid="+w())},
				"cookies":  []any{pair(w(), w())},
				"postData": map[string]any{"mimeType": "application/x-www-form-urlencoded", "text": "email=" + m() + "&" + w() + "=" + w()}},
			"response": map[string]any{"status": 302, "statusText": w(), "redirectURL": "https://a.example/" + w(), "headers": []any{pair("Set-Cookie", w()+"="+w()), pair("Location", "/"+w())},
				"content": map[string]any{"mimeType": "text/plain", "text": m(), "comment": w()}},
		}},
	}})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// lines are an access log and events, in whose lines canaries stand wherever others name
// what they like.
func (c *canaries) lines(host string) (combined, events string) {
	w, m := c.word, c.mail
	for _, target := range []string{"/" + w() + "?email=" + m() + "&" + w() + "=" + w(), "https://" + w() + "." + host + "/" + w() + "?u=" + m()} {
		combined += w() + " - " + w() + " [22/Nov/2026:10:00:01 +0000] \"GET " + target + " HTTP/1.1\" 200 12 \"https://forum.example/" + w() + "\" \"" + w() + "\"\n" +
			w() + " - - [22/Nov/2026:10:00:01 +0000] \"" + w() + "\" 400 0 \"-\" \"-\"\n"
		events += `{"ts":1795341601,"user":"` + w() + `","` + w() + `":"` + w() + `","request":{"method":"GET","host":"` + w() + `.example","uri":"` + target + `","headers":{"Cookie":["` + w() + "=" + w() + `"],"X-` + w() + `":["` + m() + `"]}},"status":200}` + "\n" +
			`{"msg":"` + m() + `"}` + "\n"
	}
	return combined + combined + w() + "\n", events
}

// cases is a file of cases whose first expects what is not so, of everything.
func (c *canaries) cases(host string) string {
	request, answer := c.message(host)
	block := func(text string) string {
		return "|\n    " + strings.ReplaceAll(strings.ReplaceAll(text, "\r", ""), "\n", "\n    ") + "\n"
	}
	return "- name: a\n  given: {to: " + c.word() + ".example}\n  send: " + block(request) + "  answer: " + block(answer) +
		"  expect: {verdict: alert, by: none, party: none/none, promises: {none: kept}, entry: {url.path: /, url.query: x, http.request.header.referer: x}, redacted: {url.query.email: mask}, retain: 1d, nowhere: [HTTP]}\n" +
		"- name: b\n  fields: {url.host: " + host + ", url.query.email: " + c.mail() + ", url.query." + c.word() + ": " + c.word() + ", request.body.user." + c.word() + ": " + c.word() + "}\n  expect: {verdict: alert}\n"
}

// in reports whether a canary can be read from text, or from what that encodes.
func (c *canaries) in(text string) (string, bool) {
	text = strings.ToLower(text)
	for _, w := range c.all {
		forms := []string{w, hex.EncodeToString([]byte(w))}
		for i := range 3 {
			coded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", i) + w + "  "))
			forms = append(forms, strings.ToLower(coded[4:len(coded)-6]))
		}
		for _, f := range forms {
			if strings.Contains(text, f) {
				return w, true
			}
		}
	}
	return "", false
}

func TestNoCommandTellsWhatWasSent(t *testing.T) {
	policies := []string{"../../policy/testdata/nordhost.yaml"}
	for _, name := range library.Names() {
		policies = append(policies, filepath.Join("../../policy/library", name, "policy.yaml"))
	}
	c := &canaries{}
	folder := t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	request, answer := c.message(c.word() + ".api.mailchimp.com")
	traffic := map[string]string{
		"outbound.http": request, "both.http": request + "\r\n" + answer, "inbound.http": strings.Replace(request, "https://", "/https://", 1),
		"traffic.har": c.archive("www.google-analytics.com"), "cases.yaml": c.cases("api.stripe.com"),
	}
	traffic["access.log"], traffic["events.jsonl"] = c.lines("api.stripe.com")
	broken := map[string]string{
		"none.jsonl": `{"msg":"` + c.word() + `"}`, "none.log": c.word() + ` - - [22/Nov/2026:10:00:01 +0000] "` + c.word() + `" 400 0`,
		"cut.har": c.archive("a.example")[:900], "cut.http": request[:strings.Index(request, "Cookie")+20], "none.http": c.word() + " " + c.word(),
		"space.http": strings.Replace(request, "Cookie:", "Coo kie:", 1), "twice.http": strings.Replace(request, "Content-Length:", "Content-Length: "+c.word()+"\r\nContent-Length:", 1),
		"type.har": strings.Replace(c.archive("a.example"), `"status":302`, `"status":"`+c.word()+`"`, 1), "url.har": strings.Replace(c.archive("a.example"), "https://a.", c.word()+"://%zz", 1),
		"send_cases.yaml": strings.Replace(c.cases("a.example"), "POST https", c.word()+" "+c.word()+" https", 1), "given_cases.yaml": strings.Replace(c.cases("a.example"), "to:", "client: "+c.word()+", to:", 1),
	}
	told := 0
	tell := func(args ...string) {
		out := hear(t, args)
		if w, ok := c.in(out); ok {
			t.Errorf("%s is told by weir %q:\n%s", w, args, out)
		}
		told += len(out)
	}
	for _, files := range []map[string]string{traffic, broken} {
		for name, text := range files {
			path := put(name, text)
			for i, p := range policies {
				for _, format := range []string{"pretty", "json"} {
					tell("explain", p, path, "--format", format)
					tell("diff", p, policies[(i+1)%len(policies)], path, "--format", format)
				}
				if strings.HasSuffix(name, "cases.yaml") {
					for _, format := range []string{"pretty", "json", "junit"} {
						tell("test", p, "--cases", path, "--format", format, "--coverage", "--mutate")
					}
				}
			}
			tell("explain", policies[0], path, "--client", c.word())
			tell("explain", policies[0], path, "--log-format", "nginx "+c.word())
			tell("check", path)
			tell("check", path, "--format", "json")
			tell("init", filepath.Join(folder, "made", name), "--from-traffic", path)
		}
	}
	tell("check", folder)
	if told < 100_000 {
		t.Errorf("all commands told %d bytes: that is no hunt", told)
	}
}

// hear runs a command and returns all that it tells.
func hear(t *testing.T, args []string) string {
	f, err := os.Create(filepath.Join(t.TempDir(), "told"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if run(args, &globals{f, f}) == 3 {
		t.Errorf("weir %q is at fault", args)
	}
	text, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
