package proxy_test

import (
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

// TestToTakesOneOrAListOfEqualsByHostOrForAll sends requests in turn.
func TestToTakesOneOrAListOfEqualsByHostOrForAll(t *testing.T) {
	a, b, c := says(t, "a"), says(t, "b"), says(t, "c")
	for name, to := range map[string]struct{ to, host, want string }{
		"a list":           {fmt.Sprintf("[%q, %q]", a.URL, b.URL), "any.example", "ab"},
		"a list by host":   {fmt.Sprintf("{two.example: [%q, %q], '*': %q}", a.URL, b.URL, c.URL), "two.example", "ab"},
		"one beside it":    {fmt.Sprintf("{two.example: [%q, %q], '*': %q}", a.URL, b.URL, c.URL), "other.example", "c"},
		"a list of one":    {fmt.Sprintf("[%q]", c.URL), "any.example", "c"},
		"a name with both": {fmt.Sprintf("[%q, %q]", strings.Replace(a.URL, "127.0.0.1", "localhost", 1), b.URL), "any.example", "ab"},
	} {
		t.Run(name, func(t *testing.T) {
			in := start(t, "listen: [{reverse: \"127.0.0.1:0\", to: "+to.to+"}]\n")
			seen := map[string]bool{}
			for range 6 {
				a := in.get(0, to.host)
				seen[a[strings.LastIndexByte(a, '\n')+1:]] = true
				if e := in.next(); e.number("http.response.status_code") != 200 {
					t.Errorf("%v", e)
				}
			}
			for _, one := range strings.Split(to.want, "") {
				if !seen[one] {
					t.Errorf("nothing from %s: %v", one, seen)
				}
			}
			if len(seen) != len(to.want) {
				t.Errorf("%v", seen)
			}
		})
	}
}

// TestDeadEqualIsPassedOver and tells it: in the entry, in weir's own log and by metrics.
func TestDeadEqualIsPassedOver(t *testing.T) {
	dead := "http://127.0.0.1:" + free(t)
	in := start(t, fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: [%q, %q]}]\nlimits: {eject_after: 2, eject_for: 1h}\n", dead, says(t, "here").URL))
	twice := 0
	for range 12 {
		if a := in.get(0, "x"); !strings.HasSuffix(a, "here") {
			t.Errorf("%q", a)
		}
		if in.next().number("attempts") == 2 {
			twice++
		}
	}
	if twice != 2 {
		t.Errorf("%d requests met the dead one", twice)
	}
	if said := in.said.String(); strings.Count(said, "upstream_ejected") != 1 || !strings.Contains(said, strings.TrimPrefix(dead, "http://")) {
		t.Error(said)
	}
	if _, page := in.admin("/metrics"); !strings.Contains(page, `result="failed"`) || !strings.Contains(page, dead) {
		t.Error(page)
	}
}

// TestUpstreamConnectionsAreBounded has the second request wait for the first.
func TestUpstreamConnectionsAreBounded(t *testing.T) {
	arrived, release := make(chan bool, 2), make(chan bool)
	up := hangs(t, arrived, release)
	in := start(t, fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: %q}]\nlimits: {upstream_connections: 1, connect: 50ms}\n", up))
	first := in.dial(0)
	if _, err := io.WriteString(first, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	<-arrived
	if a := in.get(0, "x"); !strings.HasPrefix(a, "HTTP/1.1 503 ") {
		t.Errorf("%q", a)
	}
	if e := in.next(); e.text("error.type") != "upstream_full" {
		t.Errorf("%v", e)
	}
	close(release)
	if b, err := io.ReadAll(first); err != nil || !strings.HasPrefix(string(b), "HTTP/1.1 200 ") {
		t.Errorf("%q, %v", b, err)
	}
	if e := in.next(); e["error.type"] != nil {
		t.Errorf("%v", e)
	}
}

// TestIdleUpstreamConnectionIsClosedInItsTime counts those that end.
func TestIdleUpstreamConnectionIsClosedInItsTime(t *testing.T) {
	ended := make(chan bool, 1)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer srv.Close()
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateClosed {
			ended <- true
		}
	}
	srv.Start()
	in := start(t, fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: %q}]\nlimits: {upstream_idle: 100ms}\n", srv.URL))
	in.get(0, "x")
	in.next()
	<-ended
}

// hangs is an upstream that answers when it is let.
func hangs(t *testing.T, arrived chan<- bool, release <-chan bool) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		arrived <- true
		<-release
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestFaultsOfUpstreamsAreLocated(t *testing.T) {
	for listen, want := range map[string]string{
		`{reverse: ":8080", to: []}`:                                                     "no upstream",
		`{reverse: ":8080", to: ["http://a", "https://b"]}`:                              "weir.yaml:6:46: the upstreams of one list are equals, and speak the same; write instead: http://b",
		`{reverse: ":8080", to: ["http://a", "http://a:80"]}`:                            "stands here for the second time",
		`{reverse: ":8080", to: {x.dk: ["http://a/path"]}}`:                              "paths are passed on",
		`{reverse: ":8080", to: "http://a", forwarded: drop}`:                            `"forwarded" does not belong here; write instead: forwarded: append beside`,
		`{reverse: ":8080", to: "http://a", cert: a}`:                                    `"cert" does not belong here; write instead: tls: {cert`,
		`{reverse: ":8080", to: "http://a"}]` + "\nlimits: {eject_after: 0}\n#":          "eject_after",
		`{reverse: ":8080", to: "http://a"}]` + "\nlimits: {upstream_connections: 0}\n#": "upstream_connections",
	} {
		file := filepath.Join(t.TempDir(), "weir.yaml")
		if err := os.WriteFile(file, []byte(head+"listen: ["+listen+"]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := proxy.ReadConfig(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, not %q", listen, err, want)
		}
	}
}
