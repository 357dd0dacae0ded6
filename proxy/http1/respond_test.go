package http1

import (
	"strconv"

	"weir/redact/raw"
)

// Respond answers with a whole response in plain text, as relay does with a
// head, a body and an end.
func (s *ServerConn) Respond(status int, text string) error {
	if s.headed {
		s.Abort()
		return errState
	}
	h := raw.Head{Status: status}
	var f headFraming
	s.settle(&h, false, &f)
	s.putString("HTTP/1.1 ")
	s.put(strconv.AppendInt(s.out.scratch[:0], int64(status), 10))
	s.putString(" ")
	s.putString(statusText(status))
	s.putString("\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ")
	s.put(strconv.AppendInt(s.out.scratch[:0], int64(len(text)), 10))
	switch {
	case f.close:
		s.putString("\r\nConnection: close")
	case f.keepAlive:
		s.putString("\r\nConnection: keep-alive")
	}
	s.putString("\r\n\r\n")
	if s.to != askedHead {
		s.putString(text)
	}
	s.headed, s.out.open = true, true
	s.out.framing, s.out.none = raw.Length, true
	return s.Finish(nil)
}

func statusText(status int) string {
	switch status {
	case 400:
		return "Bad Request"
	case 403:
		return "Forbidden"
	case 404:
		return "Not Found"
	case 405:
		return "Method Not Allowed"
	case 408:
		return "Request Timeout"
	case 413:
		return "Content Too Large"
	case 414:
		return "URI Too Long"
	case 421:
		return "Misdirected Request"
	case 429:
		return "Too Many Requests"
	case 431:
		return "Request Header Fields Too Large"
	case 451:
		return "Unavailable For Legal Reasons"
	case 500:
		return "Internal Server Error"
	case 501:
		return "Not Implemented"
	case 502:
		return "Bad Gateway"
	case 503:
		return "Service Unavailable"
	case 504:
		return "Gateway Timeout"
	case 505:
		return "HTTP Version Not Supported"
	}
	return ""
}
