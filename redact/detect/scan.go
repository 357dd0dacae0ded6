package detect

import (
	"math"
	"slices"

	"weir/redact/category"
)

// The bounds of a scan. What lies beyond them is not looked at, and the scan
// says that it is not complete.
const (
	MaxText     = 32 << 10 // bytes of one text
	MaxFindings = 256      // of one text
	maxDepth    = 6        // layers of encoding, one in another
	maxTokens   = 3        // of them base64
)

// Scanner finds identifiers in texts, one text after the other. Its zero value
// is ready; it keeps its memory from scan to scan, allocates none once that is
// large enough, and belongs to one goroutine at a time.
type Scanner struct {
	set      *Set // nil: the built-in one
	name     []byte
	findings []Finding
	values   []byte // decoded values of findings
	layers   [maxDepth]layer
	depth    int
	figures  figures
	tokens   int  // base64 layers among those above
	binary   bool // the layer at hand is a decoded token that is not text
	how      How
	budget   int // bytes that may still be decoded
	cut      bool
}

// layer is a text decoded from the one above it, with the offset there of what
// each byte was decoded from, and one more: the length of the text above.
type layer struct {
	text []byte
	from []uint16
}

// Scan returns what it finds in text, ordered by Start; of findings that begin
// together the longer comes first. Findings of unlike categories may overlap,
// and a base64 token that hides several identifiers gives one finding for each,
// all with the token's span.
//
// complete is false where a bound cut the scan short: then text may hold
// identifiers that are not among the findings. Time is linear in len(text).
func (s *Scanner) Scan(text []byte) (findings []Finding, complete bool) {
	if len(text) > MaxText {
		f, _ := s.Scan(text[:MaxText])
		return f, false
	}
	set := s.inForce()
	seen := sweep(text) & set.signs
	if seen&^(signDotDigit|signDigitDot|signHexDot|signDotHex|signHexColon|signColonHex|signSchemeEnd|signArpa) == 0 && !hasDots(seen) && !hasColons(seen) && !hasArpa(seen) &&
		len(set.own) == 0 || seen == signDigits && len(text) < leastDigits && len(set.own) == 0 {
		return nil, true
	}
	s.findings, s.values = s.findings[:0], s.values[:0]
	s.depth, s.tokens, s.binary, s.how, s.cut = 0, 0, false, Plain, false
	s.budget = 6*len(text) + 1024
	s.scan(text, seen)
	s.resolve()
	s.allow()
	return s.findings, !s.cut
}

// The memory that Forget leaves, in findings and in bytes of each layer.
const (
	keepFindings = 32
	keepLayer    = 4 << 10
)

// Forget lets go of the texts that were scanned, and of memory that few need: who
// sends one long text in many escapes must not hold as much for good.
func (s *Scanner) Forget() {
	if cap(s.findings) > keepFindings {
		s.findings = nil
	}
	clear(s.findings[:cap(s.findings)])
	s.name = nil
	s.findings = s.findings[:0]
	if cap(s.values) > keepLayer {
		s.values = nil
	}
	for i := range s.layers {
		if cap(s.layers[i].text) > keepLayer {
			s.layers[i] = layer{}
		}
	}
}

func hasDots(seen signs) bool {
	return seen&(signDotDigit|signDigitDot) == signDotDigit|signDigitDot || seen&(signHexDot|signDotHex) == signHexDot|signDotHex
}

// hasArpa is of 203.in-addr.arpa and ip6.arpa.
func hasArpa(seen signs) bool {
	return seen&(signArpa|signDigitDot) == signArpa|signDigitDot
}

func hasColons(seen signs) bool {
	return seen&(signHexColon|signColonHex) == signHexColon|signColonHex
}

// scan looks through one layer, and through those that it hides.
func (s *Scanner) scan(t []byte, seen signs) {
	set := s.inForce()
	seen &= set.signs
	if hasDots(seen) {
		s.addresses4(t)
	}
	if seen&signColons != 0 || hasColons(seen) {
		s.addresses6(t, seen&signColons != 0)
	}
	if hasArpa(seen) {
		s.arpa(t)
	}
	if seen&signAt != 0 {
		s.emails(t)
	}
	if seen&signJSON != 0 {
		s.webTokens(t)
	}
	if !s.binary {
		s.written(t, seen)
	}
	if seen&signsEscape != 0 && s.inner(t, Escaped, unescape) {
		return
	}
	if seen&signHigh != 0 && s.inner(t, Folded, fold) {
		return
	}
	if seen&(signCamel|signsHiddenAt) != 0 {
		s.base64(t, seen&signsHiddenAt != 0)
	}
}

// written looks for what bytes that nobody wrote would be by chance too often.
func (s *Scanner) written(t []byte, seen signs) {
	set := s.inForce()
	if seen&signDashes != 0 {
		s.privateKeys(t)
	}
	if seen&signScheme != 0 && seen&signSchemeEnd != 0 {
		s.schemes(t)
	}
	if seen&signClick != 0 {
		s.clickIDs(t)
	}
	if seen&signDigits != 0 && set.kinds&numberKinds != 0 {
		s.numbers(t)
	}
	if seen&(signDigits|signCamel) != 0 && set.kinds&runKinds != 0 {
		s.runs(t)
	}
	for _, own := range set.own {
		s.ownFindings(t, own)
	}
}

// ownFindings reports what a detector of the user's finds.
func (s *Scanner) ownFindings(t []byte, own Own) {
	for from := 0; from < len(t); {
		start, end, confidence, ok := own.Next(t, s.name, from)
		if !ok || start < from || end <= start || end > len(t) {
			return
		}
		s.report(t, start, end, own.Category(), confidence)
		from = end
	}
}

