package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// column is what a proxy gave for a key, round by round.
func (r *result) column(proxy, key string) []float64 {
	var all []float64
	for _, v := range r.rounds[proxy] {
		all = append(all, v[key])
	}
	return all
}

// with shows a median and its range, whose unit is told where it is another.
func with(values []float64, show func(float64) string) string {
	s := spreadOf(values)
	median, least, most := show(s.median), show(s.least), show(s.most)
	if unit := tail(median); unit == tail(least) && unit == tail(most) {
		least, most = strings.TrimSuffix(least, unit), strings.TrimSuffix(most, unit)
	}
	return median + " (" + least + "–" + most + ")"
}

// tail is the unit of a shown value, with what parts it from the number.
func tail(s string) string { return strings.TrimLeft(s, "-0123456789.,") }

// rows are the table: a head and a line for each proxy.
func (r *result) rows() [][]string {
	head := []string{""}
	for i, f := range r.scenario.figures {
		head = append(head, f.head)
		if i == 0 {
			head = append(head, r.scenario.compare.head)
		}
	}
	all := [][]string{append(head, "limited by")}
	for _, p := range r.measured() {
		row := []string{p.name}
		for i, f := range r.scenario.figures {
			row = append(row, with(r.column(p.name, f.key), f.show))
			if i == 0 {
				row = append(row, r.ratio(p.name))
			}
		}
		all = append(all, append(row, r.remark(&p)))
	}
	return all
}

// measured are the proxies that there are values of.
func (r *result) measured() []proxy {
	var all []proxy
	for _, p := range r.scenario.proxies {
		if len(r.rounds[p.name]) > 0 {
			all = append(all, p)
		}
	}
	return all
}

// ratio is the comparison of a proxy's row, "" where it has none.
func (r *result) ratio(proxy string) string {
	c := r.scenario.compare
	above, below := c.pair(proxy)
	if above == below || len(r.rounds[above]) == 0 || len(r.rounds[below]) == 0 {
		return ""
	}
	return "× " + with(ratios(r.column(above, c.key), r.column(below, c.key)), func(v float64) string { return fmt.Sprintf("%.2f", v) })
}

// verdicts say of each requirement whether it is met.
func (r *result) verdicts() []string {
	var all []string
	c := r.scenario.compare
	for _, p := range r.measured() {
		most, required := c.most[p.name]
		if !required || len(r.rounds["weir"]) == 0 {
			continue
		}
		ratio := spreadOf(ratios(r.column("weir", c.key), r.column(p.name, c.key))).median
		met := "met"
		if ratio > most {
			met = "missed"
		}
		all = append(all, fmt.Sprintf("Required: at most %.2f of %s's %s. It is %.2f: %s.", most, p.name, r.key().head, ratio, met))
	}
	return all
}

// remark says what limited the throughput, and what else must be known of a row.
func (r *result) remark(p *proxy) string {
	var all []string
	if _, ok := r.rounds[p.name][0]["busy"]; ok {
		all = append(all, r.limit(p))
	}
	if lost := spreadOf(r.column(p.name, "lost")).most; lost > 0 {
		all = append(all, fmt.Sprintf("**%.2g %% of its lines are missing**", lost*100))
	}
	return strings.Join(all, "; ")
}

// limit says what kept the throughput from being higher.
func (r *result) limit(p *proxy) string {
	median := func(key string) float64 { return spreadOf(r.column(p.name, key)).median }
	busy, load, others := median("busy"), median("load busy"), median("others")
	switch {
	case p.cores != "":
		return fmt.Sprintf("all share the cores (proxy %s of one)", share(busy))
	case busy >= .95:
		return "the proxy"
	case busy+others >= .95:
		return fmt.Sprintf("others on its core (%s)", share(others))
	case load >= .95:
		return fmt.Sprintf("load or upstream (proxy %s busy)", share(busy))
	}
	return fmt.Sprintf("neither (proxy %s, load %s busy)", share(busy), share(load))
}

// print writes the table as plain text.
func (r *result) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s\n%s\n", r.scenario.title, strings.Repeat("─", utf8.RuneCountInString(r.scenario.title)))
	rows := r.rows()
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			line.WriteString(cell + strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell)+2))
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
	for _, v := range r.verdicts() {
		fmt.Fprintln(w, v)
	}
}
