package http1

import (
	"bytes"

	"weir/redact/raw"
)

// field is a field that the codec itself must understand.
type field uint8

const (
	otherField field = iota
	fieldHost
	fieldExpect
	fieldUpgrade
	fieldTrailer
	fieldConnection
	fieldContentLength
	fieldTransferEncoding
	fieldLookalike // a framing field with "_" for "-", which CGI can't tell apart
)

func classify(name []byte) field {
	switch len(name) {
	case 4:
		if raw.EqualFold(name, "host") {
			return fieldHost
		}
	case 6:
		if raw.EqualFold(name, "expect") {
			return fieldExpect
		}
	case 7:
		if raw.EqualFold(name, "upgrade") {
			return fieldUpgrade
		}
		if raw.EqualFold(name, "trailer") {
			return fieldTrailer
		}
	case 10:
		if raw.EqualFold(name, "connection") {
			return fieldConnection
		}
	case 14:
		if raw.EqualFold(name, "content-length") {
			return fieldContentLength
		}
		if raw.EqualFold(name, "content_length") {
			return fieldLookalike
		}
	case 17:
		if raw.EqualFold(name, "transfer-encoding") {
			return fieldTransferEncoding
		}
		if raw.EqualFold(name, "transfer_encoding") {
			return fieldLookalike
		}
	}
	return otherField
}

// note remembers what a field says that the codec must understand.
func (h *head) note(f field, v []byte, at raw.Span) reason {
	switch f {
	case fieldHost:
		if h.hosts++; h.hosts > 1 && !h.response {
			return duplicateHost
		}
		h.host = at
	case fieldContentLength:
		if h.lengths++; h.lengths > 1 {
			return duplicateContentLength
		}
		n, ok := number(v)
		if !ok {
			return badContentLength
		}
		h.length = n
	case fieldTransferEncoding:
		if h.codings++; h.codings > 1 {
			return duplicateTransferEncoding
		}
		return h.coding(v)
	case fieldConnection:
		h.connection(v)
	case fieldUpgrade:
		h.upgrade = true
	case fieldExpect:
		h.expect = true
	case fieldTrailer:
		h.trailers(v)
	case fieldLookalike:
		return framingLookalike
	}
	return 0
}

// coding takes the value of Transfer-Encoding. Only "chunked", once and alone,
// has one meaning for everybody.
func (h *head) coding(v []byte) reason {
	if raw.EqualFold(v, "chunked") {
		h.chunked = true
		return 0
	}
	if !all(v, isToken) {
		for name := range bytes.SplitSeq(v, []byte{','}) {
			name, _, _ = bytes.Cut(name, []byte{';'})
			if name = trim(name); all(name, isToken) && !raw.EqualFold(name, "chunked") {
				return unknownTransferCoding
			}
		}
		return badTransferEncoding
	}
	return unknownTransferCoding
}

// connection takes the value of a Connection line.
func (h *head) connection(v []byte) {
	for len(v) > 0 {
		var token []byte
		if i := bytes.IndexByte(v, ','); i >= 0 {
			token, v = v[:i], v[i+1:]
		} else {
			token, v = v, nil
		}
		switch token = trim(token); {
		case raw.EqualFold(token, "close"):
			h.close = true
		case raw.EqualFold(token, "keep-alive"):
			h.keepAlive = true
		}
	}
}

// trailers takes the value of a Trailer line. Who announces framing behind the
// body is up to no good.
func (h *head) trailers(v []byte) {
	for name := range bytes.SplitSeq(v, []byte{','}) {
		name = trim(name)
		if raw.EqualFold(name, "content-length") || raw.EqualFold(name, "transfer-encoding") || raw.EqualFold(name, "trailer") {
			h.announced = true
		}
	}
}

// number parses a Content-Length: digits only, at most 2^63-1, and no leading
// zero, since some read an octal number there.
func number(v []byte) (int64, bool) {
	if len(v) == 0 || len(v) > 19 || len(v) > 1 && v[0] == '0' {
		return 0, false
	}
	var n uint64
	for _, c := range v {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return int64(n), n < 1<<63
}

// framing settles how the body is found (RFC 9112 section 6.3), which is common
// to requests and responses.
func (h *head) framing() reason {
	switch {
	case h.codings > 0 && h.lengths > 0:
		return lengthAndTransferEncoding
	case h.codings > 0 && h.m.Proto != raw.HTTP11:
		return transferEncodingInHTTP10
	case h.chunked && h.announced:
		return forbiddenTrailer
	}
	if h.lengths > 0 {
		h.m.ContentLength = h.length
	}
	return 0
}

// persists reports whether the connection outlives the message, as far as its
// sender says (RFC 9112 section 9.3).
func (h *head) persists() bool {
	return !h.close && (h.m.Proto == raw.HTTP11 || h.keepAlive)
}

// forbiddenInTrailer reports whether a trailer section must not hold this field
// (RFC 9110 section 6.5.1): framing, routing, request modifiers,
// authentication, response control, and what says how to read the content.
func forbiddenInTrailer(name []byte) bool {
	for _, f := range forbiddenTrailers {
		if raw.EqualFold(name, f) {
			return true
		}
	}
	return false
}

var forbiddenTrailers = [...]string{
	"transfer-encoding", "content-length", "trailer", "te", "connection", "keep-alive", "proxy-connection", "upgrade",
	"content_length", "transfer_encoding",
	"host", "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via",
	"cache-control", "expect", "max-forwards", "pragma", "range",
	"if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range",
	"authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate", "authentication-info",
	"proxy-authentication-info", "cookie", "set-cookie",
	"age", "date", "expires", "location", "retry-after", "vary", "warning",
	"content-encoding", "content-type", "content-range", "content-location",
}