// inner decodes t with decode and scans what comes out. It reports whether
// there was anything to decode.
func (s *Scanner) inner(t []byte, how How, decode func(l *layer, t []byte) bool) bool {
	if s.depth == maxDepth || s.budget < len(t) || len(t) > math.MaxUint16 {
		s.cut = true
		return false
	}
	l := &s.layers[s.depth]
	if !decode(l, t) {
		return false
	}
	s.budget -= len(t)
	outer, first := s.how, len(s.findings)
	s.how = how
	s.depth++
	s.scan(l.text, sweep(l.text))
	s.depth--
	s.how = outer
	for i := range s.findings[first:] {
		f := &s.findings[first+i]
		f.Start = int(l.from[f.Start])
		// The end is that of all that the last byte was decoded from.
		end := f.End
		for end < len(l.text) && l.from[end] == l.from[f.End-1] {
			end++
		}
		f.End = int(l.from[end])
	}
	return true
}

// report adds a finding of t[start:end].
func (s *Scanner) report(t []byte, start, end int, c category.Key, confidence uint8) {
	if len(s.findings) == MaxFindings {
		s.cut = true
		return
	}
	value := t[start:end:end]
	if s.depth > 0 {
		// A layer's text gives way to the next one's.
		n := len(s.values)
		s.values = append(s.values, value...)
		value = s.values[n:len(s.values):len(s.values)]
		confidence = min(confidence, Sure)
	}
	s.findings = append(s.findings, Finding{
		Start: start, End: end, Category: c, How: s.how, Confidence: confidence, Value: value, depth: uint8(s.depth),
	})
}

// resolve orders the findings and leaves one where several of one category
// overlap: the one from the deeper layer, which is the better decoded, else the
// longer. Those of one token stay side by side.
func (s *Scanner) resolve() {
	if len(s.findings) < 2 {
		return
	}
	slices.SortFunc(s.findings, func(a, b Finding) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		if a.End != b.End {
			return b.End - a.End
		}
		return int(b.depth) - int(a.depth)
	})
	kept := s.findings[:0]
	token := Finding{}
	for _, f := range s.findings {
		if f.How == Token {
			token = f
		} else if f.How == Base64 && f.Start < token.End {
			// A part of a JSON Web Token is nothing without the others.
			f.Start, f.End = token.Start, token.End
		}
		i := rival(kept, f)
		if i < 0 {
			kept = append(kept, f)
			continue
		}
		k := &kept[i]
		crossing := f.Start > k.Start && f.End > k.End
		start, end := k.Start, f.End
		if better(f, *k) {
			*k = f
		}
		if crossing { // a@b.dk@c.dk: neither may leave a part of the other
			k.Start, k.End = start, end
		}
	}
	s.findings = kept
	s.contest()
}

// contest leaves one of two findings of unlike categories that overlap, where one of
// them says that it leaves no room for another: the surer, else the longer.
func (s *Scanner) contest() {
	kept := s.findings[:0]
next:
	for _, f := range s.findings {
		for i := len(kept) - 1; i >= 0 && i >= len(kept)-8; i-- {
			k := &kept[i]
			if k.End <= f.Start || k.Category == f.Category || !k.sole && !f.sole || k.How == Base64 || f.How == Base64 ||
				k.Category == category.DeviceID && !k.sole || f.Category == category.DeviceID && !f.sole {
				continue
			}
			if k.Category == category.Email && f.Category == category.Credentials && f.sole && f.Confidence == Certain && f.End < k.End {
				kept = slices.Delete(kept, i, i+1) // the key of an issuer's in a URL, before its host
				continue
			}
			stronger := f.Confidence > k.Confidence || f.Confidence == k.Confidence && f.End-f.Start > k.End-k.Start
			if f.sole && !stronger {
				continue next
			}
			if k.sole && stronger {
				kept = slices.Delete(kept, i, i+1)
			}
		}
		kept = append(kept, f)
	}
	s.findings = kept
}

// allow takes out the findings that the set says are nobody's.
func (s *Scanner) allow() {
	if a := s.inForce().allowed; a != nil {
		s.findings = slices.DeleteFunc(s.findings, func(f Finding) bool {
			value := f.Value
			if f.route != 0 {
				n := len(s.values)
				s.values = append(append(s.values, f.route), value...)
				value, s.values = s.values[n:], s.values[:n]
			}
			return a.Allows(f.Category, value)
		})
	}
}

// rival returns the index of a finding in kept that says the same as f: -1
// where there is none.
func rival(kept []Finding, f Finding) int {
	for i := len(kept) - 1; i >= 0 && i >= len(kept)-8; i-- {
		k := kept[i]
		if k.Category != f.Category || k.End <= f.Start {
			continue
		}
		if k.How == Base64 && f.How == Base64 && k.Start == f.Start && k.End == f.End && string(k.Value) != string(f.Value) {
			continue
		}
		return i
	}
	return -1
}

// better reports whether f is to be kept and not k, which overlaps it.
func better(f, k Finding) bool {
	if f.Start == k.Start && f.End == k.End && string(f.Value) == string(k.Value) {
		return f.depth < k.depth // decoding changed nothing here
	}
	if f.depth != k.depth {
		return f.depth > k.depth
	}
	if f.End <= k.End {
		return false // k holds f, as a mapped address its quad
	}
	return f.Start == k.Start || f.Confidence > k.Confidence
}
