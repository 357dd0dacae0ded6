package main

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"
)

// The plot is a grid of panels, two a row, each with bars of its own scale.
const (
	panelWidth = 544
	margin     = 24
	nameWidth  = 112 // of a proxy's name, left of the bars
	barsWidth  = 190
	rowHeight  = 24
	headHeight = 58 // of a panel
	topHeight  = 86 // of the plot
)

const plotStyle = `
  svg { background: #ffffff; font-family: system-ui, "Segoe UI", "Liberation Sans", "DejaVu Sans", sans-serif; }
  .ground { fill: #ffffff; } text { fill: #1f2937; font-size: 13px; } .faint { fill: #596273; font-size: 12px; }
  .main { font-size: 19px; font-weight: 600; } .title { font-size: 14px; font-weight: 600; }
  .bar { fill: #a9b4c4; } .ours { fill: #2f6fdb; } .range { stroke: #1f2937; stroke-width: 1.5; } .base { stroke: #8a94a6; }
  @media (prefers-color-scheme: dark) {
    svg { background: #11161d; } .ground { fill: #11161d; } text { fill: #e6eaf0; } .faint { fill: #a3adbb; }
    .bar { fill: #566174; } .ours { fill: #4c8dff; } .range { stroke: #e6eaf0; } .base { stroke: #6b7688; }
  }
`

// plot is the report as a picture: of each scenario the figure that is compared.
func plot(o *options, f facts, results []*result) string {
	var panels []string
	var heights []int
	for _, r := range results {
		if n := len(r.measured()); n > 0 {
			panels = append(panels, r.panel())
			heights = append(heights, headHeight+n*rowHeight+margin)
		}
	}
	var b strings.Builder
	y := topHeight
	for i := 0; i < len(panels); i += 2 {
		height := heights[i]
		fmt.Fprintf(&b, "<g transform=\"translate(%d %d)\">\n%s</g>\n", margin, y, panels[i])
		if i+1 < len(panels) {
			height = max(height, heights[i+1])
			fmt.Fprintf(&b, "<g transform=\"translate(%d %d)\">\n%s</g>\n", margin+panelWidth, y, panels[i+1])
		}
		y += height
	}
	width := 2*panelWidth + margin
	head := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-label="What weir costs beside others">
<style>%s</style>
<rect class="ground" width="%d" height="%d"/>
`, width, y, width, y, plotStyle, width, y)
	head += text(margin, 34, "main", "", "What weir costs beside others")
	head += text(margin, 54, "faint", "", fmt.Sprintf("Bars: medians of %d rounds; lines: ranges; ×: weir's cost as a part of that row's, round by round. %s, %s.", o.rounds, f.machine, f.date[:10]))
	return head + b.String() + "</svg>\n"
}

// panel draws one scenario at the origin.
func (r *result) panel() string {
	f := r.key()
	var b strings.Builder
	b.WriteString(text(0, 16, "title", "", r.scenario.title))
	note := f.head + ", less is better"
	if f.key == "rate" {
		note = f.head + ", more is better; ×: of one core"
	} else if r.scenario.name == "rules" {
		note += "; ×: of 10 rules"
	}
	b.WriteString(text(0, 35, "faint", "", note))
	most := 0.0
	for _, p := range r.measured() {
		most = max(most, spreadOf(r.column(p.name, f.key)).most)
	}
	scale := func(v float64) float64 { return v / most * barsWidth }
	rows := r.measured()
	for i, p := range rows {
		values := r.column(p.name, f.key)
		s := spreadOf(values)
		y := headHeight - 10 + i*rowHeight
		class := "bar"
		if strings.HasPrefix(p.name, "weir") || r.scenario.name == "rules" {
			class = "ours"
		}
		b.WriteString(text(nameWidth-10, y+13, "", "end", p.name))
		fmt.Fprintf(&b, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"16\" rx=\"2\"/>\n", class, nameWidth, y, max(1, scale(s.median)))
		fmt.Fprintf(&b, "<line class=\"range\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>\n", nameWidth+scale(s.least), nameWidth+scale(s.most), y+8, y+8)
		shown := with(values, f.show)
		x := nameWidth + scale(s.most) + 8
		b.WriteString(text(int(x), y+13, "", "", shown))
		if ratio := r.ratio(p.name); ratio != "" {
			short, _, _ := strings.Cut(ratio, " (")
			b.WriteString(text(int(x)+8+utf8.RuneCountInString(shown)*7, y+13, "faint", "", short))
		}
	}
	fmt.Fprintf(&b, "<line class=\"base\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>\n", nameWidth, nameWidth, headHeight-14, headHeight-12+len(rows)*rowHeight)
	return b.String()
}

// key is the figure that the scenario compares.
func (r *result) key() figure {
	for _, f := range r.scenario.figures {
		if f.key == r.scenario.compare.key {
			return f
		}
	}
	return r.scenario.figures[0]
}

func text(x, y int, class, anchor, s string) string {
	attributes := when(class != "", ` class="`+class+`"`) + when(anchor != "", ` text-anchor="`+anchor+`"`)
	return fmt.Sprintf("<text x=\"%d\" y=\"%d\"%s>%s</text>\n", x, y, attributes, html.EscapeString(s))
}
