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
		if dot+9 <= len(t) {
			// An address has its next dot within four bytes, or some more with zeros.
			w := binary.LittleEndian.Uint64(t[dot+1:])
			if equal(w&^highBits, '.')&^w&highBits == 0 {
				i = dot + 1
				continue
			}
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
		if quad, ok := parse4(t[start:stop]); ok && s.inForce().kinds&kindAddress != 0 && !inWord(t, start, stop) && !reducedVersion(t, start, stop) && !versionWord(t, start) && !versionOf(t, start, stop, quad) && !released(t, start, stop, quad) {
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

// versionWord reports whether what begins at start stands behind a word that says it
// is a version.
func versionWord(t []byte, start int) bool {
	if start < 2 || t[start-1] != ' ' {
		return false
	}
	word := bytes.TrimSuffix(nameBefore(t, start-1), []byte("."))
	var buf [8]byte
	if len(word) > len(buf) {
		return false
	}
	word = buf[:copy(buf[:], word)]
	lower(word)
	switch string(word) {
	case "v", "ver", "build", "version", "release", "firmware":
		return true
	}
	return false
}

// versionOf reports whether quad at start is the version of a product, as user agents
// write it (RFC 9110 section 10.1.5). An address stands behind a slash as well, as
// where Java prints the name and the address of a host. So the product is a known
// one, or begins the text and has a comment behind it, and the groups are as small
// as those of versions.
func versionOf(t []byte, start, end int, quad [4]byte) bool {
	if start < 2 || t[start-1] != '/' {
		return false
	}
	name := nameBefore(t, start-1)
	if product(name) {
		return quad[0] < 160 && quad[1] < 32
	}
	return len(name) == start-1 && len(name) > 0 && name[0] >= 'A' && name[0] <= 'Z' && bytes.HasPrefix(t[end:], []byte(" (")) &&
		quad[0] < 10 && quad[1] < 32 && quad[2] < 32 && quad[3] < 32
}

// nameBefore returns the name that ends at end, as far as products and hosts have them.
func nameBefore(t []byte, end int) []byte {
	i := end
	for i > 0 && end-i < 32 && (isAlnum(t[i-1]) || t[i-1] == '-' || t[i-1] == '_' || t[i-1] == '.') {
		i--
	}
	return t[i:end]
}

// product reports whether name is that of a browser, or of what else has a version of
// four groups in user agents and servers' signatures.
func product(name []byte) bool {
	switch string(name) {
	case "Chrome", "Chromium", "HeadlessChrome", "CriOS", "Edg", "EdgA", "EdgiOS", "OPR", "OPT", "OPX", "OPRGX", "Opera", "Vivaldi", "YaBrowser", "Yowser", "YaApp_Android", "Whale",
		"SamsungBrowser", "Version", "Brave", "Firefox", "FxiOS", "Safari", "UCBrowser", "MiuiBrowser", "HuaweiBrowser", "QQBrowser", "MQQBrowser", "MicroMessenger", "HeyTapBrowser", "VivoBrowser",
		"Electron", "Viber", "Platinum", "FBAV", "GSA", "Maxthon", "Avast", "coc_coc_browser", "CocCoc", "Instagram", "Snapchat", "WhatsApp", "openresty",
		"OculusBrowser", "Sleipnir", "Falkon", "Konqueror", "QtWebEngine", "CefSharp", "Seamonkey", "AlohaBrowser", "Ddg", "DuckDuckGo":
		return true
	}
	return false
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
