package transform

// Characters that stand for themselves in a path's segment and in a query (RFC
// 3986 section 3.3 and 3.4). Braces are never among them: only a template
// writes those.
var (
	segmentPlain = set("!$'()*,:@=")
	queryPlain   = set("!$'()*,:@/?[]")
)

func set(chars string) (plain [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~" + chars) {
		plain[c] = true
	}
	return plain
}

func (e Encoding) plain() *[256]bool {
	if e == Segment {
		return &segmentPlain
	}
	return &queryPlain
}

func needsEncoding(b []byte, e Encoding) bool {
	if e == Plain {
		return false
	}
	plain := e.plain()
	for _, c := range b {
		if !plain[c] {
			return true
		}
	}
	return e == Segment && dots(b)
}

// dots reports whether b is a segment that a reader would resolve.
func dots(b []byte) bool { return string(b) == "." || string(b) == ".." }

func appendEncoded(dst, b []byte, e Encoding) []byte {
	const digits = "0123456789ABCDEF"
	if e == Plain {
		return append(dst, b...)
	}
	plain, hide := e.plain(), e == Segment && dots(b)
	for _, c := range b {
		if plain[c] && !hide {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', digits[c>>4], digits[c&15])
		}
	}
	return dst
}

func appendEncodedString(dst []byte, s string, e Encoding) []byte {
	if e == Plain {
		return append(dst, s...)
	}
	plain := e.plain()
	for i := range len(s) {
		if !plain[s[i]] {
			return appendEncoded(dst, []byte(s), e)
		}
	}
	return append(dst, s...)
}
