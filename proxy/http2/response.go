package http2

import (
	"net/http"

	"weir/redact/raw"
)

// fillResponse copies a head to m, sorted like that of a request.
func fillResponse(m *raw.Message, h *head, method string, lim *Limits) error {
	m.Proto, m.Status = raw.HTTP2, h.status
	var trailer http.Header
	if h.resp != nil {
		trailer = h.resp.Trailer
	}
	if fillFields(m, h.header, trailer, lim) != nil {
		return errBadResponse
	}
	m.ContentLength, m.Framing = -1, raw.NoBody
	length, declared, ok := contentLength(h.header)
	if !ok {
		return errBadResponse
	}
	if declared {
		m.ContentLength = length
	}
	switch {
	case h.status < 200, h.status == http.StatusNoContent, h.status == http.StatusNotModified, method == http.MethodHead:
		return nil
	case declared:
		m.Framing = raw.Length
	case h.resp.ContentLength == 0:
		return nil
	default:
		m.Framing = raw.Stream
	}
	return nil
}
