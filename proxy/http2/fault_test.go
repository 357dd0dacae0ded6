package http2

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"weir/redact/raw"
)

// readAll is an upstream that answers when it has the whole request.
type readAll struct{}

func (readAll) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		panic(http.ErrAbortHandler)
	}
}

func TestAPanicIsAResetAndPrintsNothing(t *testing.T) {
	both(t, func(t *testing.T, secure bool) {
		w := newWorld(t, secure, Limits{}, nil)
		w.carry.panics = "canary"
		if resp, err := w.client.Get(w.url); err == nil {
			t.Error(resp.Status)
		}
		if s := w.errors.String(); s != "" {
			t.Errorf("printed %q", s)
		}
	})
}

func TestASilentUpstreamIsATimeout(t *testing.T) {
	release := make(chan struct{})
	w := newWorld(t, false, Limits{Answer: 50 * time.Millisecond, Read: 50 * time.Millisecond}, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			_, _ = io.WriteString(rw, "x")
			_ = http.NewResponseController(rw).Flush()
		}
		<-release
	}))
	defer close(release)
	for _, path := range []string{"/head", "/body"} {
		resp, err := w.client.Get(w.url + path)
		if err == nil {
			_, err = io.ReadAll(resp.Body)
		}
		if err == nil {
			t.Error("complete")
		}
		if o := w.outcome(t); o != (timeoutError{}).Error() {
			t.Errorf("%s: %s", path, o)
		}
	}
}

func TestASilentClientIsATimeout(t *testing.T) {
	got := make(chan error, 1)
	s, addr := newServer(t, Config{Limits: Limits{Read: 50 * time.Millisecond}, Serve: func(s *ServerStream) {
		_, err := s.ReadBody(make([]byte, 1))
		got <- err
		s.Abort()
	}})
	_ = s
	f := newFrames(t, addr)
	id := f.open(false, ":method", "POST", ":scheme", "http", ":path", "/", ":authority", "a")
	if a := f.answer(id); a != "reset" {
		t.Error(a)
	}
	var ne net.Error
	if err := <-got; !errors.As(err, &ne) || !ne.Timeout() {
		t.Error(err)
	}
}

func TestAClientThatTakesNothingIsATimeout(t *testing.T) {
	got := make(chan error, 1)
	_, addr := newServer(t, Config{Limits: Limits{Write: 100 * time.Millisecond}, Serve: func(s *ServerStream) {
		var m raw.Message
		err := s.WriteHead(&raw.Head{From: &m, Status: 200, Framing: raw.Chunked})
		for err == nil {
			err = s.WriteBody(make([]byte, 64<<10))
		}
		got <- err
	}})
	f := newFrames(t, addr) // gives no window beyond the first 64 KiB
	id := f.open(true, ":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a")
	_ = f.answer(id)
	var ne net.Error
	if err := <-got; !errors.As(err, &ne) || !ne.Timeout() {
		t.Error(err)
	}
	if a := f.answer(id); a != "reset" {
		t.Error(a)
	}
}

// newServer is a Server alone, without TLS.
func newServer(t *testing.T, cfg Config) (*Server, string) {
	t.Helper()
	s, err := NewServer(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go accept(l, s, nil)
	return s, l.Addr().String()
}

func TestAResponseThatIsNotFinishedIsReset(t *testing.T) {
	for name, serve := range map[string]func(*ServerStream){
		"nothing":   func(*ServerStream) {},
		"head only": func(s *ServerStream) { _ = s.WriteHead(&raw.Head{From: new(raw.Message), Status: 200}) },
		"short": func(s *ServerStream) {
			_ = s.WriteHead(&raw.Head{From: new(raw.Message), Status: 200, Framing: raw.Length, Length: 9})
			_ = s.WriteBody([]byte("short"))
			if err := s.Finish(nil); !errors.Is(err, io.ErrUnexpectedEOF) {
				panic(err)
			}
		},
		"aborted": func(s *ServerStream) {
			_ = s.WriteHead(&raw.Head{From: new(raw.Message), Status: 200})
			s.Abort()
			if s.Flush() == nil || s.Finish(nil) == nil {
				panic("goes on")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, addr := newServer(t, Config{Serve: serve})
			f := newFrames(t, addr)
			id := f.open(true, ":method", "GET", ":scheme", "http", ":path", "/", ":authority", "a")
			if a := f.answer(id); a != "reset" {
				t.Error(a)
			}
		})
	}
}

func TestShutdownLetsStreamsEndAndThenConnections(t *testing.T) {
	both(t, func(t *testing.T, secure bool) {
		arrived, release := make(chan struct{}), make(chan struct{})
		w := newWorld(t, secure, Limits{}, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			close(arrived)
			<-release
			_, _ = io.WriteString(rw, "done")
		}))
		got := make(chan string, 1)
		go func() {
			resp, err := w.client.Get(w.url)
			if err != nil {
				got <- err.Error()
				return
			}
			b, _ := io.ReadAll(resp.Body)
			got <- string(b)
		}()
		<-arrived
		down := make(chan error, 1)
		go func() { down <- w.server.Shutdown(context.Background()) }()
		select {
		case err := <-down:
			t.Fatal("did not wait", err)
		case <-time.After(50 * time.Millisecond):
		}
		close(release)
		if b := <-got; b != "done" {
			t.Error(b)
		}
		if err := <-down; err != nil {
			t.Error(err)
		}
		if err := w.server.ServePlain(nopConn{}); err != ErrClosed {
			t.Error(err)
		}
	})
}

