package http2

import (
	"net/http"
	"net/textproto"

	"weir/redact/raw"
)

// canonical is the form of a name that net/http's maps are keyed by; it sends
// them in lower case.
func canonical(m *raw.Message, name raw.Span) string {
	return textproto.CanonicalMIMEHeaderKey(string(m.Peek(name)))
}

// setFields copies h's field lines to header, Content-Length of a response
// without a body among them. What belongs to one connection of HTTP/1.x is left
// out; so is Content-Length elsewhere, which follows the framing.
func setFields(header http.Header, h *raw.Head) {
	for _, p := range h.Header {
		name := canonical(h.From, p.Name)
		if hopByHop(name) || name == "Host" || name == "Content-Length" && !h.HeadOnly {
			continue
		}
		header[name] = append(header[name], string(h.From.Peek(p.Value)))
	}
}
