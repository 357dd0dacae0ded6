package walk

import (
	"bytes"
	"strings"

	"weir/redact/raw"
)

// URL is the shape of a URL: what its fields do not say.
type URL struct {
	// Within is the header that the URL stands in, nil for the request's own.
	Within *raw.Place
	// Opaque is set for text that is no http URL and no reference to one. It has
	// no parts; the header's own field holds it.
	Opaque bool
	// Scheme is raw.SchemeUnknown in a relative reference.
	Scheme raw.Scheme
	// Host and Port are empty in a reference without an authority. Host is
	// without the brackets of an IPv6 address.
	Host, Port raw.Text
	// Path is whole, as it was sent; its segments come as fields.
	Path     raw.Text
	HasQuery bool
}

// own visits the URL of a request.
func (w *Walker) own(m *raw.Message) {
	host, port := splitPort(m.Peek(m.Authority))
	w.url = URL{Scheme: m.Scheme, Host: raw.Of(host), Port: raw.Of(port), Path: m.Text(m.Path), HasQuery: m.HasQuery}
	w.visitor.URL(&w.url)
	w.parts(m.Peek(m.Userinfo), host, m.Peek(m.Path), m.Peek(m.Query), nil, nil)
}

// parts visits the fields of a URL.
func (w *Walker) parts(userinfo, host, path, query, fragment []byte, within *raw.Place) {
	w.value(raw.Userinfo, nil, 0, userinfo, within)
	w.value(raw.Host, nil, 0, host, within)
	if len(path) > 0 && path[0] == '/' {
		path = path[1:]
	}
	for i := 0; len(path) > 0; i++ {
		var segment []byte
		segment, path, _ = bytes.Cut(path, []byte{'/'})
		w.value(raw.Path, nil, i, segment, within)
	}
	for i := 0; len(query) > 0; i++ {
		var piece []byte
		piece, query, _ = bytes.Cut(query, []byte{'&'})
		w.pair(raw.Query, i, piece, within)
	}
	w.value(raw.Fragment, nil, 0, fragment, within)
}

// header visits a header, then the parts of what its value is made of. One that
// is known under the name of another (X-Location) is made of the same.
func (w *Walker) header(kind raw.Kind, name, value []byte, s shape) {
	place := w.value(kind, name, 0, value, nil)
	if place == nil || len(value) == 0 {
		return
	}
	if s == plain {
		s = shapeKnown(place.Name)
	}
	switch s {
	case location:
		w.reference(value, place)
	case refresh:
		w.refresh(kind, name, value, place)
	case link:
		w.link(kind, name, value, place)
	}
}

// refresh visits the parts of a Refresh header: "5", "5; url=/next". As browsers
// do, it takes all behind the time for a URL, also without "url=" and behind a
// comma.
func (w *Walker) refresh(kind raw.Kind, name, value []byte, place *raw.Place) {
	at := 0
	for at < len(value) && ('0' <= value[at] && value[at] <= '9' || value[at] == '.') {
		at++
	}
	target := trim(value[at:])
	if len(target) > 0 && (target[0] == ';' || target[0] == ',') {
		target = trim(target[1:])
	}
	if len(target) == 0 {
		return
	}
	if len(target) > 3 && raw.EqualFold(target[:3], "url") {
		if rest := trim(target[3:]); len(rest) > 0 && rest[0] == '=' {
			target = trim(rest[1:])
		}
	}
	if n := len(target); n >= 2 && (target[0] == '"' || target[0] == '\'') && target[n-1] == target[0] {
		target = target[1 : n-1]
	}
	w.value(kind, name, 0, value[:at], place)
	w.reference(target, place)
}

