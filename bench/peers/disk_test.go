//go:build peers

package peers

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// disk is a small ext4 of its own.
type disk struct {
	t          *testing.T
	image, dir string
}

// ext4 makes a file system in a file. It needs root and a loop device.
func ext4(t *testing.T, mib int) *disk {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("a small file system can only be mounted by root")
	}
	d := &disk{t, filepath.Join(t.TempDir(), "image"), t.TempDir()}
	d.format(mib)
	t.Cleanup(func() { _ = unix.Unmount(d.dir, unix.MNT_DETACH) })
	return d
}

func (d *disk) format(mib int) {
	d.t.Helper()
	if err := os.WriteFile(d.image, nil, 0o600); err != nil {
		d.t.Fatal(err)
	}
	if err := os.Truncate(d.image, int64(mib)<<20); err != nil {
		d.t.Fatal(err)
	}
	d.run("mkfs.ext4", "-q", "-m", "0", d.image)
	d.run("mount", "-o", "loop", d.image, d.dir)
}

func (d *disk) run(name string, args ...string) {
	d.t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		d.t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// control is an ioctl of the file system: FIFREEZE, FITHAW, EXT4_IOC_SHUTDOWN.
func (d *disk) control(request uintptr, arg uint32) {
	d.t.Helper()
	f, err := os.Open(d.dir)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	if _, _, e := unix.Syscall(unix.SYS_IOCTL, f.Fd(), request, uintptr(unsafe.Pointer(&arg))); e != 0 {
		d.t.Fatal(e)
	}
}

const (
	freeze   = 0xC0045877
	thaw     = 0xC0045878
	shutdown = 0x8004587D
)

// fill takes all room, to the last byte, and returns what gives it back.
func (d *disk) fill() (empty func()) {
	d.t.Helper()
	path := filepath.Join(d.dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		d.t.Fatal(err)
	}
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	_ = f.Close()
	return func() {
		if err := os.Remove(path); err != nil {
			d.t.Error(err)
		}
	}
}

// traffic is requests by number and what they were answered, from several clients
// until it is ended.
type traffic struct {
	t      *testing.T
	number atomic.Int64
	ending atomic.Bool
	all    sync.WaitGroup
	mu     sync.Mutex
	status map[int]int
	worst  time.Duration
}

func (x *traffic) begin(address string) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}, Timeout: patience}
	for range 8 {
		x.all.Go(func() {
			for !x.ending.Load() && x.one(client, address) {
				time.Sleep(100 * time.Microsecond) // load, and time for others
			}
		})
	}
}

