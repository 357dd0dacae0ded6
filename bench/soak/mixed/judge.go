package mixed

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

// How much what must stay flat may grow: the share and the amount together, of
// the first quarter behind the warm-up; and by the line laid through all of it.
const (
	growShare = 0.10
	// Go's memory settles for some minutes: in a run shorter than settling the
	// amounts are settled times what they are.
	settling = 15 * time.Minute
	settled  = 3
	// Beside what there was before the load, when all clients have left: idle
	// connections to upstreams, and what the runtime keeps.
	restSlack = 12
)

// flat is a series that must not grow.
type flat struct {
	name   string
	unit   float64
	amount float64 // that it may grow, beside growShare
	of     func(s *sample) float64
}

var series = []flat{
	{"RSS MiB", mib, 8 * mib, func(s *sample) float64 { return s.resident }},
	{"heap MiB", mib, 4 * mib, func(s *sample) float64 { return s.heap }},
	{"descriptors", 1, 12, func(s *sample) float64 { return s.descriptors }},
	{"goroutines", 1, 12, func(s *sample) float64 { return s.goroutines }},
	{"threads", 1, 4, func(s *sample) float64 { return s.threads }},
	{"open segments", 1, 2, func(s *sample) float64 { return s.open }},
}

// judge prints the figures and says whether all is as it should be.
func (r *Run) judge(before, after sample, page string) error {
	var wrong []string
	fail := func(format string, values ...any) { wrong = append(wrong, fmt.Sprintf(format, values...)) }
	r.judgeFlat(fail)
	fmt.Fprintf(r.cfg.Out, "before the load and when it had gone: RSS %.1f %.1f MiB, descriptors %.0f %.0f, goroutines %.0f %.0f, threads %.0f %.0f\n", before.resident/mib, after.resident/mib,
		before.descriptors, after.descriptors, before.goroutines, after.goroutines, before.threads, after.threads)
	if after.descriptors > before.descriptors+restSlack || after.goroutines > before.goroutines+restSlack {
		fail("descriptors or goroutines stayed when the load had gone")
	}
	r.judgeEntries(fail, page)
	r.judgeDisturbances(fail, page)
	for _, what := range slices.Sorted(maps.Keys(r.faults)) {
		fail("%s: %d answers or steps that are not as they should be", what, r.faults[what])
	}
	if told, err := os.ReadFile(r.process.stderr()); err != nil || bytes.Contains(told, []byte(canary)) || strings.Contains(page, canary) {
		fail("what must not be written stands in weir's own log or its metrics")
	}
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "\n"))
	}
	fmt.Fprintln(r.cfg.Out, "all as it should be")
	return nil
}

func (r *Run) judgeFlat(fail func(string, ...any)) {
	warm := r.cfg.For / 6
	var all []sample
	for _, s := range r.samples {
		if len(r.samples) > 0 && s.at.Sub(r.samples[0].at) >= warm {
			all = append(all, s)
		}
	}
	if len(all) < 8 {
		fail("only %d samples behind the warm-up", len(all))
		return
	}
	span := all[len(all)-1].at.Sub(all[0].at)
	fmt.Fprintf(r.cfg.Out, "\n%d samples in %s behind a warm-up of %s: medians of quarters, growth by the line through all, bound\n", len(all), span.Round(time.Second), warm.Round(time.Second))
	for _, f := range series {
		var quarters [4]float64
		for i := range quarters {
			quarters[i] = median(all[len(all)*i/4:len(all)*(i+1)/4], f.of)
		}
		bound := quarters[0]*growShare + f.amount
		if r.cfg.For < settling {
			bound = quarters[0]*growShare + f.amount*settled
		}
		grown, line := quarters[3]-quarters[0], slope(all, f.of)*span.Seconds()
		fmt.Fprintf(r.cfg.Out, "%-14s %8.1f %8.1f %8.1f %8.1f   line %+7.1f   bound %+6.1f\n", f.name,
			quarters[0]/f.unit, quarters[1]/f.unit, quarters[2]/f.unit, quarters[3]/f.unit, line/f.unit, bound/f.unit)
		if grown > bound || line > bound {
			fail("%s grew by %.1f between the first and the last quarter, by %.1f as the line goes; %.1f is the bound", f.name, grown/f.unit, line/f.unit, bound/f.unit)
		}
	}
	if last, first := all[len(all)-1], all[0]; last.cpu > first.cpu {
		fmt.Fprintf(r.cfg.Out, "CPU of weir: %.2f of a core\n", float64(last.cpu-first.cpu)/float64(span))
	}
}

