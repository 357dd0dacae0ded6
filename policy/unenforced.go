package policy

// Unenforced are the sections of the file that are judged in tests and explanations, but
// not carried out on what passes by, in the file's usual order.
func (p *Policy) Unenforced() []string {
	d := p.document
	var out []string
	for _, s := range []struct {
		name string
		used bool
	}{
		{"collects", len(d.collects) > 0},
		{"egress", d.judging.egresses},
		{"respond", len(d.judging.respond) > 0 || d.judging.defaults.respond != Allow},
		{"promises", len(d.promises) > 0},
		{"residency", len(d.residency.Countries) > 0},
	} {
		if s.used {
			out = append(out, s.name)
		}
	}
	return out
}
