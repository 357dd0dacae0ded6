package relay

import (
	"strconv"

	"weir/redact/raw"
)

// answers are the texts of weir's own answers. They echo nothing of a request
// and nothing of an error.
var answers = map[int]string{
	400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 407: "Proxy Authentication Required",
	408: "Request Timeout", 413: "Content Too Large", 414: "URI Too Long", 417: "Expectation Failed", 421: "Misdirected Request",
	429: "Too Many Requests", 431: "Request Header Fields Too Large", 451: "Unavailable For Legal Reasons",
	500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
	504: "Gateway Timeout", 505: "HTTP Version Not Supported",
}

// answer ends the exchange with an answer of weir's own. Where a final head has
// already gone, the response is broken off instead: it must never look complete.
func (j *journey) answer(outcome raw.Outcome, status int) {
	j.ex.Outcome = outcome
	if j.headSent {
		j.client.Abort()
		return
	}
	text, ok := answers[status]
	if !ok {
		status, text = 500, answers[500]
	}
	m, h := &j.ex.Response, &j.response
	m.Reset()
	m.Status, m.Reason = status, m.AppendString(text)
	m.Framing, m.ContentLength = raw.Length, int64(len(text)+1)
	m.Header = append(m.Header, raw.Pair{Name: m.AppendString("Content-Type"), Value: m.AppendString("text/plain; charset=utf-8")})
	var b [20]byte
	length := strconv.AppendInt(b[:0], m.ContentLength, 10)
	m.Header = append(m.Header, raw.Pair{Name: m.AppendString("Content-Length"), Value: m.Append(length)})
	if status == 503 { // what is the matter may be over soon
		m.Header = append(m.Header, raw.Pair{Name: m.AppendString("Retry-After"), Value: m.AppendString("1")})
	}
	if status == 405 {
		m.Header = append(m.Header, raw.Pair{Name: m.AppendString("Allow"), Value: m.AppendString("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE")})
	}
	*h = raw.Head{From: m, Status: status, Reason: m.Reason, Header: append(h.Header[:0], m.Header...),
		Framing: raw.Length, Length: m.ContentLength, HeadOnly: j.asksHead,
		// What follows a CONNECT may be meant for the tunnel.
		Close: !j.bodyRead || j.tunnels || j.relay.draining.Load()}
	j.headSent = true
	if j.client.WriteHead(h) != nil {
		return
	}
	if !j.asksHead {
		j.carried = m.ContentLength
	}
	n := copy(j.small[:], text)
	j.small[n] = '\n'
	if !j.asksHead {
		j.tapResponse(j.small[:n+1])
	}
	j.ended = true
	j.commit()
	if !j.asksHead {
		if j.client.WriteBody(j.small[:n+1]) != nil {
			j.carried = 0
			return
		}
	}
	_ = j.client.Finish(nil) // the outcome stands: the exchange was decided before this
}
