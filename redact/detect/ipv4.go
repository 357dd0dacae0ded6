package detect

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"weir/redact/category"
)

// addresses4 finds dotted quads. A run of digits and dots is taken as a whole:
// five groups, or a group over 255, are no address. Leading zeros are read as
// decimal. A letter that touches a quad makes it part of a word.
func (s *Scanner) addresses4(t []byte) {
	for i := 0; i < len(t); {
		dot := nextByte(t, i, '.')
		if dot == len(t) {
			return
		}
		if dot+10 <= len(t) && dot-4 >= i && t[dot+5] == '.' && s.dottedMAC(t, dot-4) {
			i = dot + 10
			continue
		}
		start := dot
		for start > i && isDigit(t[start-1]) {
			start--
		}
		end := dot + 1
		for end < len(t) && (isDigit(t[end]) || t[end] == '.') {
			end++
		}
		i = end
		if end-start >= len("1.1.1.1") {
			s.quads(t, start, end)
		}
	}
}

// dottedMAC reports a network card's address as routers write it, three groups of four
// hexadecimal digits: 001a.2b3c.4d5e.
func (s *Scanner) dottedMAC(t []byte, start int) bool {
	end, letters := start+14, false
	for i, c := range t[start:end] {
		if i%5 == 4 {
			continue
		}
		if !isHex(c) {
			return false
		}
		letters = letters || isLetter(c)
	}
	if !letters || s.binary || s.inForce().kinds&kindMAC == 0 || inWord(t, start, end) || end < len(t) && t[end] == '.' && end+1 < len(t) && isAlnum(t[end+1]) || start > 0 && t[start-1] == '.' {
		return false
	}
	s.sole(t, start, end, category.DeviceID, Sure)
	return true
}

// nextByte returns the offset of the first c at or behind i, or the end of t. What it
// looks for stands too close together for bytes.IndexByte.
func nextByte(t []byte, i int, c byte) int {
	for i+8 <= len(t) {
		w := binary.LittleEndian.Uint64(t[i:]) ^ uint64(c)*eachByte
		if m := (w - eachByte) &^ w & highBits; m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
		i += 8
	}
	for i < len(t) && t[i] != c {
		i++
	}
	return i
}

// quads reports what of a run of digits and dots is an address: each stretch
// of four groups that empty groups, or the run's ends, cut off.
func (s *Scanner) quads(t []byte, start, end int) {
	for start < end {
		if t[start] == '.' {
			start++
			continue
		}
		stop := start + 1
		for stop < end && !(t[stop] == '.' && (stop+1 == end || t[stop+1] == '.')) {
			stop++
		}
		if _, ok := parse4(t[start:stop]); ok && s.inForce().kinds&kindAddress != 0 && !inWord(t, start, stop) && !reducedVersion(t, start, stop) && !versionOf(t, start) {
			confidence := uint8(Certain)
			if start > 1 && t[start-1] == '/' && isLetter(t[start-2]) {
				confidence = Possible // name/1.2.3.4, as versions are written
			}
			s.report(t, start, stop, category.IPAddress, confidence)
		}
		start = stop
	}
}

// inWord reports whether a letter or digit touches t[start:end].
func inWord(t []byte, start, end int) bool {
	return start > 0 && isAlnum(t[start-1]) || end < len(t) && isAlnum(t[end])
}

// reducedVersion reports whether t[start:end] is a browser's reduced version,
// as in Chrome/131.0.0.0: behind a name and a slash, all zeros but for the
// first group. As an address it would be a network's own, that no host has.
func reducedVersion(t []byte, start, end int) bool {
	return start > 1 && t[start-1] == '/' && isLetter(t[start-2]) && bytes.HasSuffix(t[start:end], []byte(".0.0.0"))
}

// versionOf reports whether what begins at start is the version of something: behind
// the word, or behind a product as user agents name it (RFC 9110 section 10.1.5), a
// capital first, and a slash.
func versionOf(t []byte, start int) bool {
	if start < 3 {
		return false
	}
	end := start - 1
	if t[end] != '/' && t[end] != ' ' {
		return false
	}
	i := end
	for i > 0 && end-i < 32 && (isAlnum(t[i-1]) || t[i-1] == '-' || t[i-1] == '_' || t[i-1] == '.') {
		i--
	}
	name := t[i:end]
	if len(name) == 0 {
		return false
	}
	if t[end] == ' ' {
		switch {
		case bytes.EqualFold(name, []byte("version")), bytes.EqualFold(name, []byte("ver.")), bytes.EqualFold(name, []byte("release")), bytes.EqualFold(name, []byte("build")),
			bytes.EqualFold(name, []byte("firmware")):
			return true
		}
		var buf [16]byte
		if len(name) > len(buf) {
			return false
		}
		word := buf[:copy(buf[:], name)]
		lower(word)
		switch string(word) {
		case "nginx", "openssl", "openssh", "apache", "php", "mysql", "mariadb", "postgres", "postgresql", "redis", "node", "python", "java", "chrome", "firefox", "safari", "edge", "opera",
			"android", "ios", "windows", "linux", "kernel", "docker", "kubernetes", "instagram", "snapchat", "whatsapp", "squid", "haproxy", "envoy", "caddy", "tomcat", "jetty":
			return true
		}
		return false
	}
	begins := i == 0 || t[i-1] == ' ' || t[i-1] == '(' || t[i-1] == ';' || t[i-1] == '['
	return begins && name[0] >= 'A' && name[0] <= 'Z' && !bytes.HasSuffix(name, []byte("IP"))
}

// parse4 reads four decimal groups up to 255. Leading zeros count for nothing.
func parse4(b []byte) (a [4]byte, ok bool) {
	group, digits, value := 0, 0, 0
	for _, c := range b {
		switch {
		case isDigit(c):
			if value = value*10 + int(c-'0'); value > 255 {
				return a, false
			}
			digits++
		case c == '.' && digits > 0 && group < 3:
			a[group] = byte(value)
			group, digits, value = group+1, 0, 0
		default:
			return a, false
		}
	}
	if group != 3 || digits == 0 {
		return a, false
	}
	a[3] = byte(value)
	return a, true
}
