package transform

import "bytes"

// origin appends scheme and registrable domain of a URL, or the host where it
// may be written whole. A URL without an http scheme or whose host is an
// address has no answer.
func (m *Maker) origin(text []byte) bool {
	scheme, rest := "https://", text
	switch {
	case hasPrefixFold(text, "https://"):
		rest = text[len("https://"):]
	case hasPrefixFold(text, "http://"):
		scheme, rest = "http://", text[len("http://"):]
	default:
		return false
	}
	if at := bytes.IndexAny(rest, `/?#\`); at >= 0 {
		rest = rest[:at]
	}
	if at := bytes.LastIndexByte(rest, '@'); at >= 0 {
		rest = rest[at+1:]
	}
	if at := bytes.IndexByte(rest, ':'); at >= 0 {
		rest = rest[:at]
	}
	start := len(m.sheet.buf)
	m.sheet.buf = append(m.sheet.buf, scheme...)
	if m.domain(rest) {
		return true
	}
	m.sheet.buf = m.sheet.buf[:start]
	return false
}

// domain appends the host where it may be written whole, else its registrable domain.
func (m *Maker) domain(host []byte) bool {
	if name, ok := m.hosts.Known(host); ok {
		m.sheet.buf = append(m.sheet.buf, name...)
		m.own = true
		return true
	}
	var ok bool
	if m.scratch, ok = lowerHost(m.scratch[:0], host); !ok {
		return false
	}
	domain, ok := registrable(m.scratch)
	m.sheet.buf = append(m.sheet.buf, domain...)
	return ok
}

// Domain adds what may be written of a host without asking anybody: the
// host where it may be written whole; else, where wide is set, its registrable
// domain; else nothing, and the answer is false.
func (m *Maker) Domain(host []byte, wide bool) bool {
	if name, ok := m.hosts.Known(host); ok {
		m.Literal(name)
		return true
	}
	start := len(m.sheet.buf)
	if !wide || !m.domain(host) {
		m.sheet.buf = m.sheet.buf[:start]
		return false
	}
	m.piece(start, Source{kind: KindOrigin})
	return true
}

// Known reports whether a host is one that may be written whole.
func (m *Maker) Known(host []byte) bool {
	_, ok := m.hosts.Known(host)
	return ok
}

func hasPrefixFold(b []byte, lower string) bool {
	if len(b) < len(lower) {
		return false
	}
	for i := range len(lower) {
		c := b[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// mailDomain appends the domain of a mail address in its canonical form, or the
// domain that mail is. Text without an @ could as well be a name with dots
// in it: only what is below a public suffix is a domain.
func (m *Maker) mailDomain(mail []byte) bool {
	host := mail[bytes.LastIndexByte(mail, '@')+1:]
	return m.domain(host) && (m.own || listed(host))
}

// template appends the template of a path, and of a URL its origin before it.
func (m *Maker) template(v *Value) bool {
	if len(v.Path) == 0 || v.Text[0] != '/' && !m.origin(v.Text) {
		return false
	}
	m.sheet.buf = append(m.sheet.buf, v.Path...)
	return true
}

// PathOf is the path of a URL with a scheme and a host, or of a text that begins
// with a slash, empty where it has none. ok is false for all else: a
// reference without a scheme or to a place beside it, mailto:, what a browser
// would read as a host.
func PathOf(text []byte) (path []byte, ok bool) {
	_, rest, ok := WithoutQuery(text)
	if !ok || text[0] == '/' {
		return rest, ok
	}
	at := bytes.IndexByte(rest, '/')
	if at < 0 {
		return nil, true
	}
	return rest[at:], true
}

// WithoutQuery is a URL with a scheme and a host, or a path from its first slash
// on, in the two parts that are left of it without user information,
// parameters (RFC 3986 section 3.3), query and fragment, also where these are
// percent-encoded: the scheme and its slashes, and host, port and path. ok is
// false for what is neither.
func WithoutQuery(text []byte) (scheme, rest []byte, ok bool) {
	for _, c := range text {
		if c <= ' ' || c == '\\' || c == 0x7f {
			return nil, nil, false // programs disagree on what such a text is
		}
	}
	text = text[:pathEnd(text)]
	if len(text) > 0 && text[0] == '/' {
		return nil, text, len(text) == 1 || text[1] != '/'
	}
	at := bytes.Index(text, []byte("://"))
	if at <= 0 || !schemeName(text[:at]) {
		return nil, nil, false
	}
	scheme, rest = text[:at+3], text[at+3:]
	end := bytes.IndexByte(rest, '/')
	if end < 0 {
		end = len(rest)
	}
	if user := bytes.LastIndexByte(rest[:end], '@'); user >= 0 {
		rest, end = rest[user+1:], end-user-1
	}
	return scheme, rest, end > 0 && bytes.IndexByte(rest[:end], '%') < 0
}

// Cuts reports whether k leaves a part of a URL, whose findings are those of that
// part alone.
func (k Kind) Cuts() bool { return k == KindOrigin || k == KindTemplate || k == KindNoQuery }

// Left is where the part of a URL stands that k, which cuts, leaves beside the
// scheme: host, port and path for NoQuery; for the others, which write nothing else
// that stands in it, the host and port. ok is false for what k drops.
func (k Kind) Left(url []byte) (start, end int, ok bool) {
	_, rest, ok := WithoutQuery(url)
	if !ok {
		return 0, 0, false
	}
	end = pathEnd(url)
	start = end - len(rest)
	if at := bytes.IndexByte(rest, '/'); at >= 0 && k != KindNoQuery {
		end = start + at
	}
	return start, end, true
}

// pathEnd is where parameters, a query or a fragment begin in a URL. They also do
// where the sign before them is percent-encoded, once or more: a URL that was
// encoded as a whole must not bring its query along.
func pathEnd(url []byte) int {
	for i, c := range url {
		switch c {
		case '?', '#', ';':
			return i
		case '%':
			if i+2 < len(url) {
				switch string([]byte{url[i+1], url[i+2] | 0x20}) {
				case "3f", "23", "3b", "25":
					return i
				}
			}
		}
	}
	return len(url)
}

// schemeName reports whether b is the name of a scheme (RFC 3986 section 3.1).
func schemeName(b []byte) bool {
	for i, c := range b {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (i == 0 || !('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.')) {
			return false
		}
	}
	return true
}

// appendDate appends a year and a month, or a year where that is 0. A year
// that nobody alive was born in is none.
func appendDate(dst []byte, year, month int) ([]byte, bool) {
	if year < firstYear || year > lastYear || month < 0 || month > 12 {
		return dst, false
	}
	dst = append(dst, byte('0'+year/1000), byte('0'+year/100%10), byte('0'+year/10%10), byte('0'+year%10))
	if month > 0 {
		dst = append(dst, '-', byte('0'+month/10), byte('0'+month%10))
	}
	return dst, true
}

// Years outside of these are no part of a date that is written.
const (
	firstYear = 1800
	lastYear  = 2199
)
