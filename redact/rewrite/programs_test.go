package rewrite

import (
	"strings"
	"testing"

	"weir/redact/transform"
)

func TestNamesOfMachinesAndThreadsStayWhereTheyAreWordsOfPrograms(t *testing.T) {
	e, _ := engine(t, own(t))
	for _, name := range []string{"web1", "db-02", "localhost", "sshd", "main", "http-nio-8080-exec-10", "pool-2-thread-13", "handlers/CartHandler.go:1042", "main.handleLogin",
		"com.example.shop.OrderService", "ECDHE-RSA-AES128-GCM-SHA256", "HTTPServer", "grpcServer2"} {
		for _, member := range []string{"hostname", "thread", "app", "func", "logger", "ssl_cipher"} {
			object := `{"` + member + `":"` + name + `"}`
			if got, _ := copied(t, e, "jsonl", object, 1); got != object {
				t.Errorf("%s became %s", object, got)
			}
		}
	}
	fingerprint := "sha256:" + strings.Repeat("4a", 32)
	for line, want := range map[string]string{
		"<13>1 2026-11-22T10:00:00Z web1 sshd 4194304 - - ok":                  "<13>1 2026-11-22T10:00:00Z web1 sshd 4194304 - - ok",
		`{"upstream_addr":"10.1.2.3:8080","server_name":"srv0"}`:               `{"upstream_addr":"10.1.2.0:8080","server_name":"srv0"}`,
		`{"policy":"` + fingerprint + `","retain":"30d","epoch":"2026-11-22"}`: `{"policy":"` + fingerprint + `","retain":"30d","epoch":"2026-11-22"}`,
		`{"redacted":[{"category":"user.contact.email"}]}`:                     `{"redacted":[{"category":"user.contact.email"}]}`,
		`{"subjects":["h1.DvJjYHB08uvMCCDtottNtQ"],"user_agent.name":"Edge"}`:  `{"subjects":["h1.DvJjYHB08uvMCCDtottNtQ"],"user_agent.name":"Edge"}`,
	} {
		format := "jsonl"
		if line[0] == '<' {
			format = "syslog"
		}
		if got, _ := copied(t, e, format, line, 1); got != want {
			t.Errorf("%s\nbecame %s", line, got)
		}
	}
}

// A DHCP server logs what people call their telephones.
func TestNamesOfPeopleStandInNoFieldOfTheProgram(t *testing.T) {
	e, defects := engine(t, own(t))
	members := strings.Fields("hostname host.name thread thread_name process.thread.name app service service.name component module program caller func function logger logger_name " +
		"server_name upstream_cluster upstream_addr upstream_host handler procid msgid ssl_cipher epoch policy retain error.type redacted.rule user_agent.name subjects")
	for _, name := range []string{"annas-iphone", "Annas iPhone", "kanariefugl", "DESKTOP-kanariefugl", "user-10472", "web-190890", "kanariefugl.home.lan", "/home/kanariefugl/src/main.go:12",
		"session-kanariefugl", "12345678", "19901122", "1990-11-22", "web-kanariefügl", "annaIphone2", "h1.kanariefugl", "kanariefugl-server:8080"} {
		for _, member := range members {
			for format, line := range map[string]string{
				"jsonl":  `{"` + member + `":"` + name + `"}`,
				"text":   `{"` + member + `":"` + name + `"}`,
				"syslog": "Nov 22 10:00:00 web1 app: {\"" + member + "\":\"" + name + "\"}",
			} {
				if got, _ := copied(t, e, format, line, 1); strings.Contains(got, name) || strings.Contains(strings.ToLower(got), "kanarief") || strings.Contains(got, "nnas") {
					t.Errorf("%s: %s became %s", format, line, got)
				}
			}
		}
		if strings.ContainsAny(name, " ") {
			continue
		}
		for _, line := range []string{"Nov 22 10:00:00 " + name + " sshd[1]: ok", "Nov 22 10:00:00 web1 " + strings.ReplaceAll(name, ":", "-") + "[1]: ok",
			"<13>1 2026-11-22T10:00:00Z " + name + " " + name + " " + name + " " + name + " - ok"} {
			if got, _ := copied(t, e, "syslog", line, 1); strings.Contains(got, name) || strings.Contains(got, "kanarief") || strings.Contains(got, "nnas") {
				t.Errorf("%s became %s", line, got)
			}
		}
	}
	if n := defects.Guarded.Load() + defects.Faults.Load(); n > 0 {
		t.Errorf("the guard or the engine met %d defects", n)
	}
}

func TestMachinesOfOneNameHaveOnePseudonymForTheDay(t *testing.T) {
	e, _ := engine(t, own(t))
	line := func(host string) string { return "Nov 22 10:00:00 " + host + " sshd[1]: ok\n" }
	out, _ := copied(t, e, "syslog", line("annas-iphone")+line("bens-ipad")+line("annas-iphone"), 1)
	host := func(i int) string { return strings.Fields(strings.Split(out, "\n")[i])[3] }
	if !transform.IsPseudonym([]byte(host(0))) || host(0) != host(2) || host(0) == host(1) {
		t.Error(out)
	}
}

func TestArchivesTellOfTheirMakerInKnownWords(t *testing.T) {
	e, _ := engine(t, own(t))
	of := func(name, version string) string {
		return `{"log":{"version":"1.2","creator":{"name":"` + name + `","version":"` + version + `"},"entries":[]}}`
	}
	if got, _ := copied(t, e, "har", of("Firefox", "145.0.1"), 1); got != of("Firefox", "145.0.1") {
		t.Error(got)
	}
	if got, _ := copied(t, e, "har", of("Annas kanariefugl", "kanariefugl 1"), 1); strings.Contains(got, "kanariefugl") {
		t.Error(got)
	}
}
