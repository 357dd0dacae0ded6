package http1

import "weir/redact/raw"

// statusLine takes "HTTP/1.1 200 OK" (RFC 9112 section 4). The space before an
// empty reason may be missing, as it is with many servers.
func (h *head) statusLine(line []byte, at uint32) reason {
	m := h.m
	if len(line) < 12 || string(line[:7]) != "HTTP/1." || line[8] != ' ' || !digits(line[9:12]) {
		return badStatusLine
	}
	switch line[7] {
	case '1':
		m.Proto = raw.HTTP11
	case '0':
		m.Proto = raw.HTTP10
	default:
		return unsupportedVersion
	}
	status := int(line[9]-'0')*100 + int(line[10]-'0')*10 + int(line[11]-'0')
	if status < 100 {
		return badStatusLine
	}
	if len(line) > 12 {
		if line[12] != ' ' {
			return badStatusLine
		}
		if why := value(line[13:]); why != 0 {
			return why
		}
		m.Reason = raw.Span{Start: at + 13, End: at + uint32(len(line))}
	}
	m.Status = status
	return 0
}

// asked is what a request's head says about how its response is framed.
type asked uint8

const (
	askedOther asked = iota
	askedHead
	askedConnect
)

// endResponse checks a whole response head and settles its framing (RFC 9112
// section 6.3).
func (h *head) endResponse(to asked, upgrading bool) reason {
	m := h.m
	if why := h.framing(); why != 0 {
		return why
	}
	switch {
	case m.Status == 101 && !upgrading:
		return unaskedUpgrade
	case m.Status < 200 || m.Status == 204:
		// Neither may have a length; one that says 0 is common and harmless.
		if h.length > 0 || h.codings > 0 {
			return contentLengthNotAllowed
		}
	case to == askedHead || m.Status == 304 || to == askedConnect && m.Status < 300:
	case h.chunked:
		m.Framing = raw.Chunked
	case h.lengths > 0:
		m.Framing = raw.Length
	default:
		m.Framing = raw.UntilClose
	}
	return 0
}
