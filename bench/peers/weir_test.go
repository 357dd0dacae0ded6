//go:build peers

package peers

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"weir/proxy/accesslog"
)

// patience is how long anything that is to happen may take.
const patience = 30 * time.Second

// basics is what most weir.yaml begin with, and open a policy that writes addresses.
const (
	basics = "service: www\npolicy: policy.yaml\nlog: [{file: log}]\nkeys: keys\nadmin: 127.0.0.1:0\n"
	open   = "controller: {name: N, country: DK, contact: p@n.example}\ndefaults: {retain: 30d}\nredact:\n" +
		"  - {name: addresses, when: field.category.within(\"user.device.ip_address\"), then: keep()}\n"
)

// binary is weir as `make build` makes it.
var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "weir-peers")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "weir")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, "weir/cmd/weir")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// eventually asks until it is so.
func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for began := time.Now(); !so(); time.Sleep(5 * time.Millisecond) {
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

// instance is a weir process.
type instance struct {
	t     testing.TB
	dir   string // of weir.yaml and policy.yaml
	log   string // the folder log of dir, for those whose weir.yaml names it
	pid   int
	addrs []string // in the order of `listen`
	admin string   // "" where weir.yaml has none
	cmd   *exec.Cmd
	ended chan struct{} // closed when the process has
	err   error         // as of exec.Cmd.Wait, once it has

	mu   sync.Mutex
	said bytes.Buffer // weir's own log, JSON lines
}

// start runs weir by these two files in a folder of its own, with arguments
// behind `weir run`. It returns when weir serves; the test's end stops it.
// Listeners and admin of weir.yaml should be at port 0: addrs and admin tell
// which ones they got.
func start(t testing.TB, config, policy string, args ...string) *instance {
	t.Helper()
	return startIn(t, t.TempDir(), config, policy, args...)
}

// startIn is start in a folder that may have a log, keys and certificates.
func startIn(t testing.TB, dir, config, policy string, args ...string) *instance {
	t.Helper()
	in := &instance{t: t, dir: dir, log: filepath.Join(dir, "log"), ended: make(chan struct{})}
	in.write("weir.yaml", config)
	in.write("policy.yaml", policy)
	in.cmd = exec.Command(binary, append([]string{"run", "--log-format", "json"}, args...)...)
	in.cmd.Dir = dir
	errors, err := in.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := in.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	in.pid = in.cmd.Process.Pid
	serves := make(chan struct{})
	go in.listenTo(errors, serves)
	t.Cleanup(in.kill)
	select {
	case <-serves:
	case <-in.ended:
		t.Fatalf("weir ended at its start: %v\n%s", in.err, in.words())
	case <-time.After(patience):
		t.Fatalf("weir does not serve\n%s", in.words())
	}
	return in
}

// listenTo reads weir's own log to the process's end. A process that says more
// than a mebibyte is not worth remembering further.
func (in *instance) listenTo(r io.Reader, serves chan<- struct{}) {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		in.mu.Lock()
		if in.said.Len() < 1<<20 {
			in.said.Write(line)
		}
		in.mu.Unlock()
		var e entry
		if json.Unmarshal(line, &e) == nil {
			switch e.text("event") {
			case "listening":
				in.addrs = append(in.addrs, e.text("address"))
			case "serving":
				in.admin = e.text("admin")
				close(serves)
			}
		}
		if err != nil {
			break
		}
	}
	in.err = in.cmd.Wait()
	close(in.ended)
}

// words is what weir has said of itself.
func (in *instance) words() string {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.said.String()
}

// stop drains weir and waits for its end, which must be a clean one.
func (in *instance) stop() {
	in.t.Helper()
	_ = in.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-in.ended:
	case <-time.After(2 * patience):
		in.t.Fatalf("weir does not stop\n%s", in.words())
	}
	if in.err != nil {
		in.t.Errorf("weir stopped with %v\n%s", in.err, in.words())
	}
}

// kill ends weir as kill -9 does. It may be called again, and after stop.
func (in *instance) kill() {
	_ = in.cmd.Process.Kill()
	<-in.ended
}

func (in *instance) write(name, text string) {
	in.t.Helper()
	if err := os.WriteFile(filepath.Join(in.dir, name), []byte(text), 0o600); err != nil {
		in.t.Fatal(err)
	}
}

// status reads a line of /proc/PID/status that is in kB, in bytes.
func (in *instance) status(key string) int64 {
	in.t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", in.pid))
	if err != nil {
		in.t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, key+":"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err != nil {
				in.t.Fatal(err)
			}
			return kib << 10
		}
	}
	in.t.Fatalf("no %s in /proc/%d/status", key, in.pid)
	return 0
}

// resident is weir's memory in RAM now, peak the most since the start or the
// last forgetPeak, in bytes.
func (in *instance) resident() int64 { in.t.Helper(); return in.status("VmRSS") }
func (in *instance) peak() int64     { in.t.Helper(); return in.status("VmHWM") }

// forgetPeak has peak begin anew (proc(5), clear_refs).
func (in *instance) forgetPeak() {
	in.t.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", in.pid), []byte("5"), 0); err != nil {
		in.t.Fatal(err)
	}
}

// descriptors is how many files and sockets weir has open.
func (in *instance) descriptors() int {
	in.t.Helper()
	names, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", in.pid))
	if err != nil {
		in.t.Fatal(err)
	}
	return len(names)
}

// get asks the admin listener; 0 is no answer.
func (in *instance) get(path string) (status int, body string) {
	resp, err := http.Get("http://" + in.admin + path)
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

// metric is the sum of all series of /metrics whose line begins with prefix: a
// name, or a name with the labels that stand first. The name must be one that
// /metrics has.
func (in *instance) metric(prefix string) (sum float64) {
	in.t.Helper()
	status, page := in.get("/metrics")
	if status != 200 {
		in.t.Fatalf("/metrics: %d", status)
	}
	name, _, _ := strings.Cut(prefix, "{")
	if !strings.Contains(page, "# TYPE "+name+" ") {
		in.t.Fatalf("no metric %s", name)
	}
	for line := range strings.Lines(page) {
		rest, ok := strings.CutPrefix(line, prefix)
		if !ok || rest == "" || strings.IndexByte("{ ,}", rest[0]) < 0 {
			continue
		}
		f := strings.Fields(line)
		v, err := strconv.ParseFloat(f[len(f)-1], 64)
		if err != nil {
			in.t.Fatal(err)
		}
		sum += v
	}
	return sum
}

// entries reads what stands in the log. A line of weir that is still being
// written is left out; any other damage fails the test.
func (in *instance) entries() (all []entry) {
	in.t.Helper()
	for line, err := range accesslog.Lines(in.log, "") {
		if err != nil {
			in.t.Fatal(err)
		}
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			in.t.Fatalf("%v in %q", err, line)
		}
		all = append(all, e)
	}
	return all
}

// dial connects to the i-th listener.
func (in *instance) dial(i int) net.Conn {
	in.t.Helper()
	c, err := net.Dial("tcp", in.addrs[i])
	if err != nil {
		in.t.Fatal(err)
	}
	in.t.Cleanup(func() { _ = c.Close() })
	return c
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
