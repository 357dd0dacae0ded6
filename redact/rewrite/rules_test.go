package rewrite

import (
	"strings"
	"testing"
)

// reading is a policy whose rules read what else stands in the line.
const reading = `controller: {name: Nordhost ApS, country: DK, contact: privacy@nordhost.example}
defaults: {retain: 30d}
redact:
  - {name: of posts, when: 'request.method == "POST" && field.place == "request.header.user-agent" && field.category.within("user")', then: keep()}
  - {name: of one path, when: 'request.path == "/login" && field.place == "url.query.page"', then: keep()}
  - {name: from home, when: 'client.address.startsWith("10.") && field.category.within("user.device.ip_address")', then: keep()}
  - {name: long, when: 'field.place == "url.query.sort" && field.value.size() > 3', then: keep()}
`

func TestRulesSeeTheLineThatAFieldStandsIn(t *testing.T) {
	e, _ := engine(t, parsed(t, reading))
	log := `10.0.0.1 - - [22/Nov/2026:10:00:00 +0000] "POST /login?page=2&sort=ab HTTP/1.1" 200 1 "-" "curl/8"
203.0.113.7 - - [22/Nov/2026:10:00:00 +0000] "GET /cart?page=2&sort=abcd HTTP/1.1" 200 1 "-" "curl/8"
10.0.0.1 - - [22/Nov/2026:10:00:00 +0000] "GET /login?page=2 HTTP/1.1" 200 1 "-" "curl/8"
`
	want := `10.0.0.1 - - [22/Nov/2026:10:00:00 +0000] "POST /login?page=2&sort= HTTP/1.1" 200 1 "-" "curl/8"
- - - [22/Nov/2026:10:00:00 +0000] "GET /cart?page=&sort=abcd HTTP/1.1" 200 1 "-" "-"
10.0.0.1 - - [22/Nov/2026:10:00:00 +0000] "GET /login?page=2 HTTP/1.1" 200 1 "-" "-"
`
	if got, _ := copied(t, e, "combined", log+log, 1); got != want+want {
		t.Errorf("got\n%swant\n%s", got, want+want)
	}
	objects := `{"request":{"method":"POST","headers":{"User-Agent":["curl/8"]},"remote_ip":"10.0.0.1"}}` + "\n" +
		`{"request":{"headers":{"User-Agent":["curl/8"]},"remote_ip":"203.0.113.7","method":"GET"}}` + "\n"
	want = `{"request":{"method":"POST","headers":{"User-Agent":["curl/8"]},"remote_ip":"10.0.0.1"}}` + "\n" +
		`{"request":{"headers":{"User-Agent":[""]},"remote_ip":"","method":"GET"}}` + "\n"
	if got, _ := copied(t, e, "jsonl", objects, 1); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	message := "POST /login?page=2 HTTP/1.1\nUser-Agent: curl/8\n\nGET /login?page=2 HTTP/1.1\nUser-Agent: curl/8\n\n"
	if got, _ := copied(t, e, "http", message, 1); strings.Count(got, "curl/8") != 1 || strings.Count(got, "page=2") != 2 {
		t.Errorf("got %s", got)
	}
}

// A rule that says where nothing may stay must be told of the line however it is
// written, and of all of it while one of its members is at hand.
func TestAMemberThatIsARequestLineHidesNothingFromRules(t *testing.T) {
	const head = `controller: {name: Nordhost ApS, country: DK, contact: privacy@nordhost.example}
defaults: {retain: 30d}
redact:
`
	e, _ := engine(t, parsed(t, head+`  - {name: of no patient, when: '(request.path != "/patient" && client.address != "10.0.0.1") && (field.place == "url.query.page" || field.place == "request.header.user-agent" && field.category.within("user"))', then: keep()}`))
	for object, want := range map[string]string{
		`{"remote_ip":"10.0.0.1","request":"GET /cart?page=kanariefugl HTTP/1.1","user_agent":"kanariefugl"}`:    `{"remote_ip":"","request":"GET /cart?page= HTTP/1.1","user_agent":""}`,
		`{"remote_ip":"10.0.0.2","request":"GET /patient?page=kanariefugl HTTP/1.1","user_agent":"kanariefugl"}`: `{"remote_ip":"","request":"GET /{id}?page= HTTP/1.1","user_agent":""}`,
		`{"user_agent":"kanariefugl","request":"GET /patient HTTP/1.1"}`:                                         `{"user_agent":"","request":"GET /{id} HTTP/1.1"}`,
		`{"request":"GET /cart?page=2 HTTP/1.1","remote_ip":"10.0.0.1"}`:                                         `{"request":"GET /cart?page= HTTP/1.1","remote_ip":""}`,
		`{"request":"GET /cart?page=2 HTTP/1.1","remote_ip":"10.0.0.2","user_agent":"x"}`:                        `{"request":"GET /cart?page=2 HTTP/1.1","remote_ip":"","user_agent":"x"}`,
	} {
		if got, _ := copied(t, e, "jsonl", object, 1); got != want {
			t.Errorf("%s\nbecame %s\nwant   %s", object, got, want)
		}
	}
}

