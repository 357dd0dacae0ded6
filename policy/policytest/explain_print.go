package policytest

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"weir/policy"
)

// JSON writes the explanation as one object.
func (e *Explanation) JSON(w io.Writer) error { return indented(w, e) }

func indented(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// Pretty writes the explanation for people.
func (e *Explanation) Pretty(l *Layout) error {
	s := l.sheet()
	s.line(s.paint(bold, shownText(e.Request)))
	s.wrapped("", "  ", e.about(), "")
	s.line("")
	var rows []row
	told := map[string]bool{}
	for i := range e.Fields {
		rows = append(rows, e.Fields[i].rows()...)
		if d := e.Fields[i].Declared; d != "" && !told[d] {
			told[d], rows[len(rows)-1].tail = true, "→ "+d
		}
	}
	if len(rows) == 0 {
		s.line("No field was sent that anything is decided about.")
	} else {
		s.table("", []string{"FIELD", "FOUND", "DECIDED BY", "WRITTEN"}, rows)
	}
	if e.unlisted > 0 {
		s.line(fmt.Sprintf("and %s more, which the entry only counts", plural(e.unlisted, "finding")))
	}
	s.line("")
	e.egress(s)
	e.respond(s)
	e.promises(s)
	e.retain(s)
	_, err := io.WriteString(l.W, s.String())
	return err
}

// about is the line below the head.
func (e *Explanation) about() string {
	parts := []string{e.Direction, e.Service, "seen " + e.Seen}
	if e.Party != nil {
		parts = append(parts, e.Party.text())
	}
	return strings.Join(append(parts, e.At.UTC().Format(time.DateOnly)), " · ")
}

func (p *ExplainedParty) text() string {
	switch p.Source {
	case "declared":
		about := slices.DeleteFunc([]string{p.Country, strings.Join(p.Safeguards, ", ")}, func(s string) bool { return s == "" })
		if p.Expires != "" {
			about = append(about, "agreement to "+p.Expires)
		}
		if len(about) == 0 {
			return p.Use
		}
		return p.Use + " (" + strings.Join(about, ", ") + ")"
	case "undecided":
		return strings.TrimSpace(p.Use+p.Host) + " (declared, but for which use was not seen)"
	case "elsewhere":
		return strings.TrimSpace(p.Use+p.Host) + " (declared for other services alone)"
	}
	if p.Host == "" {
		return "a recipient that is not declared"
	}
	return p.Host + " (not declared)"
}

// rows are a field as the table has it: what is found in it stands one below the other.
func (f *ExplainedField) rows() []row {
	style := green
	if f.Body {
		style = ""
	} else if f.Written == "" {
		style = dim
	}
	line := func(name, found, decided, written string) row {
		return row{cells: []cell{{name, bold}, {found, ""}, {decided, ""}, {written, style}}}
	}
	switch {
	case len(f.Found) == 0 && f.Route != nil:
		return []row{line(f.shown(), "id by route", f.Route.where(), f.Written)}
	case len(f.Found) == 0:
		return []row{line(f.shown(), "no common word", "no route", f.Written)}
	}
	var all []row
	for i := range f.Found {
		g := &f.Found[i]
		written := g.Transform
		switch {
		case f.Body && f.Subject:
			written = "no (body); subjects +1"
		case f.Body:
			written = "no (body)"
		case i == 0 && f.Limited:
			written = "dropped by retain"
		case i == 0 && f.Written == "":
			written = "dropped"
		case i == 0:
			written = f.Written
		case f.Written == "":
			written = ""
		}
		name := f.shown()
		if i > 0 {
			name = ""
		}
		all = append(all, line(name, g.found(i > 0, f.kind.Named()), g.decided(f.unasked), written))
	}
	return all
}

// shown is the place without the request's own first word.
func (f *ExplainedField) shown() string {
	place := strings.TrimPrefix(f.Field, "request.")
	if f.Name != "" {
		return strings.TrimSuffix(place, "*") + f.Name
	}
	return place
}

// found is what was found and how, in lines.
func (g *ExplainedFinding) found(beside, named bool) string {
	switch {
	case g.Category == "" && beside:
		return "what is left"
	case g.Category == "":
		return "nothing"
	}
	var how []string
	if g.Scanned {
		how = append(how, fmt.Sprintf("value .%02d", min(g.Confidence, 99)))
	}
	if g.Named && named {
		how = append(how, "name")
	}
	if len(how) == 0 {
		return string(g.Category)
	}
	return string(g.Category) + "\n  " + strings.Join(how, " + ")
}

func (g *ExplainedFinding) decided(unasked bool) string {
	switch {
	case g.Rule != nil && g.Rule.Line > 0:
		return g.Rule.where() + "\n  " + g.Rule.Name
	case g.Rule != nil:
		return g.Rule.Name
	case unasked:
		return "–"
	}
	return "no rule"
}

func (e *Explanation) egress(s *sheet) {
	v := e.Egress
	if v == nil {
		s.line(s.paint(bold, "EGRESS") + "  nobody else receives this")
		return
	}
	verdict := strings.ToUpper(v.Verdict)
	style := map[string]string{"ALLOW": green, "DENY": red}[verdict]
	if style == "" {
		style = yellow
	}
	text := ""
	if v.By == nil {
		text = "no rule matches: " + filepath.Base(e.Policy) + ", defaults.egress"
	} else {
		text = v.By.ruleText()
	}
	s.wrapped(s.paint(bold, "EGRESS")+"  "+s.paint(style, verdict)+"  ", "        ", text, "")
	if v.Reason != "" {
		s.wrapped("  ", "  ", "reason: "+v.Reason, "")
	}
	if len(v.Strip) > 0 {
		s.wrapped("  ", "    ", "strip: "+categoriesText(v.Strip), "")
	}
	if len(v.Rewrite) > 0 {
		s.wrapped("  ", "    ", "rewrite: "+strings.Join(v.Rewrite, ", "), "")
	}
	for i := range v.Rules {
		r := &v.Rules[i]
		if v.By != nil && r.Name == v.By.Name {
			s.parts(r)
		}
	}
	e.others(s, v, func(r *ExplainedRule) bool { return v.By != nil && r.Name == v.By.Name })
}

func (p *ExplainedPlace) ruleText() string { return p.where() + " " + fmt.Sprintf("%q", p.Name) }

// parts writes a rule's condition, each part with its value and what it reads.
func (s *sheet) parts(r *ExplainedRule) {
	width := 0
	for _, p := range r.Parts {
		width = max(width, len([]rune(p.Text)))
	}
	width = min(width, s.width/2)
	for _, p := range r.Parts {
		value := p.Value
		if reads := p.reads(); reads != "" {
			value += "  (" + reads + ")"
		}
		lead := "  " + p.Text + strings.Repeat(" ", max(width-len([]rune(p.Text)), 0)+4)
		if len([]rune(lead)) > width+6 {
			s.wrapped("  ", "    ", p.Text, "")
			lead = strings.Repeat(" ", width+6)
		}
		s.wrapped(lead, strings.Repeat(" ", width+6), value, "")
	}
}

// reads are the variables of a part, but for those whose value the part itself says.
func (p *ExplainedPart) reads() string {
	var all []string
	for _, v := range p.Reads {
		if p.Value == "true" && strings.Contains(p.Text, `== "`+v.Value+`"`) {
			continue
		}
		all = append(all, v.Text+": "+v.Value)
	}
	return strings.Join(all, ", ")
}

// mostOthers bounds the rules of a kind that are told of though they did not match.
const mostOthers = 10

// others writes the rules that did not decide: all that match, of the rest a few.
func (e *Explanation) others(s *sheet, v *ExplainedVerdict, decided func(*ExplainedRule) bool) {
	told, more := map[string]int{}, 0
	for i := range v.Rules {
		r := &v.Rules[i]
		if decided(r) {
			continue
		}
		if told[r.Result]++; r.Result != "true" && told[r.Result] > mostOthers {
			more++
			continue
		}
		label, style := "no match:  ", dim
		says := r.why(r.Result)
		switch {
		case r.Outranked:
			label, style, says = "outranked: ", "", r.Says
		case r.Result == "true":
			label, style, says = "also:      ", "", r.Says
		case r.Result == "unknown":
			label, style = "not seen:  ", yellow
		case r.Result == "error":
			label, style = "failed:    ", red
		}
		s.wrapped("  ", "             ", strings.TrimSpace(label+r.ruleText()+" "+says), style)
	}
	if more > 0 {
		s.wrapped("  ", "             ", fmt.Sprintf("… and %d more that do not match; --format json has all", more), dim)
	}
}

// why are the parts of a condition that came to a value, as many as it takes.
func (r *ExplainedRule) why(value string) string {
	told := slices.DeleteFunc(slices.Clone(r.Parts), func(p ExplainedPart) bool { return p.Value != value })
	if len(told) == 0 {
		told = r.Parts[max(len(r.Parts)-1, 0):] // of !x, x: what was evaluated last turned it
	}
	var all []string
	for i := range told {
		p := &told[i]
		text := p.Text + " = " + p.Value
		if reads := p.reads(); reads != "" {
			text += " (" + reads + ")"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

func (e *Explanation) respond(s *sheet) {
	v := e.Respond
	if v == nil || len(v.Done)+len(v.Rules) == 0 {
		return
	}
	if len(v.Done) == 0 {
		s.line(s.paint(bold, "RESPOND") + "  nothing is changed")
	}
	for i, d := range v.Done {
		by := "defaults.respond"
		if d.By != nil {
			by = d.By.ruleText()
		}
		lead := strings.Repeat(" ", 9)
		if i == 0 {
			lead = s.paint(bold, "RESPOND") + "  "
		}
		s.wrapped(lead+s.paint(yellow, shownText(d.Does))+"  ", strings.Repeat(" ", 9), by, "")
	}
	e.others(s, v, func(r *ExplainedRule) bool {
		return r.Result == "true" && slices.ContainsFunc(v.Done, func(d ExplainedReply) bool { return d.By != nil && d.By.Name == r.Name })
	})
}

func (e *Explanation) promises(s *sheet) {
	if len(e.Promises) == 0 {
		return
	}
	var parts []string
	for _, state := range []policy.State{policy.Broken, policy.Undecided, policy.Kept, policy.NotConcerned} {
		for i := range e.Promises {
			p := &e.Promises[i]
			if p.State != state.String() {
				continue
			}
			text := p.ID + " " + p.State
			switch {
			case p.Enforced:
				text += " (enforced)"
			case state == policy.Broken || state == policy.Undecided:
				text += " (" + p.where() + ")"
			}
			parts = append(parts, text)
		}
	}
	style := ""
	if strings.Contains(strings.Join(parts, " "), " "+policy.Broken.String()+" ") {
		style = red
	}
	for i, line := range fold(strings.Join(parts, " · "), s.width-10, 0) {
		lead := strings.Repeat(" ", 10)
		if i == 0 {
			lead = s.paint(bold, "PROMISES") + "  "
		} else {
			style = ""
		}
		s.line(lead + s.paint(style, line))
	}
}

func (e *Explanation) retain(s *sheet) {
	r := &e.Retain
	text := "(defaults)"
	if r.By != nil {
		text = r.By.ruleText()
	}
	for _, more := range [][2]string{{"by law: ", r.Law}, {"hold: ", r.Hold}, {"only ", strings.Join(r.Only, ", ")}} {
		if more[1] != "" {
			text += "; " + more[0] + more[1]
		}
	}
	s.wrapped(s.paint(bold, "RETAIN")+"    "+r.Class+"  ", strings.Repeat(" ", 10), text, "")
	e.others(s, &ExplainedVerdict{Rules: r.Rules}, func(o *ExplainedRule) bool { return r.By != nil && o.Name == r.By.Name })
}
