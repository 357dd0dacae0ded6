//go:build peers

package peers

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// bigBody is what the upstream answers /big with, in bytes.
const bigBody = 10 << 20

// besieged is a policy that writes the paths of the upstream.
const besieged = open + "routes: [{at: /probe}, {at: /big}, {at: /upload}, {at: /hang}, {at: /small}]\n"

// siege is a weir that somebody means harm, and a probe: a client that asks all
// the while and must be answered.
type siege struct {
	t     *testing.T
	in    *instance
	up    *httptest.Server
	ca    *authority
	began struct {
		resident    int64
		descriptors int
	}
	mostDescriptors atomic.Int64
	hung            atomic.Int64 // requests of /hang that the upstream got
	probe           *probe
	done            chan struct{}
	over            sync.WaitGroup
}

// Listeners of a siege, as indices of instance.addrs.
const (
	plainListener = iota
	tlsListener
	forwardListener
)

// besiege starts a weir with more lines of weir.yaml, in front of an upstream:
// listeners without and with TLS (HTTP/1.1 and HTTP/2 on both) and a forward one.
// The figures are taken from when it has answered some requests.
func besiege(t *testing.T, more string) *siege {
	t.Helper()
	s := &siege{t: t, ca: newAuthority(t), done: make(chan struct{})}
	s.up = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.up.Close)
	dir := t.TempDir()
	s.ca.issue(dir, "www", "www.x.example", "127.0.0.1")
	s.in = startIn(t, dir, basics+more+fmt.Sprintf("\nlisten:\n  - {reverse: \"127.0.0.1:0\", to: %[1]q}\n"+
		"  - {reverse: \"127.0.0.1:0\", to: %[1]q, tls: {cert: www.pem, key: www.key}}\n  - {forward: \"127.0.0.1:0\"}\n", s.up.URL), besieged)
	s.probe = newProbe("http://" + s.in.addrs[plainListener] + "/probe")
	for range 20 {
		s.probe.ask()
	}
	s.began.resident, s.began.descriptors = s.in.resident(), s.in.descriptors()
	s.in.forgetPeak()
	s.resumeProbe()
	return s
}

// pauseProbe lets the probe rest, until resumeProbe.
func (s *siege) pauseProbe() {
	close(s.done)
	s.over.Wait()
}

func (s *siege) resumeProbe() {
	s.done = make(chan struct{})
	s.over.Go(s.watch)
	s.over.Go(func() { s.probe.run(s.done) })
}

// watch remembers the most descriptors.
func (s *siege) watch() {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		s.mostDescriptors.Store(max(s.mostDescriptors.Load(), int64(s.in.descriptors())))
		select {
		case <-s.done:
			return
		case <-tick.C:
		}
	}
}

// bound is what a siege may cost beyond what weir had when it began.
type bound struct {
	memory      int64 // at its most, in bytes
	descriptors int   // at its most
}

// lift ends the siege: everything that the test opened must be closed by now.
// It prints the figures and fails where the probe was not answered, where more
// was held than bound, where descriptors stay, or where weir filled its own log.
func (s *siege) lift(b bound) {
	s.t.Helper()
	close(s.done)
	s.over.Wait()
	s.up.CloseClientConnections() // what weir keeps to it idles
	eventually(s.t, "descriptors go back", func() bool { return s.in.descriptors() <= s.began.descriptors+8 })
	peak, most := s.in.peak()-s.began.resident, int(s.mostDescriptors.Load())-s.began.descriptors
	words := strings.Count(s.in.words(), "\n")
	s.t.Logf("weir: memory %.1f MiB, at most +%.1f MiB, +%.1f MiB at the end; descriptors %d, at most +%d, %+d at the end; %d lines of its own",
		mib(s.began.resident), mib(peak), mib(s.in.resident()-s.began.resident), s.began.descriptors, most, s.in.descriptors()-s.began.descriptors, words)
	s.t.Logf("probe: %s", s.probe)
	if peak > b.memory {
		s.t.Errorf("%.1f MiB more at its most, %.1f allowed", mib(peak), mib(b.memory))
	}
	if most > b.descriptors {
		s.t.Errorf("%d descriptors more at its most, %d allowed", most, b.descriptors)
	}
	if n := s.probe.failed(); n != "" {
		s.t.Errorf("the probe: %s", n)
	}
	if words > 400 {
		s.t.Errorf("weir said %d lines", words)
	}
	if strings.Contains(s.in.words(), "panicked") {
		s.t.Error(s.in.words())
	}
	s.in.stop()
}

