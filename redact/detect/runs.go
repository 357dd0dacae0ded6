package detect

import (
	"bytes"

	"weir/redact/category"
)

// leastRun is how long a run of letters, digits, - and _ must be to be looked at:
// nothing that is recognised among them is shorter.
const leastRun = 16

// runByte marks what such runs are made of.
var runByte = func() (t [256]bool) {
	for i := range t {
		t[i] = isTokenByte(byte(i))
	}
	return t
}()

// runs looks at the long runs of t: keys, UUIDs, MAC addresses with hyphens, Italian
// numbers. Of each leastRun bytes it reads one, until that is part of a run.
func (s *Scanner) runs(t []byte) {
	low := 0
	for i := leastRun - 1; i < len(t); {
		if !runByte[t[i]] {
			i += leastRun
			continue
		}
		start, end := i, i+1
		for start > low && runByte[t[start-1]] {
			start--
		}
		for end < len(t) && runByte[t[end]] {
			end++
		}
		if end-start >= leastRun {
			s.run(t, start, end)
		}
		low, i = end, end+leastRun
	}
}

func (s *Scanner) run(t []byte, start, end int) {
	k := s.inForce().kinds
	run := t[start:end]
	if end < len(t) && t[end] == '@' {
		if k&kindCredentials != 0 {
			s.issued(t, start, end) // https://user:key@host
		}
		return
	}
	if !hasDigit(run) {
		if k&kindCredentials != 0 && !isLower(run) && !s.issued(t, start, end) {
			s.named(t, start, end)
		}
		return
	}
	if k&(kindUUID|kindMAC) != 0 && s.uuids(t, start, end) {
		return
	}
	if k&kindCredentials != 0 && s.secret(t, start, end) {
		return
	}
	switch {
	case k&kindMAC != 0 && len(run) == macLength && isMAC(run, '-'):
		s.sole(t, start, end, category.DeviceID, Sure)
	case k&kindNational != 0 && len(run) == 16 && isLetter(run[0]) && fiscal(run):
		confidence := uint8(Certain)
		if run[0] >= 'a' {
			confidence = Likely
		}
		s.sole(t, start, end, category.NationalNumber, confidence)
	}
}

func hasDigit(b []byte) bool {
	for _, c := range b {
		if isDigit(c) {
			return true
		}
	}
	return false
}

// isLower reports whether b has no capital.
func isLower(b []byte) bool {
	for _, c := range b {
		if c >= 'A' && c <= 'Z' {
			return false
		}
	}
	return true
}

// The lengths of what is written in hexadecimal.
const (
	uuidLength = 36
	macLength  = 17
)

// uuids reports the UUIDs (RFC 9562) in a run. By itself one is as often of a request
// or a file as of a person; behind words for it, it is an advertising identifier.
func (s *Scanner) uuids(t []byte, start, end int) bool {
	found := false
	for i := start; i+uuidLength <= end; {
		hyphen := bytes.IndexByte(t[i+8:end], '-')
		if hyphen < 0 {
			break
		}
		at := i + hyphen
		if at+uuidLength > end || !isUUID(t[at:at+uuidLength]) || at > start && isAlnum(t[at-1]) || at+uuidLength < end && isAlnum(t[at+uuidLength]) {
			i = at + 1
			continue
		}
		s.uuid(t, at)
		found, i = true, at+uuidLength
	}
	return found
}

func (s *Scanner) uuid(t []byte, at int) {
	end, k := at+uuidLength, s.inForce().kinds
	switch near := s.figures.names.before(t, at); {
	case near&hintDevice != 0 && k&kindMAC != 0:
		s.sole(t, at, end, category.DeviceID, Sure)
	case near&hintCredentials != 0 && k&kindCredentials != 0:
		s.sole(t, at, end, category.Credentials, Likely)
	case k&kindUUID != 0:
		s.sole(t, at, end, category.UniqueID, Possible)
	}
	// Version 1 ends in the address of a network card, or in random bits of which
	// the one for groups is set (RFC 9562 section 6.10).
	if node := t[end-12 : end]; k&kindMAC != 0 && t[at+14] == '1' && unhex(node[1])&1 == 0 {
		s.report(t, end-12, end, category.DeviceID, Likely)
	}
}

// isUUID reports whether b is 8-4-4-4-12 hexadecimal digits, of a version and variant
// that there is.
func isUUID(b []byte) bool {
	for i, c := range b {
		if hyphen := i == 8 || i == 13 || i == 18 || i == 23; hyphen != (c == '-') || !hyphen && !isHex(c) {
			return false
		}
	}
	variant := unhex(b[19])
	return b[14] >= '1' && b[14] <= '8' && variant >= 8 && variant <= 0xd
}

// isMAC reports whether b is six pairs of hexadecimal digits with sign between them,
// and neither nobody's nor everybody's.
func isMAC(b []byte, sign byte) bool {
	if len(b) != macLength {
		return false
	}
	same := true
	for i, c := range b {
		if i%3 == 2 {
			if c != sign {
				return false
			}
			continue
		}
		if !isHex(c) {
			return false
		}
		same = same && c == b[0]
	}
	return !same
}
