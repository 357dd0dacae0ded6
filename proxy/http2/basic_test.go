package http2

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func both(t *testing.T, f func(*testing.T, bool)) {
	t.Run("h2", func(t *testing.T) { f(t, true) })
	t.Run("h2c", func(t *testing.T) { f(t, false) })
}

func TestAnExchangeArrivesAsItWasSent(t *testing.T) {
	both(t, func(t *testing.T, secure bool) {
		got := make(chan *http.Request, 1)
		w := newWorld(t, secure, Limits{}, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got <- r
			rw.Header().Add("X-Two", "b")
			rw.Header().Add("X-Two", "a")
			rw.Header()["Date"] = nil
			rw.WriteHeader(201)
			_, _ = rw.Write(append([]byte("echo "), body...))
		}))
		req, _ := http.NewRequest("POST", w.url+"/a", strings.NewReader("hello"))
		req.URL.Opaque = "//" + req.URL.Host + "//b/%2f/c?a;b&%zz=&&x"
		req.Header["User-Agent"] = nil
		req.Header.Add("X-One", "1")
		req.Header.Add("X-One", "0")
		req.Header.Add("Cookie", "a=b; c=d")
		resp, err := w.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || string(body) != "echo hello" || resp.StatusCode != 201 {
			t.Fatalf("%d %q %v", resp.StatusCode, body, err)
		}
		r := <-got
		if r.RequestURI != "//b/%2f/c?a;b&%zz=&&x" || r.Host != req.URL.Host || r.ContentLength != 5 {
			t.Errorf("upstream saw %q %q %d", r.RequestURI, r.Host, r.ContentLength)
		}
		want := http.Header{"X-One": {"1", "0"}, "Cookie": {"a=b; c=d"}, "Content-Length": {"5"}}
		if !equalHeader(r.Header, want) {
			t.Errorf("upstream saw header %v", r.Header)
		}
		if !equalHeader(resp.Header, http.Header{"X-Two": {"b", "a"}, "Content-Type": {"text/plain; charset=utf-8"}, "Content-Length": {"10"}}) {
			t.Errorf("client saw header %v", resp.Header)
		}
		if o := w.outcome(t); o != "complete" {
			t.Error(o)
		}
	})
}

func equalHeader(a, b http.Header) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if strings.Join(v, "\x00") != strings.Join(b[k], "\x00") {
			return false
		}
	}
	return true
}
