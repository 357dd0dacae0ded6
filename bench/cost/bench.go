package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// bench is one run of the program.
type bench struct {
	rounds  int
	seconds float64
	nice    int
	dir     string // a temporary folder, removed at the end
	log     io.Writer
	self    string // this program
	// cert and key are PEM files of a certificate for the site.
	cert, key string
	// upstreams are where proxies send to: of a core of its own, or of the cores
	// that the proxy has too.
	upstreams map[string]string
}

// scenario is one thing that proxies are measured at.
type scenario struct {
	name, title, about string
	proxies            []proxy
	figures            []figure
	path               string
	secure, forward    bool
	measure            measure
	compare            comparison
}

// comparison divides a figure of two proxies, round by round.
type comparison struct {
	head, key string
	// pair is what is divided by what in the row of a proxy, "" for nothing.
	pair func(proxy string) (above, below string)
	// most is what weir may take of a proxy's.
	most map[string]float64
}

// result is what a scenario gave: for each proxy its values, round by round.
type result struct {
	scenario *scenario
	rounds   map[string][]values
}

// run measures the scenario in interleaved rounds. The order turns by one each
// round, so that none always follows the same.
func (b *bench) run(ctx context.Context, s *scenario, only *regexp.Regexp) (*result, error) {
	r := &result{scenario: s, rounds: map[string][]values{}}
	var chosen []proxy
	for _, p := range s.proxies {
		if only.MatchString(p.name) {
			chosen = append(chosen, p)
		}
	}
	if len(chosen) == 0 {
		return r, nil
	}
	for _, p := range chosen {
		if p.version != nil {
			if err := installed(p.version[0]); err != nil {
				return nil, err
			}
		}
	}
	for round := range b.rounds {
		at := round % len(chosen)
		for i, p := range slices.Concat(chosen[at:], chosen[:at]) {
			fmt.Fprintf(b.log, "%s, round %d of %d: %s … ", s.name, round+1, b.rounds, p.name)
			v, err := b.once(ctx, s, &p, filepath.Join(b.dir, fmt.Sprintf("%s-%d-%d", s.name, round, i)))
			if err != nil {
				fmt.Fprintln(b.log)
				return nil, fmt.Errorf("%s: %w", s.name, err)
			}
			fmt.Fprintf(b.log, "%s\n", s.figures[0].show(v[s.figures[0].key]))
			r.rounds[p.name] = append(r.rounds[p.name], v)
		}
	}
	return r, nil
}

// once starts a proxy, checks it, measures it and ends it.
func (b *bench) once(ctx context.Context, s *scenario, p *proxy, dir string) (values, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	done, err := turn(ctx, os.TempDir())
	if err != nil {
		return nil, err
	}
	defer done()
	address, err := freePort()
	if err != nil {
		return nil, err
	}
	c := &contest{bench: b, proxy: p, path: s.path, stand: &stand{dir: dir, listen: address, upstream: b.upstreams[p.cores], cert: b.cert, key: b.key,
		secure: s.secure, forward: s.forward, rules: p.rules, workers: workers(p.cores)}}
	l, err := p.launch(c.stand)
	if err != nil {
		return nil, err
	}
	l.nice = b.nice
	if l.cores = p.cores; l.cores == "" {
		l.cores = strconv.Itoa(proxyCore)
	}
	if c.process, err = start(l); err != nil {
		return nil, err
	}
	running := true
	defer func() {
		if running {
			c.process.stop()
		}
	}()
	if err := c.process.ready(ctx, address); err != nil {
		return nil, err
	}
	if err := c.check(ctx); err != nil {
		return nil, err
	}
	v, err := s.measure(ctx, c)
	if err != nil {
		return nil, err
	}
	c.flushed(ctx)
	c.process.stop()
	running = false
	v["lost"], err = c.lost()
	return v, err
}

// workers is how many cores a list of them names; "" is one.
func workers(cores string) int { return strings.Count(cores, ",") + 1 }

// serve starts an upstream for proxies of such cores.
func (b *bench) serve(ctx context.Context, cores string) (*process, error) {
	address, err := freePort()
	if err != nil {
		return nil, err
	}
	on := cores
	if on == "" {
		on = strconv.Itoa(loadCore)
	}
	dir := filepath.Join(b.dir, "upstream"+cores)
	if err := os.MkdirAll(filepath.Join(dir, "files"), 0o755); err != nil {
		return nil, err
	}
	for name, size := range files {
		if err := os.WriteFile(filepath.Join(dir, "files", name), []byte(content(size)), 0o644); err != nil {
			return nil, err
		}
	}
	l, err := upstream(&stand{dir: dir, listen: address, workers: workers(cores)}, on)
	if err != nil {
		return nil, err
	}
	l.nice = b.nice
	p, err := start(l)
	if err != nil {
		return nil, err
	}
	if err := p.ready(ctx, address); err != nil {
		p.stop()
		return nil, err
	}
	b.upstreams[cores] = address
	return p, nil
}
