package policytest

import (
	"fmt"
	"io"
	"strconv"
)

// JSON writes the comparison as one object.
func (c *Comparison) JSON(w io.Writer) error { return indented(w, c) }

// Pretty writes the comparison for people.
func (c *Comparison) Pretty(l *Layout) error {
	s := l.sheet()
	s.wrapped("", "  ", fmt.Sprintf("%s: what %s does otherwise than %s", plural(c.Exchanges, "exchange"), c.New, c.Old), bold)
	if c.Skipped > 0 {
		s.line(plural(c.Skipped, "line") + " of logs, of no exchange: left out")
	}
	for _, part := range []struct {
		turn        Turn
		head, style string
	}{{Leaves, "NEWLY LEAVES", red}, {Written, "NEWLY WRITTEN", red}, {Longer, "KEPT LONGER", yellow}, {Withheld, "NEWLY WITHHELD", green}, {Shorter, "KEPT SHORTER", green}} {
		c.part(s, part.turn, part.head, part.style)
	}
	if len(c.Changes) == 0 {
		s.line("")
		s.line("Nothing.")
	}
	_, err := io.WriteString(l.W, s.String())
	return err
}

// part writes the changes of one turn.
func (c *Comparison) part(s *sheet, turn Turn, head, style string) {
	var rows []row
	for i := range c.Changes {
		x := &c.Changes[i]
		if x.Turn != turn {
			continue
		}
		to, what, by := x.To, string(x.Category), "no rule"
		if to == "" {
			to = "the log"
		}
		kept := x.Turn == Longer || x.Turn == Shorter
		switch {
		case what != "":
		case kept:
			what = "(the entry)"
		default:
			what = "(nothing recognised)"
		}
		if kept {
			by = "defaults"
		}
		if x.By != nil {
			by = x.By.where() + "\n  " + x.By.Name
		}
		rows = append(rows, row{cells: []cell{{strconv.Itoa(x.Exchanges), ""}, {what, bold}, {to, ""}, {x.Place, ""}, {x.Was + "\n→ " + x.Is, style}, {by, ""}}})
	}
	if len(rows) == 0 {
		return
	}
	s.line("")
	s.line(s.paint(style, head))
	s.table("", []string{"SEEN", "CATEGORY", "TO", "PLACE", "WAS → IS", "BY"}, rows)
}