func mib(n int64) float64 { return float64(n) / (1 << 20) }

// ended counts the entries whose path is at, by status and error.type, once
// there are n of them.
func (s *siege) ended(at string, n int) map[string]int {
	s.t.Helper()
	var by map[string]int
	eventually(s.t, fmt.Sprintf("%d entries of %s", n, at), func() bool {
		by = map[string]int{}
		all := 0
		for _, e := range s.in.entries() {
			if e.text("url.path") == at {
				by[strings.TrimSpace(fmt.Sprintf("%d %s", e.number("http.response.status_code"), e.text("error.type")))]++
				all++
			}
		}
		return all >= n
	})
	return by
}

// conns opens n connections to a listener.
func (s *siege) conns(listener, n int) []net.Conn {
	s.t.Helper()
	all := make([]net.Conn, n)
	for i := range all {
		c, err := net.Dial("tcp", s.in.addrs[listener])
		if err != nil {
			s.t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(4 * patience))
		all[i] = c
	}
	s.t.Cleanup(func() { closeAll(all) })
	return all
}

// overTLS agrees on a protocol over a connection of a TLS listener.
func (s *siege) overTLS(c net.Conn, protocol string) *tls.Conn {
	s.t.Helper()
	t := tls.Client(c, &tls.Config{RootCAs: s.ca.roots, ServerName: "www.x.example", NextProtos: []string{protocol}})
	if err := t.Handshake(); err != nil {
		s.t.Fatal(err)
	}
	return t
}

func closeAll[C io.Closer](conns []C) {
	for _, c := range conns {
		_ = c.Close()
	}
}

// each runs f for all conns side by side.
func each[C any](conns []C, f func(i int, c C)) {
	var all sync.WaitGroup
	for i, c := range conns {
		all.Go(func() { f(i, c) })
	}
	all.Wait()
}

// filler is what bodies are made of.
var filler = bytes.Repeat([]byte("0123456789abcdef"), 4<<10)

// serve is the upstream.
func (s *siege) serve(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/big":
		w.Header().Set("Content-Length", fmt.Sprint(bigBody))
		for range bigBody / len(filler) {
			if _, err := w.Write(filler); err != nil {
				return
			}
		}
	case "/upload":
		n, _ := io.Copy(io.Discard, r.Body)
		_, _ = fmt.Fprint(w, n)
	case "/hang":
		s.hung.Add(1)
		<-r.Context().Done()
	default:
		_, _ = io.WriteString(w, "well")
	}
}

// probe asks now by a connection that is kept, now by a new one.
type probe struct {
	url         string
	kept, fresh *http.Client

	mu    sync.Mutex
	took  []time.Duration
	wrong []string
}

func newProbe(url string) *probe {
	return &probe{url: url, kept: &http.Client{Transport: &http.Transport{}, Timeout: patience},
		fresh: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}}
}

// run asks about fifty times a second.
func (p *probe) run(done <-chan struct{}) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	defer p.kept.CloseIdleConnections()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			p.ask()
		}
	}
}

func (p *probe) ask() {
	client := p.kept
	if len(p.took)%2 == 1 {
		client = p.fresh
	}
	began := time.Now()
	wrong := ""
	if resp, err := client.Get(p.url); err != nil {
		wrong = err.Error()
	} else {
		b, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != 200 || string(b) != "well" {
			wrong = fmt.Sprintf("%d %q %v", resp.StatusCode, b, err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.took = append(p.took, time.Since(began))
	if wrong != "" {
		p.wrong = append(p.wrong, wrong)
	}
}

// failed says how many requests were not answered as they should, or nothing.
func (p *probe) failed() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.wrong) == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d not answered, the first: %s", len(p.wrong), len(p.took), p.wrong[0])
}

func (p *probe) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := slices.Sorted(slices.Values(p.took))
	at := func(q float64) float64 { return float64(all[int(q*float64(len(all)-1))].Microseconds()) / 1000 }
	return fmt.Sprintf("%d requests, %d wrong; p50 %.1f ms, p99 %.1f ms, most %.1f ms (%d cores shared with the attack)",
		len(all), len(p.wrong), at(.5), at(.99), at(1), runtime.NumCPU())
}
