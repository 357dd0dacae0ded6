package proxy_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/proxy"
	"weir/proxy/telemetry"
	"weir/redact/record"
)

const patience = 20 * time.Second

// eventually asks until it is so.
func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for began := time.Now(); !so(); time.Sleep(2 * time.Millisecond) {
		if time.Since(began) > patience {
			t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

// entry is a line of the access log.
type entry map[string]any

func (e entry) text(key string) string {
	s, _ := e[key].(string)
	return s
}

func (e entry) number(key string) int {
	n, _ := e[key].(float64)
	return int(n)
}

// entries is a sink that hands on what is written.
type entries chan entry

func (entries) Format() record.Format { return record.JSON }

func (c entries) Append(s record.Sealed) {
	var e entry
	if err := json.Unmarshal(s.Line, &e); err != nil {
		e = entry{"not JSON": string(s.Line)}
	}
	c <- e
}

// words is weir's own log.
type words struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *words) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func (w *words) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

// instance is a weir that runs by files of its own.
type instance struct {
	*proxy.Proxy
	t       testing.TB
	dir     string
	said    *words
	entries entries
	stop    context.CancelFunc
	ended   chan struct{}
}

const (
	head   = "service: www\npolicy: policy.yaml\nlog: [{file: log}]\nkeys: keys\nadmin: 127.0.0.1:0\n"
	policy = "controller: {name: N, country: DK, contact: p@n.example}\ndefaults: {retain: 30d}\n"
	open   = policy + "redact:\n" +
		"  - {name: addresses, when: field.category.within(\"user.device.ip_address\"), then: keep()}\n"
)

// start runs weir by head and listeners, and by a policy that writes addresses.
func start(t testing.TB, listeners string) *instance { return startWith(t, head+listeners, open) }

func startWith(t testing.TB, config, policy string) *instance {
	t.Helper()
	return startIn(t, t.TempDir(), config, policy)
}

func startIn(t testing.TB, dir, config, policy string) *instance {
	t.Helper()
	in := &instance{t: t, dir: dir, said: new(words), entries: make(entries, 1<<16), ended: make(chan struct{})}
	in.write("weir.yaml", config)
	in.write("policy.yaml", policy)
	cfg, err := proxy.ReadConfig(filepath.Join(dir, "weir.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	log, err := telemetry.NewLog(telemetry.LogConfig{Out: in.said, Level: telemetry.LevelDebug})
	if err != nil {
		t.Fatal(err)
	}
	if in.Proxy, err = proxy.New(cfg, proxy.Options{Version: "test", Log: log, Tap: in.entries}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	in.stop = stop
	go func() {
		defer close(in.ended)
		if err := in.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		in.Hurry()
		in.end()
	})
	eventually(t, "ready", func() bool { return in.ready() == 200 })
	return in
}

// end stops weir and waits until it has.
func (in *instance) end() {
	in.stop()
	<-in.ended
}

func (in *instance) write(name, text string) {
	in.t.Helper()
	if err := os.WriteFile(filepath.Join(in.dir, name), []byte(text), 0o600); err != nil {
		in.t.Fatal(err)
	}
}

// admin asks the admin listener; 0 is no answer.
func (in *instance) admin(path string) (status int, body string) {
	resp, err := http.Get("http://" + in.AdminAddr() + path)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, ""
	}
	return resp.StatusCode, string(b)
}

func (in *instance) ready() int {
	status, _ := in.admin("/readyz")
	return status
}

// next is the next entry.
func (in *instance) next() entry {
	in.t.Helper()
	select {
	case e := <-in.entries:
		return e
	case <-time.After(patience):
		in.t.Fatalf("no entry; weir said:\n%s", in.said)
		return nil
	}
}

// none fails where there is another entry.
func (in *instance) none() {
	in.t.Helper()
	select {
	case e := <-in.entries:
		in.t.Errorf("one entry too many: %v", e)
	default:
	}
}

// dial connects to the i-th listener.
func (in *instance) dial(i int) net.Conn {
	in.t.Helper()
	c, err := net.Dial("tcp", in.Addr(i))
	if err != nil {
		in.t.Fatal(err)
	}
	in.t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	return c
}

// talk sends text to the i-th listener and reads until the connection ends.
func (in *instance) talk(i int, text string) string {
	in.t.Helper()
	c := in.dial(i)
	if _, err := io.WriteString(c, text); err != nil {
		in.t.Fatal(err)
	}
	b, err := io.ReadAll(c)
	if err != nil {
		in.t.Fatalf("%v after %q", err, b)
	}
	return string(b)
}

// get asks the i-th listener for / of a host, on a connection of its own.
func (in *instance) get(i int, host string, lines ...string) string {
	in.t.Helper()
	return in.talk(i, "GET / HTTP/1.1\r\nHost: "+host+"\r\n"+strings.Join(append(lines, "Connection: close\r\n\r\n"), "\r\n"))
}

// says answers everything with one text.
func says(t testing.TB, text string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }))
	t.Cleanup(s.Close)
	return s
}

// echoes answers with the named header of the request, lines joined by "|".
func echoes(t testing.TB, name string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "["+strings.Join(r.Header.Values(name), "|")+"]")
	}))
	t.Cleanup(s.Close)
	return s
}

// free is a port that nobody listens on, below those that the system gives to
// outgoing connections.
func free(t testing.TB) string {
	t.Helper()
	for range 100 {
		port := strconv.Itoa(20000 + rand.IntN(12000))
		if l, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}
