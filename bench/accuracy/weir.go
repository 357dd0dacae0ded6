package main

import "weir/redact/detect"

// weir asks weir's detectors, as they are without a policy.
type weir struct {
	scanner detect.Scanner
	cut     int // texts that were not scanned to their end
}

func (w *weir) find(of *sample) (found []finding) {
	text := of.Text
	w.scanner.In([]byte(of.Field))
	if of.Field != "" {
		text = of.Value
		if m, ok := detect.Lookup([]byte(of.Field)); ok && !m.Harmless {
			found = append(found, finding{category: m.Category})
		}
	}
	all, complete := w.scanner.Scan([]byte(text))
	if !complete {
		w.cut++
	}
	for _, f := range all {
		decoded := f.How == detect.Base64 || f.How == detect.Token
		found = append(found, finding{f.Start, f.End, f.Category, decoded})
	}
	return found
}
