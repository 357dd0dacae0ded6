package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// write fills result.md and result.svg in a folder.
func write(folder string, o *options, f facts, results []*result) error {
	if err := os.WriteFile(filepath.Join(folder, "result.md"), []byte(markdown(o, f, results)), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "result.svg"), []byte(plot(o, f, results)), 0o644)
}

// quiet says how much of the proxies' core other programs took.
func quiet(results []*result) string {
	least, most := 1.0, 0.0
	for _, r := range results {
		for _, p := range r.measured() {
			if p.cores != "" {
				continue
			}
			if s := spreadOf(r.column(p.name, "others")); r.rounds[p.name][0]["busy"] > 0 {
				least, most = min(least, s.median), max(most, s.median)
			}
		}
	}
	if most < .03 {
		return "The machine was quiet: other programs took less than 3 % of the proxies' core."
	}
	return fmt.Sprintf("The machine was not quiet: other programs took %s to %s of the proxies' core.", share(min(least, most)), share(most))
}

// markdown is the report as a page.
func markdown(o *options, f facts, results []*result) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# What weir costs beside others

Written by `+"`make bench-peers`"+` on %s.

- Machine: %s.
- Programs: %s.
- Rounds: %d, each load of %g s. A figure is the median of the rounds and their range; a ratio is made in each round, then its
  median and range.
- %s

Proxies run one at a time, each freshly started on the first core; load and upstream have the second. CPU is the processor time of
the proxy's own processes, resident memory the sum of theirs. What the kernel does for a packet is counted where it is done, for all
alike. "Limited by" says what kept the throughput from being higher: where it is not the proxy, compare CPU and not requests.
Latencies are of a load that asks for as much as it gets.

How the peers are set up: nginx masks by a `+"`map`"+`, buffers its log and has body buffers of 64 KiB; HAProxy masks by
`+"`ipmask`"+`, splices bodies and writes its log to standard output, here a file; Caddy has its own log filters, whose hash is four bytes of SHA-256; Squid caches nothing and buffers
its log; goproxy logs nothing and keeps 64 connections. All keep connections to the upstream. Before each
measurement the proxy has to answer and to log as it should, and at its end the lines of its log are counted.

![CPU and memory, as bars](result.svg)
`, f.date, f.machine, strings.Join(f.versions, ", "), o.rounds, o.seconds, quiet(results))
	for _, r := range results {
		rows := r.rows()
		if len(rows) < 2 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", r.scenario.title, r.scenario.about)
		for i, row := range rows {
			fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
			if i == 0 {
				b.WriteString("|---" + strings.Repeat("|--:", len(row)-2) + "|---|\n")
			}
		}
		for _, v := range r.verdicts() {
			fmt.Fprintf(&b, "\n%s\n", v)
		}
	}
	return b.String()
}
