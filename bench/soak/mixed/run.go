package mixed

import (
	"context"
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Run is one soak.
type Run struct {
	cfg       Config
	kinds     []kind
	numbers   *numbers
	authority *authority
	origin    *origin
	process   *process
	tls       *tls.Config
	done      disturbances
	tally     *tally
	samples   []sample

	mu      sync.Mutex
	faults  map[string]int
	told    []string
	serials map[string]bool // of certificates that weir showed
}

// maxTold bounds the faults that are told in full.
const maxTold = 40

// New makes the upstream and starts weir.
func New(cfg Config) (*Run, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	r := &Run{cfg: cfg, kinds: all(), numbers: &numbers{}, faults: make(map[string]int), serials: make(map[string]bool)}
	var err error
	if r.authority, err = newAuthority(); err != nil {
		return nil, err
	}
	config, err := r.authority.server()
	if err != nil {
		return nil, err
	}
	if r.origin, err = newOrigin(r.numbers, config); err != nil {
		return nil, err
	}
	if r.process, err = startProcess(&cfg, r.authority, r.origin); err != nil {
		r.origin.close()
		return nil, err
	}
	r.tls = &tls.Config{RootCAs: r.authority.pool, ServerName: www, ClientSessionCache: tls.NewLRUClientSessionCache(16)}
	r.tally = newTally(r.process.log(), r.numbers)
	return r, nil
}

// Do puts the load on weir until its time is over or ctx ends, stops weir, and
// judges. The error says that something is not as it should be; what, was written
// to Out.
func (r *Run) Do(ctx context.Context) error {
	defer r.origin.close()
	before, err := r.look()
	if err != nil {
		r.process.kill()
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, r.cfg.For)
	defer cancel()
	started := time.Now()
	fmt.Fprintf(r.cfg.Out, "weir %d for %s at %g exchanges/s, %s\n", r.process.cmd.Process.Pid, r.cfg.For, r.cfg.Rate, r.cfg.Dir)
	var load sync.WaitGroup
	for k := range r.kinds {
		for i := range r.kinds[k].workers {
			load.Go(func() { r.work(ctx, uint8(k), i) })
		}
	}
	for _, f := range []func(context.Context){r.changePolicies, r.changeCertificates, r.restartOrigin, r.watch, r.readLog} {
		load.Go(func() { f(ctx) })
	}
	load.Wait()
	r.cfg.For = time.Since(started)
	after := r.rest(before)
	page, err := r.process.page("/metrics")
	if err != nil {
		r.fault("metrics", err)
	}
	if err := r.process.stop(); err != nil {
		r.fault("stop", err)
	}
	if err := r.tally.read(true); err != nil {
		r.fault("log", err)
	}
	return r.judge(before, after, page)
}

// rest waits until what the load left open is closed, and looks.
func (r *Run) rest(before sample) sample {
	var s sample
	for until := time.Now().Add(40 * time.Second); time.Now().Before(until); time.Sleep(time.Second) {
		var err error
		if s, err = r.look(); err != nil {
			r.fault("rest", err)
			break
		}
		if s.goroutines <= before.goroutines+restSlack && s.descriptors <= before.descriptors+restSlack {
			break
		}
	}
	return s
}

// worker begins exchanges of one kind, one after another.
type worker struct {
	*Run
	kind      uint8
	rand      *rand.Rand
	conn      *wire
	h2, h2TLS *http.Transport
	begun     []uint32
}

// begin numbers an exchange.
func (w *worker) begin() uint32 {
	n := w.numbers.begin(w.kind)
	w.begun = append(w.begun, n)
	return n
}

func (r *Run) work(ctx context.Context, k uint8, i int) {
	w := &worker{Run: r, kind: k, rand: rand.New(rand.NewPCG(uint64(k), uint64(i)))}
	defer w.drop()
	kind := &r.kinds[k]
	pause := float64(time.Second) * float64(kind.workers) / (r.cfg.Rate * kind.share)
	next := time.Now().Add(time.Duration(pause * w.rand.Float64()))
	for {
		select {
		case <-ctx.Done():
			for _, t := range []*http.Transport{w.h2, w.h2TLS} {
				if t != nil {
					t.CloseIdleConnections()
				}
			}
			return
		case <-time.After(time.Until(next)):
		}
		// What cannot be kept up with is not made up for.
		next = time.Now().Add(time.Duration(pause * (0.5 + w.rand.Float64())))
		if err := kind.run(w); err != nil {
			r.fault(kind.name, fmt.Errorf("%w (%v)", err, words(w.begun)))
		}
		for _, n := range w.begun {
			w.numbers.set(n, ended)
		}
		w.begun = w.begun[:0]
	}
}

func words(all []uint32) []string {
	var out []string
	for _, n := range all {
		out = append(out, word(n))
	}
	return out
}

// fault counts what should not have been, and tells the first of it.
func (r *Run) fault(what string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults[what]++
	if len(r.told) < maxTold {
		text := fmt.Sprintf("%s %s: %v", time.Now().UTC().Format(time.TimeOnly), what, err)
		r.told = append(r.told, text)
		fmt.Fprintln(r.cfg.Out, "FAULT", text)
	}
}

// certificate notes which one weir showed.
func (r *Run) certificate(s tls.ConnectionState) {
	if len(s.PeerCertificates) > 0 && !s.DidResume {
		r.mu.Lock()
		r.serials[s.PeerCertificates[0].SerialNumber.String()] = true
		r.mu.Unlock()
	}
}
