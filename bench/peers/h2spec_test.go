//go:build peers

package peers

import (
	"encoding/xml"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// h2specModule is the newest h2spec that Go's module proxy has. 2.6.0 declares
// a module path without /v2, so that go install cannot name it; where H2SPEC is
// the path of such a binary, that one is used.
const h2specModule = "github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible"

func h2spec(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("H2SPEC"); path != "" {
		return path
	}
	return installed(t, h2specModule)
}

// installed builds a command of another module, in a module of its own: what it
// needs stays out of weir's. It is built anew for each run, from Go's caches.
func installed(t *testing.T, command string) string {
	t.Helper()
	dir := t.TempDir()
	path, _, _ := strings.Cut(command, "@")
	binary := filepath.Join(dir, filepath.Base(path))
	for _, argv := range [][]string{{"mod", "init", "peer"}, {"get", command}, {"build", "-o", binary, path}} {
		cmd := exec.Command("go", argv...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(argv, " "), err, out)
		}
	}
	return binary
}

// report is h2spec's, in JUnit's form.
type report struct {
	Suites []struct {
		Package string `xml:"package,attr"`
		Cases   []struct {
			Name    string    `xml:"classname,attr"`
			Failure *struct{} `xml:"failure"`
			Error   *struct{} `xml:"error"`
			Skipped *struct{} `xml:"skipped"`
			Words   string    `xml:",innerxml"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

// verdicts runs every case against address: name to "" where it passed, else
// what h2spec says.
func verdicts(t *testing.T, tool, address string, args ...string) map[string]string {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "report.xml")
	args = append([]string{"-h", host, "-p", port, "-o", "2", "-j", file}, args...)
	out, err := exec.Command(tool, append(args, "generic", "hpack", "http2")...).CombinedOutput()
	b, readErr := os.ReadFile(file)
	if readErr != nil {
		t.Fatalf("h2spec: %v\n%s", err, out)
	}
	var r report
	if err := xml.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, s := range r.Suites {
		for _, c := range s.Cases {
			name := s.Package + ": " + c.Name
			all[name] = ""
			if c.Failure != nil || c.Error != nil || c.Skipped != nil {
				all[name] = strings.Join(strings.Fields(c.Words), " ")
			}
		}
	}
	return all
}

// asOnGo are the cases that weir does not pass because Go's own server does not.
var asOnGo = map[string]string{
	"http2/8.1.2.2: Sends a HEADERS frame that contains the connection-specific header field":                     "answered 400 before the stream ends, as RFC 9113 section 8.1.1 allows",
	`http2/8.1.2.2: Sends a HEADERS frame that contains the TE header field with any value other than "trailers"`: "the same",
	"http2/6.5.3: Sends multiple values of SETTINGS_INITIAL_WINDOW_SIZE":                                          "a SETTINGS frame that says a thing twice ends the connection, to make floods dearer",
	"http2/3.5: Sends invalid connection preface":                                                                 "what is no preface is HTTP/1.x where both are spoken, and answered 400 as such",
}

func TestH2specPassesButWhereGoItselfDoesNot(t *testing.T) {
	tool := h2spec(t)
	own, ownTLS := goServers(t)
	dir := t.TempDir()
	ca := newAuthority(t)
	ca.issue(dir, "www", "127.0.0.1")
	in := startIn(t, dir, basics+fmt.Sprintf("listen:\n  - {reverse: \"127.0.0.1:0\", to: %[1]q}\n"+
		"  - {reverse: \"127.0.0.1:0\", to: %[1]q, tls: {cert: www.pem, key: www.key}}\n", own.URL), open)
	for i, c := range []struct {
		name string
		own  *httptest.Server
		args []string
	}{{"h2c", own, nil}, {"TLS", ownTLS, []string{"-t", "-k"}}} {
		t.Run(c.name, func(t *testing.T) {
			ours := verdicts(t, tool, in.addrs[i], c.args...)
			gos := verdicts(t, tool, c.own.Listener.Addr().String(), c.args...)
			if len(ours) < 140 || len(ours) != len(gos) {
				t.Fatalf("%d cases for weir, %d for Go", len(ours), len(gos))
			}
			passed := 0
			for name, words := range ours {
				why := asOnGo[name]
				switch {
				case words == "":
					passed++
					if gos[name] != "" {
						t.Logf("weir passes what Go does not: %s", name)
					}
				case why == "" || gos[name] == "":
					t.Errorf("%s: %s", name, words)
				default:
					t.Logf("neither weir nor Go: %s (%s)", name, why)
				}
			}
			t.Logf("%s: weir passes %d of %d cases", c.name, passed, len(ours))
		})
	}
	if strings.Contains(in.words(), "panicked") {
		t.Error(in.words())
	}
}

// goServers are net/http as it is, for HTTP/1.x and HTTP/2 without TLS, and
// with it.
func goServers(t *testing.T) (plain, secure *httptest.Server) {
	hello := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, "hello")
	})
	silent := log.New(io.Discard, "", 0)
	plain = httptest.NewUnstartedServer(hello)
	var both http.Protocols
	both.SetHTTP1(true)
	both.SetUnencryptedHTTP2(true)
	plain.Config.Protocols, plain.Config.ErrorLog = &both, silent
	plain.Start()
	t.Cleanup(plain.Close)
	secure = httptest.NewUnstartedServer(hello)
	secure.EnableHTTP2, secure.Config.ErrorLog = true, silent
	secure.StartTLS()
	t.Cleanup(secure.Close)
	return plain, secure
}
