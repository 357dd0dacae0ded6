package proxy_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/proxy"
)

const adminToken = "0123456789abcdef0123456789abcdef"

// guarded is a weir whose admin has a token and a socket.
func guarded(t *testing.T) *instance {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte(adminToken+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	up := says(t, "hello")
	return startIn(t, dir, strings.Replace(head, "admin: 127.0.0.1:0", "admin: {listen: 127.0.0.1:0, token: token, socket: sock, hosts: [weir.internal]}", 1)+
		fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: %q}]\n", up.URL), open)
}

// ask sends a request for path, as written, to the admin listener.
func (in *instance) ask(network, address, method, path string, lines ...string) (status int, body string) {
	in.t.Helper()
	c, err := net.Dial(network, address)
	if err != nil {
		in.t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "%s %s HTTP/1.1\r\n%s\r\nConnection: close\r\n\r\n", method, path, strings.Join(lines, "\r\n"))
	resp, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	if err != nil {
		in.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		in.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func TestAdminAnswersOnlyWhoIsMeant(t *testing.T) {
	in := guarded(t)
	own := "Host: " + in.AdminAddr()
	bearer := "Authorization: Bearer " + adminToken
	for _, c := range []struct {
		method, path string
		lines        []string
		want         int
	}{
		{"GET", "/healthz", []string{own}, 200},
		{"GET", "/metrics", []string{"Host: localhost:1"}, 200},
		{"GET", "/readyz", []string{"Host: [::1]"}, 200},
		{"GET", "/readyz", []string{"Host: Weir.Internal:9901"}, 200},
		// A page has its own name lead here.
		{"GET", "/metrics", []string{"Host: rebound.example"}, 421},
		{"GET", "/metrics", []string{"Host: localhost.rebound.example"}, 421},
		{"GET", "/upstreams", []string{"Host: rebound.example", bearer}, 421},
		// A page elsewhere has its browser ask.
		{"GET", "/metrics", []string{own, "Origin: https://elsewhere.example"}, 403},
		{"GET", "/metrics", []string{own, "Origin: null"}, 403},
		{"GET", "/metrics", []string{own, "Sec-Fetch-Site: cross-site"}, 403},
		{"POST", "/reload", []string{own, bearer, "Sec-Fetch-Site: same-site", "Content-Length: 0"}, 403},
		{"GET", "/metrics", []string{own, "Origin: http://" + in.AdminAddr(), "Sec-Fetch-Site: same-origin"}, 200},
		{"GET", "/healthz", []string{own, "Sec-Fetch-Site: none"}, 200},
		// What is more than health and metrics.
		{"GET", "/upstreams", []string{own}, 401},
		{"GET", "/upstreams", []string{own, "Authorization: Bearer " + adminToken[1:]}, 401},
		{"GET", "/upstreams", []string{own, "Authorization: Basic " + adminToken}, 401},
		{"GET", "/upstreams", []string{own, "Authorization: Bearer"}, 401},
		{"POST", "/reload", []string{own, "Content-Length: 0"}, 401},
		{"GET", "/upstreams", []string{own, bearer}, 200},
		{"GET", "/reload", []string{own, bearer}, 405},
		{"POST", "/upstreams", []string{own, bearer, "Content-Length: 0"}, 405},
		{"POST", "/metrics", []string{own, bearer, "Content-Length: 0"}, 405},
		{"DELETE", "/healthz", []string{own}, 405},
		{"GET", "/debug/pprof/", []string{own, bearer}, 404},
	} {
		if got, body := in.ask("tcp", in.AdminAddr(), c.method, c.path, c.lines...); got != c.want || strings.Contains(body, "rebound") {
			t.Errorf("%s %s with %q: %d, want %d: %s", c.method, c.path, c.lines, got, c.want, body)
		}
	}
	// A new token counts at once.
	in.write("token", strings.ToUpper(adminToken))
	if got, _ := in.ask("tcp", in.AdminAddr(), "GET", "/upstreams", own, bearer); got != 401 {
		t.Errorf("the old token: %d", got)
	}
}

func TestAdminsSocketIsForWeirsOwnUser(t *testing.T) {
	in := guarded(t)
	path := filepath.Join(in.dir, "sock")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
	in.get(0, "www.x.example")
	in.next()
	status, body := in.ask("unix", path, "GET", "/upstreams", "Host: weir")
	var all []map[string]any
	if err := json.Unmarshal([]byte(body), &all); status != 200 || err != nil || len(all) != 1 ||
		all[0]["connections"] != 1.0 || !strings.HasPrefix(all[0]["upstream"].(string), "http://127.0.0.1:") {
		t.Errorf("%d: %s", status, body)
	}
	if status, _ := in.ask("unix", path, "GET", "/upstreams", "Host: weir", "Origin: https://elsewhere.example"); status != 403 {
		t.Errorf("a page elsewhere: %d", status)
	}
	in.end()
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the socket is left: %v", err)
	}
}

func TestReloadByAdminTellsWhatIsWrong(t *testing.T) {
	in := guarded(t)
	path := filepath.Join(in.dir, "sock")
	in.write("policy.yaml", "nonsense: 1\n")
	status, body := in.ask("unix", path, "POST", "/reload", "Host: weir", "Content-Length: 0")
	if status != 422 || !strings.Contains(body, "policy.yaml:1:1: ") {
		t.Errorf("%d: %s", status, body)
	}
	in.write("policy.yaml", open+"# changed\n")
	if status, body = in.ask("unix", path, "POST", "/reload", "Host: weir", "Content-Length: 0"); status != 200 || !strings.Contains(body, "sha256:") {
		t.Errorf("%d: %s", status, body)
	}
}

func TestReloadByAdminTellsWhatIsWrongWithACertificate(t *testing.T) {
	ca, dir := newAuthority(t), t.TempDir()
	ca.issue(dir, "www.x.example")
	ca.trusted(dir, "clients.pem")
	in := startIn(t, dir, strings.Replace(mutual(says(t, "hello").URL, ""), "admin: 127.0.0.1:0", "admin: {listen: 127.0.0.1:0, socket: sock}", 1), open)
	in.write("www.key", "no key at all")
	status, body := in.ask("unix", filepath.Join(dir, "sock"), "POST", "/reload", "Host: weir", "Content-Length: 0")
	if status != 422 || !strings.Contains(body, `"errors":["127.0.0.1:0: not a certificate and its key: `) {
		t.Errorf("%d: %s", status, body)
	}
	in.write("policy.yaml", "nonsense: 1\n")
	status, body = in.ask("unix", filepath.Join(dir, "sock"), "POST", "/reload", "Host: weir", "Content-Length: 0")
	if status != 422 || strings.Index(body, "policy.yaml:1:1: ") > strings.Index(body, "not a certificate") {
		t.Errorf("%d: %s", status, body)
	}
}

func TestWithoutATokenThereIsNothingMore(t *testing.T) {
	in := start(t, "listen: [{forward: \"127.0.0.1:0\"}]\n")
	for _, path := range []string{"/upstreams", "/reload"} {
		if got, _ := in.admin(path); got != 404 {
			t.Errorf("%s: %d", path, got)
		}
	}
}

func TestDrainingIsWhatReadinessSays(t *testing.T) {
	stuck := make(chan struct{})
	asked := make(chan struct{})
	up := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(asked)
		<-stuck
	}))
	defer up.Close()
	in := start(t, fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: %q}]\nlimits: {drain: 10s}\n", up.URL))
	c := in.dial(0)
	_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	<-asked
	in.stop()
	eventually(t, "unready", func() bool { return in.ready() == 503 })
	if _, body := in.admin("/readyz"); body != "draining\n" {
		t.Errorf("%q", body)
	}
	close(stuck)
	<-in.ended
}

func TestATokenThatOthersCanReadIsRefused(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
	}{"readable": {adminToken, 0o644}, "short": {"short", 0o600}} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(dir, name), c.mode); err != nil {
			t.Fatal(err)
		}
		err := refuses(t, dir, strings.Replace(head, "127.0.0.1:0", "{listen: 127.0.0.1:0, token: "+name+"}", 1)+"listen: [{forward: \"127.0.0.1:0\"}]\n")
		if !strings.Contains(err, "weir.yaml:5:8: the token in ") || strings.Contains(err, adminToken) {
			t.Errorf("%s: %s", name, err)
		}
	}
}

// refuses reads and opens weir.yaml in dir, which must not work, and returns why.
func refuses(t *testing.T, dir, config string) string {
	t.Helper()
	for name, text := range map[string]string{"weir.yaml": config, "policy.yaml": open} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := proxy.ReadConfig(filepath.Join(dir, "weir.yaml"))
	if err != nil {
		return err.Error()
	}
	if _, checked := cfg.Check(); checked == nil {
		t.Error("`weir check` finds nothing wrong")
	}
	if _, err = proxy.New(cfg, proxy.Options{}); err == nil {
		t.Fatal("taken")
	}
	return err.Error()
}