// one sends a request, and reports whether it was answered.
func (x *traffic) one(client *http.Client, address string) bool {
	n, began := int(x.number.Add(1)), time.Now()
	resp, err := client.Get(fmt.Sprintf("http://%s/?n=%d", address, n))
	if err != nil {
		x.t.Errorf("request %d: %v", n, err)
		return false
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	x.mu.Lock()
	defer x.mu.Unlock()
	x.status[n], x.worst = resp.StatusCode, max(x.worst, time.Since(began))
	return true
}

// more waits for so many requests.
func (x *traffic) more(n int64) {
	x.t.Helper()
	n += x.number.Load()
	eventually(x.t, "requests", func() bool { return x.number.Load() > n || x.t.Failed() })
}

func (x *traffic) end() {
	x.ending.Store(true)
	x.all.Wait()
}

// trouble is something that happens to a disk, and passes.
type trouble struct {
	name   string
	sync   string
	strict bool
	// log is the folder in d.
	strike func(d *disk, log string) (passes func())
	lost   bool // entries are lost by it
}

func TestTroubleWithTheDiskCostsOneGapAndNoTraffic(t *testing.T) {
	full := func(d *disk, _ string) func() { return d.fill() }
	hangs := func(d *disk, _ string) func() {
		d.control(freeze, 0)
		return func() { d.control(thaw, 0) }
	}
	deleted := func(d *disk, log string) func() {
		if err := os.RemoveAll(log); err != nil {
			d.t.Error(err)
		}
		return func() {}
	}
	breaks := func(d *disk, _ string) func() {
		d.control(shutdown, 0) // every write fails from now on, with EIO or EROFS
		return func() {
			_ = unix.Unmount(d.dir, unix.MNT_DETACH)
			*d = disk{d.t, d.image + " of another", d.dir} // the old one is not to be had while weir has files there
			d.format(24)
		}
	}
	for _, k := range []trouble{
		{"it is full", "interval", false, full, true},
		{"it is full, always", "always", false, full, true},
		{"it is full, strict", "interval", true, full, true},
		{"it hangs", "interval", false, hangs, true},
		{"the folder is deleted", "interval", false, deleted, false},
		{"it breaks", "interval", false, breaks, true},
	} {
		t.Run(k.name, k.run)
	}
}

func (k trouble) run(t *testing.T) {
	d := ext4(t, 24)
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	defer up.Close()
	in := start(t, fmt.Sprintf("service: www\npolicy: policy.yaml\nkeys: keys\nadmin: 127.0.0.1:0\nstrict: %v\n"+
		"log: [{file: %q, sync: %s, buffer: 1MiB, max_size: 64MiB}, {file: other}]\nlisten: [{reverse: \"127.0.0.1:0\", to: %q}]\n",
		k.strict, filepath.Join(d.dir, "log"), k.sync, up.URL), numbered)
	in.log = filepath.Join(d.dir, "log")
	x := &traffic{t: t, status: map[int]int{}}
	defer x.end()
	// The first segment costs a few fsyncs: what overflows a small buffer in that time is another story.
	x.one(http.DefaultClient, in.addrs[0])
	eventually(t, "a segment", func() bool { all, _ := filepath.Glob(filepath.Join(in.log, "30d", "*.jsonl")); return len(all) == 1 })
	x.begin(in.addrs[0])
	x.more(1000)
	passes := k.strike(d, in.log)
	said := "ok\n"
	if k.lost {
		eventually(t, "told", func() bool { _, said = in.get("/readyz"); return said != "ok\n" })
	}
	x.more(8000)
	passes()
	defer func() {
		if t.Failed() {
			words := in.words()
			t.Log(words[max(0, len(words)-3000):])
		}
	}()
	eventually(t, "ready", func() bool { _, body := in.get("/readyz"); return body == "ok\n" })
	x.more(1000)
	x.end()
	in.stop()

	entries, missing := numbers(t, in.log)
	other, _ := numbers(t, filepath.Join(in.dir, "other"))
	gaps := strings.Count(in.words(), "log_gap_written")
	answered := map[int]int{}
	unlogged := 0
	for n, status := range x.status {
		answered[status]++
		if status == 200 && entries[n] == 0 {
			unlogged++
		}
	}
	t.Logf("%d requests: %v, at worst %v; %d entries and %d in %d gaps, %d in the other log; /readyz said %q",
		len(x.status), answered, x.worst.Round(time.Millisecond), len(entries), missing, gaps, len(other), strings.TrimSpace(said))
	switch {
	case answered[200] != len(x.status) && !k.strict, answered[503]+answered[200] != len(x.status):
		t.Error("traffic did not go on")
	case len(other) != len(x.status):
		t.Error("the other log missed something")
	case k.strict && (unlogged > 0 || answered[503] == 0):
		t.Errorf("%d passed unlogged", unlogged)
	case k.name == "it breaks":
		// What it had taken before is gone with it.
	case !k.lost && (len(entries) < 8000 || len(entries)+missing > len(x.status)): // what was deleted is gone
		t.Error("writing did not go on")
	case k.lost && (len(entries)+missing != len(x.status) || gaps != 1):
		t.Error("entries and gap are not the requests")
	}
}

// A reader of standard output that stalls holds up nobody: the folder has all,
// and standard output a gap.
func TestReaderThatStallsHoldsUpNobody(t *testing.T) {
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	defer up.Close()
	dir := t.TempDir()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	in := &instance{t: t, dir: dir, log: filepath.Join(dir, "log"), ended: make(chan struct{})}
	in.write("weir.yaml", fmt.Sprintf("service: www\npolicy: policy.yaml\nkeys: keys\nadmin: 127.0.0.1:0\nlog: [{file: log}, {stdout: true, buffer: 256KiB}]\nlisten: [{reverse: \"127.0.0.1:0\", to: %q}]\n", up.URL))
	in.write("policy.yaml", numbered)
	in.cmd = exec.Command(binary, "run", "--log-format", "json")
	in.cmd.Dir, in.cmd.Stdout = dir, w
	said, err := in.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := in.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	in.pid = in.cmd.Process.Pid
	serves := make(chan struct{})
	go in.listenTo(said, serves)
	t.Cleanup(in.kill)
	<-serves
	x := &traffic{t: t, status: map[int]int{}}
	defer x.end()
	x.begin(in.addrs[0])
	eventually(t, "told", func() bool { _, body := in.get("/readyz"); return body == "degraded: log stdout\n" })
	x.more(5000)
	resident := in.resident()
	lines := make(chan []string)
	go func() { // it reads again
		var all []string
		for s := bufio.NewScanner(r); s.Scan(); {
			all = append(all, s.Text())
		}
		lines <- all
	}()
	eventually(t, "ready", func() bool { _, body := in.get("/readyz"); return body == "ok\n" })
	x.more(1000)
	x.end()
	in.stop()
	entries, _ := numbers(t, in.log)
	all, gaps, lost := <-lines, 0, 0
	for _, l := range all {
		if at := strings.Index(l, `"gap":{"entries":`); at >= 0 {
			gaps++
			_, _ = fmt.Sscanf(l[at:], `"gap":{"entries":%d`, &lost)
		}
	}
	t.Logf("%d requests, at worst %v; the folder has %d, standard output %d and %d in %d gaps; %d MiB resident",
		len(x.status), x.worst.Round(time.Millisecond), len(entries), len(all)-gaps, lost, gaps, resident>>20)
	if len(entries) != len(x.status) || gaps != 1 || len(all)-gaps+lost != len(x.status) {
		t.Error("that is not all")
	}
}
