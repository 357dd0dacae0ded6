package http2

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestTrailersPassInBothDirections(t *testing.T) {
	both(t, func(t *testing.T, secure bool) {
		got := make(chan http.Header, 1)
		w := newWorld(t, secure, Limits{}, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
			got <- r.Trailer
			rw.Header().Set("Trailer", "X-Announced, X-Absent")
			rw.Header().Set("X-Sum", "header")
			_, _ = io.WriteString(rw, "body")
			rw.Header().Set("X-Announced", "a")
			rw.Header().Set(http.TrailerPrefix+"X-Sum", "trailer")
		}))
		req, _ := http.NewRequest("POST", w.url, io.MultiReader(strings.NewReader("abc")))
		req.Trailer = http.Header{"X-Check": nil}
		req.Body = io.NopCloser(atEnd{strings.NewReader("abc"), func() { req.Trailer.Set("X-Check", "sum") }})
		resp, err := w.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(resp.Body); err != nil {
			t.Fatal(err)
		}
		if tr := <-got; tr.Get("X-Check") != "sum" {
			t.Errorf("upstream's trailers: %v", tr)
		}
		if resp.Header.Get("X-Sum") != "header" || resp.Trailer.Get("X-Sum") != "trailer" || resp.Trailer.Get("X-Announced") != "a" {
			t.Errorf("client's: %v then %v", resp.Header, resp.Trailer)
		}
		if v, ok := resp.Trailer["X-Absent"]; !ok || len(v) != 0 {
			t.Errorf("announced and absent: %v %v", v, ok)
		}
	})
}

// atEnd calls a function before it says that the reader has ended.
type atEnd struct {
	r io.Reader
	f func()
}

func (a atEnd) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	if err == io.EOF {
		a.f()
	}
	return n, err
}

func TestInformationalHeadsPass(t *testing.T) {
	both(t, func(t *testing.T, secure bool) {
		w := newWorld(t, secure, Limits{}, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Link", "</a.css>")
			rw.WriteHeader(103)
			rw.Header().Set("Link", "</b.css>")
			rw.WriteHeader(103)
			rw.Header().Del("Link")
			rw.WriteHeader(200)
		}))
		var mu sync.Mutex
		var hints []string
		req, _ := http.NewRequest("GET", w.url, nil)
		req = req.WithContext(httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
			mu.Lock()
			defer mu.Unlock()
			hints = append(hints, h.Get("Link"))
			return nil
		}}))
		resp, err := w.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		mu.Lock()
		defer mu.Unlock()
		if !slices.Equal(hints, []string{"</a.css>", "</b.css>"}) || resp.Header.Get("Link") != "" {
			t.Error(hints, resp.Header)
		}
	})
}

func TestAClientThatExpects100IsToldToGoOn(t *testing.T) {
	w := newWorld(t, false, Limits{}, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		_, _ = rw.Write(b)
	}))
	w.client.Transport.(*http.Transport).ExpectContinueTimeout = 10 * time.Second
	req, _ := http.NewRequest("POST", w.url, strings.NewReader("body"))
	req.Header.Set("Expect", "100-continue")
	start := time.Now()
	resp, err := w.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(resp.Body); string(b) != "body" || err != nil || time.Since(start) > 5*time.Second {
		t.Errorf("%q %v after %v", b, err, time.Since(start))
	}
}

func TestResponsesWithoutABodyKeepTheirFields(t *testing.T) {
	both(t, func(t *testing.T, secure bool) {
		w := newWorld(t, secure, Limits{}, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/204":
				rw.WriteHeader(204)
			case "/304":
				rw.Header().Set("ETag", `"x"`)
				rw.WriteHeader(304)
			default:
				rw.Header().Set("Content-Length", "1234")
				rw.Header().Set("Content-Type", "image/png")
			}
		}))
		for _, c := range []struct {
			method, path string
			status       int
			name, value  string
		}{{"HEAD", "/", 200, "Content-Length", "1234"}, {"GET", "/204", 204, "Content-Length", ""}, {"GET", "/304", 304, "Etag", `"x"`}} {
			req, _ := http.NewRequest(c.method, w.url+c.path, nil)
			resp, err := w.client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(resp.Body)
			if len(b) > 0 || err != nil || resp.StatusCode != c.status || resp.Header.Get(c.name) != c.value {
				t.Errorf("%s %s: %d %v %q %v", c.method, c.path, resp.StatusCode, resp.Header, b, err)
			}
			if o := w.outcome(t); o != "complete" {
				t.Error(o)
			}
		}
	})
}

