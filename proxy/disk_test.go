package proxy_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"weir/proxy/accesslog"
)

// numbered is a policy that writes the number of a request.
const numbered = open + "  - {name: number, when: field.place == \"url.query.n\", then: keep()}\n"

// smallDisk is a file system of its own. It needs root.
func smallDisk(t *testing.T, options string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := unix.Mount("weir", dir, "tmpfs", 0, options); errors.Is(err, unix.EPERM) {
		t.Skip("a small file system can only be mounted by root")
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

// fill takes all room of a file system, to its last byte, and returns what gives
// it back.
func fill(t *testing.T, dir string) (empty func()) {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	if err := f.Close(); err != nil && !errors.Is(err, unix.ENOSPC) {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	}
}

// secret is what no log may hold, whether there is room in it or not.
const secret = "anna-jensen-7731"

// hunted fails where the secret is in what weir left behind.
func (in *instance) hunted(dirs ...string) {
	in.t.Helper()
	if strings.Contains(in.said.String(), secret) {
		in.t.Error("the secret is in weir's own log")
	}
	for _, dir := range append(dirs, in.dir) {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if bytes.Contains(b, []byte(secret)) || strings.Contains(path, secret) {
				in.t.Errorf("the secret is in %s", path)
			}
			return err
		})
		if err != nil {
			in.t.Error(err)
		}
	}
	for line, err := range accesslog.Lines(filepath.Join(dirs[0], "log"), "") { // sealed segments too
		if err != nil || bytes.Contains(line, []byte(secret)) {
			in.t.Errorf("%v: %s", err, line)
		}
	}
}

// load sends numbered requests from several clients until it is stopped.
type load struct {
	t       *testing.T
	client  *http.Client
	url     string
	ending  atomic.Bool
	running sync.WaitGroup
	sent    atomic.Int64

	mu     sync.Mutex
	status map[int]int // by number
	limits int         // 503 without Retry-After
}

func begin(t *testing.T, url string, client *http.Client) *load {
	l := &load{t: t, client: client, url: url, status: map[int]int{}}
	for range 4 {
		l.running.Go(func() {
			for !l.ending.Load() {
				l.one()
			}
		})
	}
	t.Cleanup(l.end)
	return l
}

func (l *load) one() {
	n := int(l.sent.Add(1))
	req, err := http.NewRequest("GET", fmt.Sprintf("%s/%s?n=%d&email=%s@example.dk", l.url, secret, n, secret), nil)
	if err != nil {
		l.t.Error(err)
		return
	}
	req.Header.Set("X-"+secret, secret)
	resp, err := l.client.Do(req)
	if err != nil {
		l.t.Errorf("request %d: %v", n, err)
		l.ending.Store(true)
		return
	}
	_, err = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status[n] = resp.StatusCode
	if err != nil || resp.StatusCode == 503 && resp.Header.Get("Retry-After") == "" {
		l.limits++
	}
}

func (l *load) end() {
	l.ending.Store(true)
	l.running.Wait()
}

// more waits for so many requests.
func (l *load) more(n int64) {
	l.t.Helper()
	n += l.sent.Load()
	eventually(l.t, "requests", func() bool { return l.sent.Load() > n || l.t.Failed() })
}

func (l *load) count(status int) (n int) {
	for _, s := range l.status {
		if s == status {
			n++
		}
	}
	return n
}

// logged is what stands in a log.
type logged struct {
	entries map[int]int // status by number
	twice   int
	gaps    []int
	missing int // in all gaps
}

func readLog(t *testing.T, dir string) *logged {
	t.Helper()
	l := &logged{entries: map[int]int{}}
	for line, err := range accesslog.Lines(dir, "") {
		if err != nil {
			t.Fatal(err)
		}
		var e struct {
			Query  string `json:"url.query"`
			Status int    `json:"http.response.status_code"`
			Gap    *struct {
				Entries     int
				First, Last time.Time
			}
		}
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		if e.Gap != nil {
			l.gaps = append(l.gaps, e.Gap.Entries)
			l.missing += e.Gap.Entries
			if e.Gap.Last.Before(e.Gap.First) || bytes.Contains(line, []byte("url.")) {
				t.Errorf("strange gap %s", line)
			}
			continue
		}
		var n int
		if _, err := fmt.Sscanf(e.Query, "n=%d&email=", &n); err != nil {
			t.Fatalf("%s", line)
		}
		if _, ok := l.entries[n]; ok {
			l.twice++
		}
		l.entries[n] = e.Status
	}
	return l
}

func logTo(dir, keys, more string) string {
	return fmt.Sprintf("service: www\npolicy: policy.yaml\nlog: [{file: %s%s}]\nkeys: keys\nadmin: 127.0.0.1:0\n%s", filepath.Join(dir, "log"), keys, more)
}

// lost is how many entries found no room, as /metrics tells it.
func (in *instance) lost() (n int) {
	_, page := in.admin("/metrics")
	if m := regexp.MustCompile(`(?m)^weir_log_entries_total\{.*result="lost".*\} (\d+)$`).FindStringSubmatch(page); m != nil {
		n, _ = strconv.Atoi(m[1])
	}
	return n
}