// link visits the parts of a Link header: each target, and the parameters
// between them, which are parts of the header too. Each target counts as a field,
// since one without parts is none; what is not visited is opaque.
func (w *Walker) link(kind raw.Kind, name, value []byte, place *raw.Place) {
	for len(value) > 0 {
		if w.left == 0 {
			w.cut = true
			w.url = URL{Within: place, Opaque: true}
			w.visitor.URL(&w.url)
			return
		}
		open := bytes.IndexByte(value, '<')
		if open < 0 {
			open = len(value)
		}
		if rest := trim(value[:open]); len(rest) > 0 {
			w.value(kind, name, 0, rest, place)
		}
		if open == len(value) {
			return
		}
		var target []byte
		target, value, _ = bytes.Cut(value[open+1:], []byte{'>'})
		w.left = max(w.left-1, 0)
		w.reference(target, place)
	}
}

// reference visits the parts of a URL reference (RFC 3986 section 4.1). It
// takes nothing for a URL that two parsers could read differently.
func (w *Walker) reference(b []byte, within *raw.Place) {
	w.url = URL{Within: within, Opaque: true}
	scheme, rest := cutScheme(b)
	if scheme == opaque || !sound(b) {
		w.visitor.URL(&w.url)
		return
	}
	rest, fragment, _ := bytes.Cut(rest, []byte{'#'})
	rest, query, hasQuery := bytes.Cut(rest, []byte{'?'})
	var authority, userinfo []byte
	if bytes.HasPrefix(rest, []byte("//")) {
		authority, rest = rest[2:], nil
		if at := bytes.IndexByte(authority, '/'); at >= 0 {
			authority, rest = authority[:at], authority[at:]
		}
	} else if scheme != raw.SchemeUnknown {
		w.visitor.URL(&w.url)
		return
	}
	if at := bytes.LastIndexByte(authority, '@'); at >= 0 {
		userinfo, authority = authority[:at], authority[at+1:]
	}
	host, port := splitPort(authority)
	w.url = URL{Within: within, Scheme: scheme, Host: raw.Of(host), Port: raw.Of(port), Path: raw.Of(rest), HasQuery: hasQuery}
	w.visitor.URL(&w.url)
	w.parts(userinfo, host, rest, query, fragment, within)
}

const opaque raw.Scheme = 255

// cutScheme cuts the scheme off b: SchemeUnknown where there is none, opaque
// where it is not one of HTTP's.
func cutScheme(b []byte) (raw.Scheme, []byte) {
	at := bytes.IndexAny(b, ":/?#")
	if at < 0 || b[at] != ':' {
		return raw.SchemeUnknown, b
	}
	switch {
	case raw.EqualFold(b[:at], "https"), raw.EqualFold(b[:at], "wss"):
		return raw.HTTPS, b[at+1:]
	case raw.EqualFold(b[:at], "http"), raw.EqualFold(b[:at], "ws"):
		return raw.HTTP, b[at+1:]
	}
	return opaque, nil
}

// sound reports whether b holds only characters that a URL can (RFC 3986), or
// bytes beyond ASCII: no control, space, quote or backslash.
func sound(b []byte) bool {
	for _, c := range b {
		if unsound[c] {
			return false
		}
	}
	return true
}

var unsound = func() (set [256]bool) {
	for c := range set {
		set[c] = c <= ' ' || c == 0x7F || strings.IndexByte("\\\"<>^`", byte(c)) >= 0
	}
	return set
}()

// splitPort splits host and port, and takes the brackets off an IPv6 address.
func splitPort(b []byte) (host, port []byte) {
	if len(b) > 0 && b[0] == '[' {
		if end := bytes.IndexByte(b, ']'); end > 0 {
			if rest := b[end+1:]; len(rest) > 0 && rest[0] == ':' {
				return b[1:end], rest[1:]
			} else if len(rest) == 0 {
				return b[1:end], nil
			}
		}
		return b, nil
	}
	if at := bytes.LastIndexByte(b, ':'); at >= 0 && bytes.IndexByte(b, ':') == at {
		return b[:at], b[at+1:]
	}
	return b, nil
}
