package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"weir/policy"
	"weir/policy/source"
	"weir/proxy"
	"weir/proxy/accesslog"
)

type logsCommand struct {
	Status logsStatus `cmd:"" help:"Show each retention class: what lies in its folder, and its oldest entry against its limit. Exits 1 where something is overdue."`
}

type logsStatus struct {
	Config string `help:"The weir.yaml whose logs are meant." default:"weir.yaml" short:"c" placeholder:"FILE"`
	Format string `help:"${enum}." enum:"text,json" default:"text"`
}

// Help is what weir logs status --help says beside the flags.
func (l *logsStatus) Help() string {
	return `LIMIT is when the oldest entry is over. It goes with its segment, and so is "leaving" for the segment's age and a quarter of an hour more; what is still there then is "overdue". BY are the rules of retain that entries of the class come by.`
}

// logStatus is what status tells of one log, as JSON.
type logStatus struct {
	Log     string     `json:"log"`
	Classes []logClass `json:"classes"`
}

type logClass struct {
	Class    string     `json:"class"`
	Segments int        `json:"segments"`
	Entries  int64      `json:"entries"`
	Bytes    int64      `json:"bytes"` // on the disk
	Oldest   *time.Time `json:"oldest,omitempty"`
	Newest   *time.Time `json:"newest,omitempty"`
	Limit    *time.Time `json:"limit,omitempty"` // when the oldest is over
	State    string     `json:"state"`
	Overdue  int        `json:"overdue"`           // segments
	Guessed  int        `json:"guessed,omitempty"` // segments whose times are those of their files
	By       []logBy    `json:"by"`
}

// logBy is a rule that entries of a class come by.
type logBy struct {
	Rule string   `json:"rule"`
	Law  string   `json:"law,omitempty"`
	Hold string   `json:"hold,omitempty"`
	Only []string `json:"only,omitempty"`
}

func (l *logsStatus) Run(g *globals) error {
	cfg, err := proxy.ReadConfig(l.Config)
	if err != nil {
		return usage(configError(cfg, err))
	}
	by, err := grounds(cfg)
	if err != nil {
		fmt.Fprintln(g.stderr, "warning: the policy does not load, so that nothing is said of its rules:", err)
	}
	now := time.Now()
	logs := []logStatus{}
	var late []error
	for i := range cfg.Log {
		c := &cfg.Log[i]
		if c.File == "" {
			continue
		}
		all, err := accesslog.Config{Dir: c.File, MaxAge: c.MaxAge, Keep: source.ParseDuration, Now: func() time.Time { return now }}.Standings()
		if err != nil {
			return fault(fmt.Errorf("log folder %s: %w", c.File, err))
		}
		slices.SortStableFunc(all, func(a, b accesslog.Standing) int { return cmp.Compare(a.Keep, b.Keep) })
		s := logStatus{c.File, []logClass{}}
		for _, of := range all {
			class := standing(of, now)
			class.By = append(class.By, by[of.Class]...)
			s.Classes = append(s.Classes, class)
			if class.State == overdue || class.State == endless {
				late = append(late, fmt.Errorf("%s: entries of %s are not deleted when they are over; is weir running there?", c.File, of.Class))
			}
		}
		logs = append(logs, s)
	}
	if err := l.print(g.stdout, logs); err != nil {
		return fault(err)
	}
	if len(late) > 0 {
		return notSo(errors.Join(late...))
	}
	return nil
}

// grounds are the rules that entries of each class come by.
func grounds(cfg *proxy.Config) (map[string][]logBy, error) {
	p, err := policy.Load(cfg.Policy)
	if err != nil {
		return nil, err
	}
	by := make(map[string][]logBy)
	for _, r := range p.For(cfg.Service).Classes() {
		one := logBy{Rule: "defaults", Law: r.Law, Hold: r.Hold, Only: r.Only}
		if r.By != nil {
			one.Rule = r.By.Name
		}
		by[r.Class] = append(by[r.Class], one)
	}
	return by, nil
}

// The states of a class.
const (
	fine    = "ok"
	leaving = "leaving"
	overdue = "overdue"
	endless = "no limit"
)

func standing(of accesslog.Standing, now time.Time) logClass {
	c := logClass{Class: of.Class, Segments: of.Segments, Entries: of.Entries, Bytes: of.Bytes, State: fine, Overdue: of.Overdue, Guessed: of.Guessed, By: []logBy{}}
	if of.Oldest.IsZero() {
		return c
	}
	c.Oldest, c.Newest = &of.Oldest, &of.Newest
	if of.Keep == 0 {
		c.State = endless
		return c
	}
	limit := of.Oldest.Add(of.Keep)
	c.Limit = &limit
	switch {
	case of.Overdue > 0:
		c.State = overdue
	case now.After(limit):
		c.State = leaving
	}
	return c
}

func (l *logsStatus) print(w io.Writer, logs []logStatus) error {
	if l.Format == "json" {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(logs)
	}
	if len(logs) == 0 {
		_, err := fmt.Fprintln(w, "no log of this weir.yaml is a folder")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, s := range logs {
		if len(s.Classes) == 0 {
			fmt.Fprintf(t, "%s: nothing yet\n", s.Log)
			continue
		}
		fmt.Fprintf(t, "%s\nCLASS\tENTRIES\tBYTES\tOLDEST\tNEWEST\tLIMIT\tSTATE\tBY\n", s.Log)
		for _, c := range s.Classes {
			fmt.Fprintf(t, "%s\t%d\t%d\t%s\t%s\t%s\t%s\t%s\n", c.Class, c.Entries, c.Bytes, moment(c.Oldest), moment(c.Newest), moment(c.Limit), c.State, c.by())
		}
	}
	return t.Flush()
}

func moment(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}

func (c *logClass) by() string {
	if len(c.By) == 0 {
		return "an earlier policy"
	}
	var all []string
	for _, b := range c.By {
		text := b.Rule
		for _, why := range []string{b.Law, b.Hold} {
			if why != "" {
				text += " (" + why + ")"
			}
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}