// One gap: nothing is sealed, which would give room back for a while, and the buffer
// is such that only the disk fills it, and no writer that waits for a processor.
func TestFullDiskCostsEntriesAndNoTraffic(t *testing.T) {
	disk := smallDisk(t, "size=32m")
	up := says(t, "hello")
	in := startWith(t, logTo(disk, ", buffer: 1MiB", "listen: [{reverse: \"127.0.0.1:0\", to: \""+up.URL+"\"}]\n"), numbered)
	l := begin(t, "http://"+in.Addr(0), up.Client())
	l.more(500)
	empty := fill(t, disk)
	eventually(t, "degraded", func() bool {
		status, body := in.admin("/readyz")
		return status == 200 && strings.HasPrefix(body, "degraded: log "+disk)
	})
	for in.lost() <= 500 && !t.Failed() {
		l.more(250)
	}
	empty()
	eventually(t, "ready", func() bool { _, body := in.admin("/readyz"); return body == "ok\n" })
	l.more(500)
	l.end()
	in.end()
	in.hunted(disk)
	got := readLog(t, filepath.Join(disk, "log"))
	if sent := int(l.sent.Load()); l.count(200) != sent || len(got.entries)+got.missing != sent || got.missing < 500 || len(got.gaps) != 1 || got.twice > 0 {
		t.Errorf("%d requests, %d answered, %d entries, gaps of %v, %d twice", sent, l.count(200), len(got.entries), got.gaps, got.twice)
	}
	t.Logf("%d requests, %d entries, gaps of %v", l.sent.Load(), len(got.entries), got.gaps)
}

func TestStrictServesNothingThatCouldNotBeLogged(t *testing.T) {
	disk := smallDisk(t, "size=8m")
	var served sync.Map
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served.Store(r.URL.Query().Get("n"), true)
		_, _ = io.WriteString(w, "hello")
	}))
	defer up.Close()
	in := startWith(t, logTo(disk, ", max_size: 256KiB", "strict: true\nlisten: [{reverse: \"127.0.0.1:0\", to: \""+up.URL+"\"}]\n"), numbered)
	l := begin(t, "http://"+in.Addr(0), up.Client())
	l.more(500)
	empty := fill(t, disk)
	eventually(t, "unready", func() bool {
		status, body := in.admin("/readyz")
		return status == 503 && strings.HasPrefix(body, "log "+disk)
	})
	l.more(1000)
	empty()
	eventually(t, "ready", func() bool { _, body := in.admin("/readyz"); return body == "ok\n" })
	l.more(500)
	l.end()
	in.end()
	in.hunted(disk)
	got := readLog(t, filepath.Join(disk, "log"))
	sent := int(l.sent.Load())
	for n, status := range l.status {
		if _, ok := served.Load(fmt.Sprint(n)); ok != (status == 200) {
			t.Errorf("request %d: status %d, served %v", n, status, ok)
		}
		if status == 200 && got.entries[n] != 200 {
			t.Errorf("request %d passed unlogged", n)
		}
	}
	if len(got.entries)+got.missing != sent || len(got.gaps) != 1 || got.twice > 0 || l.count(200)+l.count(503) != sent || l.count(503) < 100 || l.limits > 0 {
		t.Errorf("%d requests, %d served, %d refused, %d of those badly, %d entries, gaps of %v", sent, l.count(200), l.count(503), l.limits, len(got.entries), got.gaps)
	}
	t.Logf("%d requests, %d served, %d refused, %d entries, gaps of %v", sent, l.count(200), l.count(503), len(got.entries), got.gaps)
}

// Whatever is spoken, nothing goes upstream for which the log has no room.
func TestStrictHoldsForStreamsTunnelsAndUpgrades(t *testing.T) {
	disk := smallDisk(t, "size=2m")
	var reached atomic.Int64
	up := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer up.Close()
	elsewhere, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer elsewhere.Close()
	go func() {
		for {
			c, err := elsewhere.Accept()
			if err != nil {
				return
			}
			reached.Add(1)
			_ = c.Close()
		}
	}()
	empty := fill(t, disk) // before weir is there
	in := startWith(t, logTo(disk, ", max_size: 256KiB", "strict: true\nlisten: [{reverse: \"127.0.0.1:0\", to: \""+up.URL+"\"}, {forward: \"127.0.0.1:0\"}]\n"), numbered)
	for name, text := range map[string]string{
		"a request":              "GET /?n=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		"an upgrade":             "GET /?n=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
		"one whose body waits":   "POST /?n=1 HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
		"one whose body is sent": "POST /?n=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
	} {
		c := in.dial(0)
		_, _ = io.WriteString(c, text)
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || resp.StatusCode != 503 || resp.Header.Get("Retry-After") != "1" {
			t.Errorf("%s: %v %v", name, resp, err)
		}
		_ = c.Close()
	}
	if a := in.talk(1, "CONNECT "+elsewhere.Addr().String()+" HTTP/1.1\r\nHost: "+elsewhere.Addr().String()+"\r\n\r\n"); !strings.HasPrefix(a, "HTTP/1.1 503 ") {
		t.Errorf("a tunnel: %q", a)
	}
	var two http.Protocols
	two.SetUnencryptedHTTP2(true)
	tr := &http.Transport{Protocols: &two}
	defer tr.CloseIdleConnections()
	if resp, err := (&http.Client{Transport: tr}).Get("http://" + in.Addr(0) + "/?n=1"); err != nil || resp.StatusCode != 503 {
		t.Errorf("a stream: %v %v", resp, err)
	}
	if n := reached.Load(); n > 0 {
		t.Errorf("%d exchanges went upstream", n)
	}
	empty()
	eventually(t, "ready", func() bool { return in.ready() == 200 })
	if a := in.get(0, "x"); !strings.HasPrefix(a, "HTTP/1.1 200 ") || reached.Load() != 1 {
		t.Errorf("with room again: %q", a)
	}
	in.end()
	var lines []string
	for line, err := range accesslog.Lines(filepath.Join(disk, "log"), "") {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	if len(lines) != 2 || !strings.Contains(lines[0]+lines[1], `"gap":{"entries":6,`) {
		t.Errorf("%q", lines)
	}
}
