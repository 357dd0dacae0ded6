package proxy_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
)

// curl runs the real one; the error holds what it said.
func curl(t testing.TB, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command("curl", append([]string{"-sS", "--max-time", "15"}, args...)...)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, said.String())
	}
	return string(out), err
}

func TestCurlGoesThroughTheForwardListener(t *testing.T) {
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s %s via=%q", r.Method, r.URL, r.Host, r.Header.Get("Via")+r.Header.Get("Proxy-Connection")+r.Header.Get("X-Forwarded-For"))
	}))
	t.Cleanup(up.Close)
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "secretly") }))
	t.Cleanup(secure.Close)
	in := start(t, "listen: [{forward: \"127.0.0.1:0\"}]\n")
	at := up.Listener.Addr().String()

	out, err := curl(t, "-x", "http://"+in.Addr(0), up.URL+"/v1/customers?email=anna%40example.dk")
	if err != nil || out != "GET /v1/customers?email=anna%40example.dk "+at+` via=""` {
		t.Errorf("%q %v", out, err)
	}
	e := in.next()
	if e.text("flow.direction") != "outbound" || e.text("flow.visibility") != "headers" || e.number("http.response.status_code") != 200 || strings.Contains(fmt.Sprint(e), "anna") {
		t.Errorf("%v", e)
	}

	out, err = curl(t, "-k", "-p", "-x", "http://"+in.Addr(0), secure.URL+"/", "--next", "-k", "-sS", "-p", "-x", "http://"+in.Addr(0), secure.URL+"/again")
	if err != nil || out != "secretlysecretly" {
		t.Errorf("%q %v", out, err)
	}
	for e = in.next(); e.text("http.request.method") == "CONNECT"; e = in.next() {
		if e.text("flow.visibility") != "tunnel" || e.number("tunnel.bytes_up") < 100 || e.number("tunnel.bytes_down") < 100 || e.text("url.path") != "" {
			t.Errorf("%v", e)
		}
		if len(in.entries) == 0 {
			break
		}
	}
	in.none()
}

// Whoever can reach the forward listener must not reach what only this machine
// may: weir's own ports, and what a cloud serves to machines.
func TestForwardListenerDoesNotLeadToWhatIsForbidden(t *testing.T) {
	up := says(t, "reached")
	in := start(t, fmt.Sprintf("listen: [{forward: \"127.0.0.1:0\"}, {reverse: \"127.0.0.1:0\", to: %q}]\n", up.URL))
	_, port, _ := net.SplitHostPort(in.AdminAddr())
	for _, target := range []string{in.AdminAddr(), "localhost:" + port, "0.0.0.0:" + port, "[::ffff:127.0.0.1]:" + port, "127.1:" + port, in.Addr(0), in.Addr(1),
		"169.254.169.254:80", "[fe80::1]:80", "[fd00:ec2::254]:80", "[::ffff:169.254.169.254]:80", "0.0.0.0:80"} {
		a := in.talk(0, "GET http://"+target+"/healthz HTTP/1.1\r\nHost: "+target+"\r\nConnection: close\r\n\r\n")
		if !strings.HasPrefix(a, "HTTP/1.1 4") && !strings.HasPrefix(a, "HTTP/1.1 502") || strings.Contains(a, "ok\n") {
			t.Errorf("GET %s: %q", target, a)
		}
		if e := in.next(); e.text("error.type") != "forbidden_address" && !strings.HasPrefix(target, "127.1:") {
			t.Errorf("GET %s: %v", target, e)
		}
		a = in.talk(0, "CONNECT "+target+" HTTP/1.1\r\nHost: "+target+"\r\nConnection: close\r\n\r\n")
		if !strings.HasPrefix(a, "HTTP/1.1 4") && !strings.HasPrefix(a, "HTTP/1.1 502") {
			t.Errorf("CONNECT %s: %q", target, a)
		}
		if e := in.next(); e.text("error.type") != "forbidden_address" && !strings.HasPrefix(target, "127.1:") {
			t.Errorf("CONNECT %s: %v", target, e)
		}
	}
	in.none()
}

func TestOnlyThoseAllowedUseTheForwardListener(t *testing.T) {
	up := says(t, "hello")
	for allow, served := range map[string]bool{"10.0.0.0/8": false, "127.0.0.0/8": true} {
		in := start(t, "listen: [{forward: \"127.0.0.1:0\", allow: ["+allow+"]}]\n")
		out, err := curl(t, "-x", "http://"+in.Addr(0), up.URL)
		if (err == nil && out == "hello") != served {
			t.Errorf("%s: %q %v", allow, out, err)
		}
		if !served && !strings.Contains(in.said.String(), "client_not_allowed") {
			t.Error(in.said)
		}
		in.Hurry()
		in.end()
	}
}