func median(all []sample, of func(*sample) float64) float64 {
	var values []float64
	for i := range all {
		values = append(values, of(&all[i]))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// slope is that of the line of least squares, a second.
func slope(all []sample, of func(*sample) float64) float64 {
	var sx, sy, sxx, sxy float64
	n := float64(len(all))
	for i := range all {
		x, y := all[i].at.Sub(all[0].at).Seconds(), of(&all[i])
		sx, sy, sxx, sxy = sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

func (r *Run) judgeEntries(fail func(string, ...any), page string) {
	counts := r.numbers.count(len(r.kinds))
	fmt.Fprintf(r.cfg.Out, "\n%-15s %9s %9s %8s %8s %6s %6s\n", "kind", "begun", "one entry", "no head", "missing", "twice", "wrong")
	var sum count
	for i, c := range counts {
		fmt.Fprintf(r.cfg.Out, "%-15s %9d %9d %8d %8d %6d %6d\n", r.kinds[i].name, c.begun, c.once, c.absent, c.missing, c.twice, c.wrong)
		sum = count{sum.begun + c.begun, sum.once + c.once, sum.absent + c.absent, sum.missing + c.missing, sum.twice + c.twice, sum.open + c.open, sum.wrong + c.wrong}
		if c.begun == 0 && r.kinds[i].name != "idle" {
			fail("%s: no exchange was begun", r.kinds[i].name)
		}
	}
	t := r.tally
	fmt.Fprintf(r.cfg.Out, "%-15s %9d %9d %8d %8d %6d %6d\n", "all", sum.begun, sum.once, sum.absent, sum.missing, sum.twice, sum.wrong)
	fmt.Fprintf(r.cfg.Out, "entries: %d of the load, %d without a number, %d gap entries; by status %v, by error.type %v\n", t.numbered, t.unnumbered, t.gaps, t.statuses, t.errors)
	missing, twice, wrong := r.numbers.some(5)
	name := func(all []what) (out []string) {
		for _, w := range all {
			out = append(out, w.word+" "+r.kinds[w.kind].name)
		}
		return out
	}
	if sum.missing > 0 {
		fail("%d exchanges have no entry: %v …", sum.missing, name(missing))
	}
	if sum.twice > 0 {
		fail("%d exchanges have several entries: %v …", sum.twice, name(twice))
	}
	if sum.wrong > 0 {
		fail("%d entries tell of an error where there was none: %v …", sum.wrong, name(wrong))
	}
	if sum.open > 0 {
		fail("%d exchanges never ended", sum.open)
	}
	for text, n := range map[string]int{"lines hold what must not be written": t.leaks, "lines are damaged": t.damaged, "gap entries": t.gaps, "entries have a number that nobody began": t.unknown} {
		if n > 0 {
			fail("%d %s", n, text)
		}
	}
	for _, name := range []string{"weir_redaction_guarded_total", "weir_redaction_faults_total", "weir_panics_total", "weir_log_gaps_total"} {
		if n := metric(page, name); n > 0 {
			fail("%s is %g", name, n)
		}
	}
}

func (r *Run) judgeDisturbances(fail func(string, ...any), page string) {
	reloads := metric(page, "weir_policy_reloads_total", `="ok"`)
	fmt.Fprintf(r.cfg.Out, "policies given %d, taken %g; wrong ones %d; certificates replaced %d, seen %d; upstream restarts %d; segments read %d\n",
		r.done.policies, reloads, r.done.bad, r.done.certificates, len(r.serials), r.done.restarts, len(r.tally.taken))
	if reloads < float64(r.done.policies)*8/10 {
		fail("of %d policies only %g were taken into use", r.done.policies, reloads)
	}
	if len(r.serials) < r.done.certificates*9/10 {
		fail("of %d certificates only %d were shown", r.done.certificates, len(r.serials))
	}
}
