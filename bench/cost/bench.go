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
)

// bench is one run of the program.
type bench struct {
	rounds  int
	seconds float64
	dir     string // a temporary folder, removed at the end
	log     io.Writer
	// upstream is where all proxies send to.
	upstream  string
	authority string
}

// scenario is one thing that proxies are measured at.
type scenario struct {
	name, title, about string
	proxies            []proxy
	figures            []figure
	path               string
	set                func(*stand) // what it changes about the stand
	measure            func(context.Context, *contest) (values, error)
}

// result is what a scenario gave: for each proxy its values, round by round.
type result struct {
	scenario *scenario
	rounds   map[string][]values
}

// answer is what the upstream says to a path.
func (b *bench) answer(string) string { return body }

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
	for round := range b.rounds {
		at := round % len(chosen)
		for _, p := range slices.Concat(chosen[at:], chosen[:at]) {
			fmt.Fprintf(b.log, "%s, round %d of %d: %s … ", s.name, round+1, b.rounds, p.name)
			v, err := b.once(ctx, s, &p, filepath.Join(b.dir, s.name, p.name+strconv.Itoa(round)))
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
	address, err := freePort()
	if err != nil {
		return nil, err
	}
	c := &contest{bench: b, proxy: p, path: s.path, stand: &stand{dir: dir, listen: address, upstream: b.upstream, workers: 1}}
	if s.set != nil {
		s.set(c.stand)
	}
	l, err := p.launch(c.stand)
	if err != nil {
		return nil, err
	}
	l.cores = strconv.Itoa(proxyCore)
	if c.process, err = start(l); err != nil {
		return nil, err
	}
	defer c.process.stop()
	if err := c.process.ready(ctx, address); err != nil {
		return nil, err
	}
	if err := c.check(ctx); err != nil {
		return nil, err
	}
	return s.measure(ctx, c)
}

// serve starts the upstream.
func (b *bench) serve(ctx context.Context) (*process, error) {
	address, err := freePort()
	if err != nil {
		return nil, err
	}
	l, err := upstream(&stand{dir: b.dir, listen: address, workers: 1}, strconv.Itoa(loadCore))
	if err != nil {
		return nil, err
	}
	p, err := start(l)
	if err != nil {
		return nil, err
	}
	if err := p.ready(ctx, address); err != nil {
		p.stop()
		return nil, err
	}
	b.upstream = address
	return p, nil
}
