package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"text/tabwriter"
	"time"

	"golang.org/x/sys/unix"

	"weir/redact/rewrite"
)

// progress tells on a terminal how far a log is read.
type progress struct {
	w     *os.File
	name  string
	total int64 // bytes; 0 is not known
	read  int64
	told  time.Time
}

// newProgress is nil where nobody watches.
func newProgress(w *os.File) *progress {
	if _, err := unix.IoctlGetWinsize(int(w.Fd()), unix.TIOCGWINSZ); err != nil {
		return nil
	}
	return &progress{w: w}
}

// begin begins another log.
func (p *progress) begin(name string, total int64) {
	if p != nil {
		*p = progress{w: p.w, name: name, total: total}
	}
}

// step counts bytes that were read.
func (p *progress) step(n int) {
	if p == nil {
		return
	}
	p.read += int64(n)
	now := time.Now()
	if now.Sub(p.told) < 200*time.Millisecond {
		return
	}
	p.told = now
	share := ""
	if p.total > 0 {
		share = fmt.Sprintf(", %d%%", min(100, p.read*100/p.total))
	}
	fmt.Fprintf(p.w, "\r%s: %d MiB%s\x1b[K", p.name, p.read>>20, share)
}

// end takes the line away.
func (p *progress) end() {
	if p != nil && !p.told.IsZero() {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// outcome is what became of all logs. It holds nothing of what was in them.
type outcome struct {
	Policy  string         `json:"policy"` // its fingerprint
	Files   []outcomeFile  `json:"files"`
	Lines   int64          `json:"lines"`
	Broken  int64          `json:"broken"`
	Bytes   int64          `json:"bytes"`
	Guarded int64          `json:"guarded"`
	Keyless int64          `json:"keyless"`
	Faults  int64          `json:"faults"`
	Found   []outcomeFound `json:"found"`
}

type outcomeFile struct {
	File   string `json:"file"` // "-" is standard input
	Format string `json:"format"`
	Lines  int64  `json:"lines"`
	Broken int64  `json:"broken"`
	Bytes  int64  `json:"bytes"`
}

type outcomeFound struct {
	Category  string `json:"category"` // "" is what was left beside findings
	Transform string `json:"transform"`
	Rule      string `json:"rule"` // "" is none
	Count     int64  `json:"count"`
}

// add adds one log.
func (o *outcome) add(name string, f *rewrite.Format, c *rewrite.Counts) {
	format := ""
	if f != nil {
		format = f.Name()
	}
	o.Files = append(o.Files, outcomeFile{name, format, c.Lines, c.Broken, c.Bytes})
	o.Lines += c.Lines
	o.Broken += c.Broken
	o.Bytes += c.Bytes
}

// close takes what was counted of all.
func (o *outcome) close(c *rewrite.Counts, d *rewrite.Defects) {
	o.Guarded, o.Keyless, o.Faults = d.Guarded.Load(), d.Keyless.Load(), d.Faults.Load()
	o.Found = []outcomeFound{}
	for _, f := range c.Found() {
		o.Found = append(o.Found, outcomeFound{string(f.Category), f.Name, f.Rule, f.Count})
	}
}

// save writes o as JSON.
func (o *outcome) save(path string) error {
	b, err := json.MarshalIndent(o, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o644)
}

// print tells it to people.
func (o *outcome) print(w io.Writer) {
	for _, f := range o.Files {
		fmt.Fprintf(w, "%s: %s, %s %s, %s of them unreadable\n", called(f.File), f.Format, thousands(f.Lines), f.unit(), thousands(f.Broken))
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range o.Found {
		category, rule := f.Category, f.Rule
		if category == "" {
			category = "(what was left)"
		}
		if rule == "" {
			rule = "(no rule)"
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", category, f.Transform, rule, thousands(f.Count))
	}
	_ = t.Flush()
	if o.Keyless > 0 {
		fmt.Fprintf(w, "%s values dropped: the ring has no key of the day that they are of\n", thousands(o.Keyless))
	}
	if o.Guarded+o.Faults > 0 {
		fmt.Fprintf(w, "%s fields dropped by a defect of weir's; please report it\n", thousands(o.Guarded+o.Faults))
	}
}

// unit is what a log was counted in.
func (f *outcomeFile) unit() string {
	unit := "line"
	switch f.Format {
	case "har":
		unit = "exchange"
	case "http":
		unit = "message"
	}
	if f.Lines != 1 {
		unit += "s"
	}
	return unit
}

// called is a log as people are told of it.
func called(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

// thousands writes a number with commas.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
