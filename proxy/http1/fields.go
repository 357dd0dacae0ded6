package http1

import "weir/redact/raw"

// headFraming is what the codec writes of itself beside a head's own lines.
type headFraming struct {
	coding     bool   // Transfer-Encoding: chunked
	close      bool   // Connection: close
	keepAlive  bool   // Connection: keep-alive
	upgrade    []byte // Connection: upgrade, Upgrade
	te         bool   // Connection: TE
	length     int64  // what a Content-Length line must say, -1: none may stand there
	anyLength  bool   // a Content-Length line may say anything
	needLength bool
	needHost   bool
}

// check reports whether a head can be sent: no byte that would end a line early,
// and no line that contradicts the framing. Where both were right when
// they were read, this guards against what was added since, and against names
// and values that came by HTTP/2.
func check(h *raw.Head, f *headFraming) error {
	lengths, hosts := 0, 0
	for _, p := range h.Header {
		name, v := h.From.Peek(p.Name), h.From.Peek(p.Value)
		if !all(name, isToken) || value(v) != 0 {
			return errFieldLine
		}
		switch classify(name) {
		case fieldHost:
			hosts++
		case fieldContentLength:
			n, ok := number(v)
			if lengths++; lengths > 1 || !ok || !f.anyLength && n != f.length {
				return errHead
			}
		case fieldTransferEncoding, fieldConnection, fieldUpgrade, fieldLookalike:
			return errHead
		}
	}
	if f.needLength && lengths == 0 || f.needHost && hosts != 1 {
		return errHead
	}
	if len(f.upgrade) > 0 && value(f.upgrade) != 0 {
		return errFieldLine
	}
	return nil
}

// putFields writes a head's lines, then the codec's own, then the empty line.
func (c *conn) putFields(h *raw.Head, f *headFraming) {
	for _, p := range h.Header {
		c.putField(h.From.Peek(p.Name), h.From.Peek(p.Value))
	}
	if f.coding {
		c.putString("Transfer-Encoding: chunked\r\n")
	}
	if f.te || f.close || f.keepAlive || len(f.upgrade) > 0 {
		c.putConnection(f)
	}
	if len(f.upgrade) > 0 {
		c.putString("Upgrade: ")
		c.put(f.upgrade)
		c.put(crlf)
	}
	c.put(crlf)
}

// putConnection writes what the connection is to do, and which fields are meant
// for this hop alone (RFC 9110 sections 7.6.1, 10.1.4).
func (c *conn) putConnection(f *headFraming) {
	before := "Connection: "
	for _, option := range [...]struct {
		named bool
		text  string
	}{{f.close, "close"}, {f.keepAlive, "keep-alive"}, {f.te, "TE"}, {len(f.upgrade) > 0, "upgrade"}} {
		if option.named {
			c.putString(before)
			c.putString(option.text)
			before = ", "
		}
	}
	c.put(crlf)
}
