package proxy

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// rig is one instance of weir, in a process and a folder of its own, and all
// that stands around it.
type rig struct {
	dir       string
	flock     *flock
	origins   *origins
	collector *Receiver
	process   *exec.Cmd
	ended     chan error
	stdout    transcript
	stderr    transcript
	own       transcript // what weir itself answered
	addresses []string   // the admin's, then the listeners'
	reports   chan string
	entries   int  // that there must be
	exchanges int  // carried to an origin as they should be
	seeks     bool // the policy asks for subjects
	whole     int  // exchanges of which both bodies were wholly looked at
}

// huntToken opens what the admin listener does not show to everybody.
const huntToken = "0123456789abcdef0123456789abcdef"

// huntLimits are short where something is waited for.
const huntLimits = `{header_count: 300, header_bytes: 128KiB, connect: 500ms, read_head: 1500ms, answer: 2s, stall: 1500ms, drain: 1s}`

func newRig(t *testing.T, policy string) *rig {
	t.Helper()
	r := &rig{dir: t.TempDir(), flock: new(flock), seeks: strings.Contains(policy, "subjects:"), ended: make(chan error, 1), reports: make(chan string, 4096)}
	r.origins = newOrigins(t, r.flock)
	o := r.origins
	r.collector = NewReceiver(t)
	write(t, o.ca.leaf(t, "www.hunt.example"), r.path("www.pem"), r.path("www.key"))
	for _, sub := range []string{"tmp", "home", "log"} {
		if err := os.Mkdir(r.path(sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	world, _ := json.Marshal(elsewhere{
		".http.hunt.example": o.plain, ".tls.hunt.example": o.secure, ".two.hunt.example": o.two, ".echo.hunt.example": o.echo, ".refused.hunt.example": o.refused,
		".untrusted.hunt.example": o.untrusted, ".panic.hunt.example": "panic", ".unknown.hunt.example": "unknown", ".silent.hunt.example": "silent",
		"10.1": o.plain, "2001:db8:77:": o.plain,
	})
	upstreams := fmt.Sprintf(`{http.hunt.example: "http://%s", tls.hunt.example: "https://%s", two.hunt.example: "h2c://%s", untrusted.hunt.example: "https://%s",
      refused.hunt.example: "http://%s", gone.hunt.example: "h2c://%s", panic.hunt.example: "http://a.panic.hunt.example:80", crash.hunt.example: "h2c://b.panic.hunt.example:80", "*": "http://%s"}`,
		o.plain, o.secure, o.two, o.untrusted, o.refused, o.refused, o.plain)
	for name, text := range map[string]string{
		"policy.yaml": policy,
		"world.json":  string(world),
		"ca.pem":      string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: o.ca.cert.Raw})),
		"weir.yaml": fmt.Sprintf(`
service: hunted
policy: policy.yaml
listen:
  - reverse: 127.0.0.1:0
    to: %[1]s
  - reverse: 127.0.0.1:0
    to: %[1]s
    tls: {cert: www.pem, key: www.key, clients: {ca: ca.pem, require: false}}
  - forward: 127.0.0.1:0
trust: [127.0.0.0/8]
log:
  - {file: log/json, max_size: 256KiB}
  - {file: log/common, format: common, max_size: 256KiB, sync: always}
  - {file: log/combined, format: combined}
  - stdout
  - {otlp: "%[3]s", protocol: grpc}
telemetry:
  metrics: {otlp: "%[3]s", protocol: http, every: 1s}
  traces: {otlp: "%[3]s", protocol: grpc, sample: 1}
keys: keys/
admin: {listen: 127.0.0.1:0, token: token, socket: admin.sock}
strict: true
limits: %[2]s
`, upstreams, huntLimits, r.collector.URL),
		"token": huntToken,
	} {
		if err := os.WriteFile(r.path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.start(t)
	return r
}

func (r *rig) path(name string) string { return filepath.Join(r.dir, name) }

// start runs weir in a child process.
func (r *rig) start(t *testing.T) {
	t.Helper()
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.process = exec.Command(os.Args[0])
	r.process.Env = append(os.Environ(), huntEnv+"="+r.dir, "SSL_CERT_FILE="+r.path("ca.pem"), "TMPDIR="+r.path("tmp"), "HOME="+r.path("home"),
		"GOTRACEBACK=all", "GORACE=halt_on_error=1")
	r.process.Dir = r.path("home")
	r.process.Stdout, r.process.Stderr, r.process.ExtraFiles = &r.stdout, &r.stderr, []*os.File{out}
	if err := r.process.Start(); err != nil {
		t.Fatal(err)
	}
	_ = out.Close()
	go func() { r.ended <- r.process.Wait() }()
	t.Cleanup(func() { _ = r.process.Process.Kill() })
	go func() {
		lines := bufio.NewScanner(in)
		lines.Buffer(nil, 4<<20)
		for lines.Scan() {
			r.reports <- lines.Text()
		}
		close(r.reports)
	}()
	r.addresses = strings.Fields(r.report(t))
}

// report is the next thing that the child says.
func (r *rig) report(t *testing.T) string {
	t.Helper()
	select {
	case s, ok := <-r.reports:
		if !ok {
			t.Fatalf("weir ended: %v: %s", <-r.ended, r.stderr.String())
		}
		return s
	case <-time.After(15 * time.Second):
		t.Fatalf("weir says nothing; it said %s", r.stderr.String())
		return ""
	}
}

// entry is one that was given to the sinks.
type entry struct {
	Method string `json:"http.request.method"`
	Status int    `json:"http.response.status_code"`
	Error  string `json:"error.type"`
	Fault  string `json:"fault"`
	// Of the bodies.
	Visibility      string   `json:"flow.visibility"`
	Unscanned       string   `json:"http.request.body.unscanned"`
	AnswerUnscanned string   `json:"http.response.body.unscanned"`
	Subjects        []string `json:"subjects"`
	line            string
}

// entry waits for the entry of an exchange.
func (r *rig) entry(t *testing.T) entry {
	t.Helper()
	var e entry
	e.line = r.report(t)
	if err := json.Unmarshal([]byte(e.line), &e); err != nil {
		t.Fatalf("%v: %s", err, e.line)
	}
	r.entries++
	return e
}

// until returns the entries that were written since the last was waited for. It
// knows that there are no more by the one of a request that follows.
func (r *rig) until(t *testing.T) (since []entry) {
	t.Helper()
	r.origins.raw.Store(nil)
	r.origins.next.Store(&message{status: 200, reason: "OK"})
	r.send(t, &way{client: http11, upstream: "http"}, &message{method: "PROPFIND", host: "http.hunt.example", path: "/"})
	for {
		e := r.entry(t)
		if e.Method == "PROPFIND" {
			return since
		}
		since = append(since, e)
	}
}

// get asks the admin listener.
func (r *rig) get(t *testing.T, raw string) {
	t.Helper()
	c, err := net.Dial("tcp", r.addresses[0])
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	_, _ = io.WriteString(c, raw)
	_, _ = io.Copy(&r.own, c)
}

func (r *rig) metrics(t *testing.T) string {
	t.Helper()
	resp, err := http.Get("http://" + r.addresses[0] + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = r.own.Write(b)
	return string(b)
}

// outputs are all bytes that weir left behind, by where they lie. Sealed
// segments are unpacked.
func (r *rig) outputs(t *testing.T) map[string][]byte {
	t.Helper()
	all := map[string][]byte{"stdout": []byte(r.stdout.String()), "stderr": []byte(r.stderr.String()), "weir's own answers": []byte(r.own.String())}
	if r.collector != nil {
		all["the collector"] = r.collector.all()
	}
	err := filepath.WalkDir(r.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(r.dir, path)
		all["names of files"] = append(append(all["names of files"], name...), '\n')
		if d.IsDir() || d.Type()&fs.ModeSocket != 0 {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if all[name] = b; strings.HasSuffix(name, ".zst") {
			z, err := zstd.NewReader(bytes.NewReader(b))
			if err != nil {
				return err
			}
			defer z.Close()
			all[name], err = io.ReadAll(z)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// transcript keeps what several goroutines write.
type transcript struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *transcript) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *transcript) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func (s *transcript) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b.Reset()
}
