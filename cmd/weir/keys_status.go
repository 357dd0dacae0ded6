package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"weir/policy/source"
	"weir/redact/keys"
)

type keysStatus struct {
	ringFlags
	Format string `help:"${enum}." enum:"text,json" default:"text"`
}

// ringStatus is what status tells, as JSON.
type ringStatus struct {
	Dir      string        `json:"dir"`
	External bool          `json:"external"`
	Next     time.Time     `json:"next"` // when the next epoch begins
	Classes  []classStatus `json:"classes"`
}

type classStatus struct {
	Class     string      `json:"class"`
	Epochs    int         `json:"epochs"`              // that have a key
	Oldest    time.Time   `json:"oldest"`              // the beginning of the oldest of them
	Destroyed *time.Time  `json:"destroyed,omitempty"` // when its key is, at the earliest
	Breaks    []time.Time `json:"breaks,omitempty"`    // from when on keys do not follow from those before
}

// Help is what weir keys status --help says beside the flags.
func (k *keysStatus) Help() string {
	return `EPOCHS have a key, the OLDEST since that day. DESTROYED is when its key is, at the earliest. RESEEDED is from when on keys do not follow from those before: rotate --reseed or shred.`
}

func (k *keysStatus) Run(g *globals) error {
	where, _, err := k.find()
	if err != nil {
		return err
	}
	s := ringStatus{Dir: where.Dir, External: where.External, Classes: []classStatus{}}
	where.External = true // looks, and makes nothing
	ring, err := keys.Open(where)
	if err != nil {
		return ringError(err)
	}
	s.Next = ring.Ends()
	for _, h := range ring.Held() {
		c := classStatus{Class: h.Class, Epochs: h.Epochs, Oldest: h.From, Breaks: h.Breaks}
		if keep, ok := source.ParseDuration(h.Class); ok {
			at := h.Ends.Add(keep)
			c.Destroyed = &at
		}
		s.Classes = append(s.Classes, c)
	}
	if k.Format == "json" {
		e := json.NewEncoder(g.stdout)
		e.SetIndent("", "  ")
		return e.Encode(s)
	}
	return s.print(g)
}

func (s *ringStatus) print(g *globals) error {
	kind := ""
	if s.External {
		kind = " (external)"
	}
	fmt.Fprintf(g.stdout, "%s%s: the next epoch begins %s\n", s.Dir, kind, s.Next.Format(time.RFC3339))
	if len(s.Classes) == 0 {
		_, err := fmt.Fprintln(g.stdout, "no classes")
		return err
	}
	t := tabwriter.NewWriter(g.stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintln(t, "CLASS\tEPOCHS\tOLDEST\tDESTROYED\tRESEEDED")
	for _, c := range s.Classes {
		destroyed, broken := "by hand", make([]string, len(c.Breaks))
		if c.Destroyed != nil {
			destroyed = c.Destroyed.Format(time.DateOnly)
		}
		for i, b := range c.Breaks {
			broken[i] = b.Format(time.RFC3339)
		}
		fmt.Fprintf(t, "%s\t%d\t%s\t%s\t%s\n", c.Class, c.Epochs, c.Oldest.Format(time.DateOnly), destroyed, strings.Join(broken, " "))
	}
	return t.Flush()
}
