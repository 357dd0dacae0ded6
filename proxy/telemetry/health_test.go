package telemetry

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func ask(t *testing.T, base, method, path string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequest(method, base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body), resp.Header
}

func TestReadyWhenEveryCheckPasses(t *testing.T) {
	h := NewHealth()
	log, listener := h.Check("log", "log/"), h.Check("listener", ":8080")
	srv := httptest.NewServer(h.Handler(testMetrics(t, typical).Handler()))
	defer srv.Close()

	if code, body, _ := ask(t, srv.URL, "GET", "/readyz"); code != 503 || body != "listener :8080\nlog log/\n" {
		t.Errorf("%d %q", code, body)
	}
	listener.Set(true)
	if code, body, _ := ask(t, srv.URL, "GET", "/readyz"); code != 503 || body != "log log/\n" {
		t.Errorf("%d %q", code, body)
	}
	log.Set(true)
	if code, body, _ := ask(t, srv.URL, "GET", "/readyz"); code != 200 || body != "ok\n" || !h.Ready() {
		t.Errorf("%d %q", code, body)
	}
	log.Set(false)
	if code, _, _ := ask(t, srv.URL, "HEAD", "/readyz"); code != 503 {
		t.Errorf("%d", code)
	}
	if code, body, _ := ask(t, srv.URL, "GET", "/healthz"); code != 200 || body != "ok\n" {
		t.Errorf("%d %q", code, body)
	}
	var none *Check
	none.Set(true)
}

func TestAdminAnswersRepeatNothing(t *testing.T) {
	srv := httptest.NewServer(NewHealth().Handler(testMetrics(t, typical).Handler()))
	defer srv.Close()
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/" + canary, 404},
		{"GET", "/healthz/?email=" + canary, 404},
		{"GET", "//healthz", 404},
		{"GET", "/metrics?name[]=" + canary, 200},
		{"HEAD", "/metrics", 200},
		{"POST", "/healthz?" + canary, 405},
		{"DELETE", "/metrics", 405},
		{"OPTIONS", "/" + canary, 405},
		{"ANNA", "/healthz", 405},
	} {
		code, body, header := ask(t, srv.URL, c.method, c.path)
		if code != c.want || strings.Contains(strings.ToLower(body), "anna") || strings.Contains(strings.ToLower(strings.Join(header["Location"], "")), "anna") {
			t.Errorf("%s %s: %d %v %.200q", c.method, c.path, code, header, body)
		}
		if code == 405 && header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: Allow %q", c.method, header.Get("Allow"))
		}
		if code == 200 && c.method == "GET" && !strings.Contains(body, "weir_build_info") {
			t.Errorf("metrics are not whole: %.200q", body)
		}
	}
	bare := httptest.NewServer(NewHealth().Handler(nil))
	defer bare.Close()
	if code, _, _ := ask(t, bare.URL, "GET", "/metrics"); code != 404 {
		t.Errorf("%d", code)
	}
}

func TestWithoutWhatOnlyDegradesWeirIsReady(t *testing.T) {
	h := NewHealth()
	log, serving := h.Degrade("log", "log/"), h.Check("serving", "")
	srv := httptest.NewServer(h.Handler(nil))
	defer srv.Close()
	for _, c := range []struct {
		log, serving bool
		code         int
		body         string
	}{
		{true, true, 200, "ok\n"},
		{false, true, 200, "degraded: log log/\n"},
		{false, false, 503, "serving\nlog log/\n"},
		{true, false, 503, "serving\n"},
	} {
		log.Set(c.log)
		serving.Set(c.serving)
		if code, body, _ := ask(t, srv.URL, "GET", "/readyz"); code != c.code || body != c.body || h.Ready() != (code == 200) {
			t.Errorf("log %v, serving %v: %d %q", c.log, c.serving, code, body)
		}
	}
}
