package detect

import (
	"bytes"

	"weir/redact/category"
)

// schemes reports what stands behind "Bearer" (RFC 6750) and "Basic" (RFC 7617), whose
// case does not matter (RFC 9110 section 11.1).
func (s *Scanner) schemes(t []byte) {
	for i := 0; ; {
		n := bytes.IndexByte(t[i:], ' ')
		if n < 0 {
			return
		}
		space := i + n
		i = space + 1
		if space == 0 || t[space-1]|0x20 != 'r' && t[space-1]|0x20 != 'c' {
			continue
		}
		switch end := credentialEnd(t, i); {
		case wordBefore(t, space, "bearer") && end-i >= 8 && mixed(t[i:end]) && !webToken(t[i:end]):
			s.sole(t, i, end, category.Credentials, Sure)
		case wordBefore(t, space, "basic") && end-i >= minToken && pairInside(t[i:end]):
			s.sole(t, i, end, category.Credentials, Certain)
		}
	}
}

// wordBefore reports whether word, which is lower-case, ends at end in any case.
func wordBefore(t []byte, end int, word string) bool {
	start := end - len(word)
	if start < 0 || start > 0 && isAlnum(t[start-1]) {
		return false
	}
	for i := range word {
		if t[start+i]|0x20 != word[i] {
			return false
		}
	}
	return true
}

func webToken(b []byte) bool {
	return bytes.HasPrefix(b, []byte("eyJ")) && bytes.Count(b, []byte{'.'}) >= 2
}

// pairInside reports whether b is base64 of a name, a colon and a password.
func pairInside(b []byte) bool {
	b = bytes.TrimRight(b, "=")
	if len(b)%4 == 1 {
		return false
	}
	colon := false
	for i := 0; i < len(b); i += 4 {
		var four [4]byte
		n := copy(four[:], b[i:])
		for j, c := range four[:n] {
			if sextet[c] == notSextet {
				return false
			}
			four[j] = sextet[c]
		}
		out := [3]byte{four[0]<<2 | four[1]>>4, four[1]<<4 | four[2]>>2, four[2]<<6 | four[3]}
		for _, c := range out[:n-1] {
			if c < ' ' || c == 0x7f {
				return false
			}
			colon = colon || c == ':'
		}
	}
	return colon
}

// privateKeys reports keys in PEM (RFC 7468), whole or torn.
func (s *Scanner) privateKeys(t []byte) {
	const begin, end, mark = "-----BEGIN ", "-----END ", "PRIVATE KEY"
	for i := 0; ; {
		n := bytes.Index(t[i:], []byte(begin))
		if n < 0 {
			return
		}
		start := i + n
		i = start + len(begin)
		label := t[i:min(len(t), i+48)]
		at := bytes.Index(label, []byte("-----"))
		if at < 0 || !bytes.Contains(label[:at], []byte(mark)) {
			continue
		}
		i += at + len("-----")
		if at := bytes.Index(t[i:], []byte(end)); at >= 0 {
			i += at + len(end)
			if at := bytes.Index(t[i:min(len(t), i+48)], []byte("-----")); at >= 0 {
				i += at + len("-----")
			}
		} else {
			i = len(t) // what is behind a torn one may all be of the key
		}
		s.sole(t, start, i, category.Credentials, Certain)
	}
}

// clickIDs reports the values of the parameters that advertisers' clicks are known by,
// in a URL that stands in a text.
func (s *Scanner) clickIDs(t []byte) {
	for i := 0; ; {
		n := bytes.Index(t[i:], []byte("d="))
		if n < 0 {
			return
		}
		equals := i + n + 1
		i = equals + 1
		name := equals
		for name > 0 && equals-name < 16 && (isAlnum(t[name-1]) || t[name-1] == '_') {
			name--
		}
		if !clickName(t[name:equals]) {
			continue
		}
		end := part(t, i)
		for end < len(t) && (t[end] == '.' || t[end] == '~' || t[end] == '%') && end+1 < len(t) && isAlnum(t[end+1]) {
			end = part(t, end+1)
		}
		if end-i >= 6 {
			s.sole(t, i, end, category.UniqueID, Sure)
			i = end
		}
	}
}

func clickName(name []byte) bool {
	switch string(name) {
	case "gclid", "fbclid", "msclkid", "dclid", "gbraid", "wbraid", "ttclid", "twclid", "yclid", "li_fat_id", "igshid", "rdt_cid", "irclickid", "clickid", "click_id", "mc_eid", "vero_id",
		"ScCid", "sccid", "sclid", "wickedid", "oly_anon_id", "oly_enc_id", "qclid", "epcid", "tblci_cid":
		return true
	}
	return false
}