func TestPseudonymsAreOfTheDayOfTheLine(t *testing.T) {
	e, _ := engine(t, own(t))
	line := func(day string) string {
		return `10.0.0.1 - anna [` + day + `/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "-"` + "\n"
	}
	out, _ := copied(t, e, "combined", line("20")+line("21")+line("20"), 1)
	got := strings.Split(out, "\n")
	user := func(i int) string { return strings.Fields(got[i])[2] }
	if user(0) != user(2) || user(0) == user(1) || !strings.HasPrefix(user(0), "h1.") {
		t.Errorf("%s, %s, %s", user(0), user(1), user(2))
	}
}

func TestWordsAreLookedThrough(t *testing.T) {
	e, _ := engine(t, own(t))
	for text, want := range map[string]string{
		`login of anna failed, password=hunter2 from 10.1.2.3`: `login of anna failed, password=<password> from 10.1.2.0`,
		`Authorization: Bearer abc.def ghi`:                    `Authorization: <credentials>`,
		`{'password': 'hunter 2', "phone" : "x"}`:              `{'password': '<password>', "phone" : "<phone>"}`,
		`net 10.0.0.0/8 at 10:20:30 took 12ms, x=1 y = 2`:      `net 10.0.0.0/8 at 10:20:30 took 12ms, x=1 y = 2`,
		`session=<abcDEF123> token=<abc def> password=[x] x`:   `session=<<id>> token=<<credentials>> password=[<password>] x`,
		`Login: password=<abc`:                                 `Login: password=<<password>`,
		`password=("hunter 2") password: YWJjZA== x`:           `password=(<password>) password: <password> x`,
		"tab\there \x1b[31mred":                                "tab\there \\u001b[31mred",
		`password= next=1`:                                     `password= next=<browsing_history>`,
		`password="a\"hunter2" x`:                              `password="<password>" x`,
		`msg="password=\"hunter2\" x"`:                         `msg="password=\"<password>\" x"`,
	} {
		if got, _ := copied(t, e, "text", text, 1); got != want {
			t.Errorf("%s\nbecame %s\nwant   %s", text, got, want)
		}
	}
}

func TestNamesOfPeopleAreNoLoggers(t *testing.T) {
	e, _ := engine(t, own(t))
	for object, want := range map[string]string{
		`{"name":"Anna Hansen","logger":"shop"}`:                `{"name":"","logger":"shop"}`,
		`{"log":"{\"name\":\"Anna Hansen\"}\n"}`:                `{"log":"{\"name\":\"\"}\n"}`,
		`{"filename":"cv-anna-hansen.pdf","source":"Anna"}`:     `{"filename":"","source":""}`,
		`{"host":"anna.example","hostname":"web1","app":"api"}`: `{"host":"*","hostname":"web1","app":"api"}`,
	} {
		if got, _ := copied(t, e, "jsonl", object, 1); got != want {
			t.Errorf("%s\nbecame %s\nwant   %s", object, got, want)
		}
	}
}

func TestWhatContainersSayIsReadInTurn(t *testing.T) {
	e, _ := engine(t, own(t))
	const cri, syslog = `2026-11-22T10:00:00.123456789Z stdout F `, `<13>Nov 22 10:00:00 web api[7]: `
	const object, left = `{"name":"Anna Hansen","msg":"x","status":200}`, `{"name":"","msg":"x","status":200}`
	log := cri + `203.0.113.77 - anna [22/Nov/2026:10:00:00 +0000] "GET /users/anna.hansen HTTP/1.1" 200 1` + "\n" + cri + object + "\n" + syslog + object + "\n" +
		syslog + `password=hunter2` + "\n"
	got, c := copied(t, e, "syslog", log, 1)
	if strings.Contains(got, "anna") || strings.Contains(got, "Anna") || strings.Contains(got, ".77 ") || c.Broken > 0 ||
		!strings.HasSuffix(got, "\n"+cri+left+"\n"+syslog+left+"\n"+syslog+"password=<password>\n") {
		t.Error(got)
	}
	if f := Recognise([]byte(log)).Name(); f != "syslog" {
		t.Errorf("taken for %s", f)
	}
	if got, _ := copied(t, e, "text", object+"\nAnna said password=hunter2\n", 1); got != left+"\nAnna said password=<password>\n" {
		t.Error(got)
	}
}

func TestAccountsThatPAMAndSshdTellOfAreFound(t *testing.T) {
	e, _ := engine(t, own(t))
	for _, line := range []string{"Failed password for anna from 10.1.2.3 port 22 ssh2", "Failed password for invalid user anna.hansen from 10.1.2.3",
		"Invalid user anna from 10.1.2.3", "Accepted publickey for anna from 10.1.2.3", "session opened for user anna(uid=1000) by anna(uid=0)",
		"session closed for user anna", "Connection closed by authenticating user anna 10.1.2.3 port 22 [preauth]"} {
		if got, _ := copied(t, e, "text", line, 1); strings.Contains(got, "anna") || !strings.Contains(got, "h1.") {
			t.Errorf("%s became %s", line, got)
		}
	}
	for _, line := range []string{"waiting for user input to end", "waiting for user input", "no rule for user agent found", "invalid user input given", "stopped by signal"} {
		if got, _ := copied(t, e, "text", line, 1); got != line {
			t.Errorf("%s became %s", line, got)
		}
	}
}