func TestAnUpstreamThatBreaksOffIsNeverACompleteAnswer(t *testing.T) {
	both(t, func(t *testing.T, secure bool) {
		w := newWorld(t, secure, Limits{}, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/length" {
				rw.Header().Set("Content-Length", "100")
			}
			_, _ = io.WriteString(rw, "some")
			_ = http.NewResponseController(rw).Flush()
			panic(http.ErrAbortHandler)
		}))
		for _, path := range []string{"/stream", "/length"} {
			resp, err := w.client.Get(w.url + path)
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(resp.Body); err == nil {
				t.Errorf("%s: complete with %q", path, b)
			}
			if o := w.outcome(t); o != errReset.Error() {
				t.Error(o)
			}
		}
	})
}

func TestBothDirectionsStreamAtOnce(t *testing.T) {
	both(t, func(t *testing.T, secure bool) {
		w := newWorld(t, secure, Limits{}, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rc := http.NewResponseController(rw)
			_ = rc.Flush() // the head, before anything of the body is there
			buf := make([]byte, 100)
			for {
				n, err := r.Body.Read(buf)
				_, _ = rw.Write(buf[:n])
				_ = rc.Flush()
				if err != nil {
					return
				}
			}
		}))
		body, send := io.Pipe()
		req, _ := http.NewRequest("POST", w.url, body)
		resp, err := w.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 4)
		for range 20 {
			_, _ = io.WriteString(send, "ping")
			if _, err := io.ReadFull(resp.Body, buf); err != nil || string(buf) != "ping" {
				t.Fatalf("%q %v", buf, err)
			}
		}
		_ = send.Close()
		if rest, err := io.ReadAll(resp.Body); len(rest) > 0 || err != nil {
			t.Errorf("%q %v", rest, err)
		}
		if o := w.outcome(t); o != "complete" {
			t.Error(o)
		}
	})
}

func TestAnEarlyAnswerToALongUploadArrives(t *testing.T) {
	both(t, func(t *testing.T, secure bool) {
		w := newWorld(t, secure, Limits{}, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rw.WriteHeader(413)
			_, _ = io.WriteString(rw, "too much")
		}))
		body, send := io.Pipe()
		go func() {
			for err := error(nil); err == nil; {
				_, err = send.Write(make([]byte, 64<<10))
			}
		}()
		req, _ := http.NewRequest("POST", w.url, body)
		resp, err := w.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(resp.Body); resp.StatusCode != 413 || string(b) != "too much" || err != nil {
			t.Errorf("%d %q %v", resp.StatusCode, b, err)
		}
		_ = send.CloseWithError(errors.New("enough"))
		w.outcome(t)
	})
}

func TestAClientThatLeavesEndsTheUpstream(t *testing.T) {
	both(t, func(t *testing.T, secure bool) {
		ended := make(chan struct{})
		w := newWorld(t, secure, Limits{}, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			_ = http.NewResponseController(rw).Flush()
			<-r.Context().Done()
			close(ended)
		}))
		ctx, cancel := context.WithCancel(context.Background())
		req, _ := http.NewRequestWithContext(ctx, "GET", w.url, nil)
		if _, err := w.client.Do(req); err != nil {
			t.Fatal(err)
		}
		cancel()
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			t.Fatal("the upstream was not told")
		}
		if o := w.outcome(t); o == "complete" {
			t.Error(o)
		}
	})
}

func TestBulkPassesUnchanged(t *testing.T) {
	both(t, func(t *testing.T, secure bool) {
		w := newWorld(t, secure, Limits{}, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(rw, r.Body)
		}))
		const size = 8 << 20
		req, _ := http.NewRequest("PUT", w.url, io.LimitReader(zeros{}, size))
		req.ContentLength = size
		resp, err := w.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, resp.Body); n != size || err != nil {
			t.Error(n, err)
		}
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