type nopConn struct{ net.Conn }

func (nopConn) Close() error { return nil }

func TestAnUpstreamThatCannotBeReachedIsTold(t *testing.T) {
	one := httptest.NewUnstartedServer(nil) // speaks HTTP/1.1 only
	one.Config.ErrorLog = log.New(io.Discard, "", 0)
	one.StartTLS()
	defer one.Close()
	roots := one.Client().Transport.(*http.Transport).TLSClientConfig
	to := func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", one.Listener.Addr().String())
	}
	named := func(cfg *tls.Config, name string) *tls.Config {
		cfg = cfg.Clone()
		cfg.ServerName = name
		return cfg
	}
	for name, c := range map[string]struct {
		cfg    ClientConfig
		reason string
	}{
		"connect":           {ClientConfig{Dial: func(context.Context) (net.Conn, error) { return nil, errors.New("dial canary.example") }}, "connect"},
		"timeout":           {ClientConfig{Dial: func(context.Context) (net.Conn, error) { return nil, context.DeadlineExceeded }}, "timeout"},
		"panic":             {ClientConfig{Dial: func(context.Context) (net.Conn, error) { panic("canary.example") }}, "panicked"},
		"unknown authority": {ClientConfig{Dial: to, TLS: &tls.Config{ServerName: "example.com"}}, "tls"},
		"wrong name":        {ClientConfig{Dial: to, TLS: named(roots, "canary.example")}, "tls"},
		"not http2":         {ClientConfig{Dial: to, TLS: named(roots, "example.com")}, "tls"},
	} {
		t.Run(name, func(t *testing.T) {
			cl, err := NewClient(c.cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer cl.Close()
			s := cl.Open(context.Background())
			defer s.Release()
			var m raw.Message
			m.Reset()
			h := raw.Head{From: &m, Method: m.AppendString("POST"), Target: m.AppendString("/"), Authority: m.AppendString("a"), Framing: raw.Chunked}
			if err := s.WriteHead(&h); err != nil {
				t.Fatal(err)
			}
			if err := s.WriteBody([]byte("x")); err != nil {
				t.Error(err)
			}
			var got raw.Message
			got.Reset()
			err = s.ReadHead(&got)
			var dial *DialError
			if !errors.As(err, &dial) || dial.Reason != c.reason || strings.Contains(err.Error(), "canary") {
				t.Error(err)
			}
			if err := s.WriteBody([]byte("x")); err == nil {
				t.Error("takes a body")
			}
		})
	}
}

func TestConfigurationsThatCannotWorkAreRefused(t *testing.T) {
	dial := func(context.Context) (net.Conn, error) { return nil, nil }
	for name, cfg := range map[string]ClientConfig{
		"no dial":    {},
		"unverified": {Dial: dial, TLS: &tls.Config{ServerName: "a", InsecureSkipVerify: true}},
		"no name":    {Dial: dial, TLS: &tls.Config{}},
		"negative":   {Dial: dial, Limits: Limits{Read: -1}},
	} {
		if _, err := NewClient(cfg); err == nil {
			t.Error(name)
		}
	}
	if _, err := NewServer(Config{}); err == nil {
		t.Error("a server that serves nothing")
	}
	if _, err := NewServer(Config{Serve: func(*ServerStream) {}, Limits: Limits{Streams: -1}}); err == nil {
		t.Error("a negative limit")
	}
}

func TestCloseEndsAConnectionThatIsJustBeingHandedOver(t *testing.T) {
	s := &Server{conns: make(chan net.Conn), done: make(chan struct{}), http: &http.Server{}}
	near, far := net.Pipe()
	go func() { _ = s.ServePlain(near) }()
	<-s.conns // accepted, and net/http has not noted it
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_ = far.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := far.Read(make([]byte, 1)); err != io.EOF {
		t.Error(err)
	}
}
