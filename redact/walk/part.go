package walk

import (
	"bytes"

	"weir/redact/raw"
)

// part is the part of a multipart body that is being walked.
type part struct {
	root    parser
	missed  Reason       // why it is not walked
	started bool         // there was a byte
	before  int          // length of the name before the part's own
	named   bool         // the part has one
	out     func([]byte) // what the outlet wrote to before the part
	head    head
	fence   fence
	counted bool   // a Content-Length says how long it is
	came    int    // bytes of its content, as they were sent
	held    []byte // what becomes of a counted part
	most    int    // bytes that are held of one
}

// open reads the header of a part, its last line end included, and sends it on. dash begins
// the delimiters around the part. What becomes of a part that says its length is held, up to
// Limits.Message, until its new length is known.
func (p *part) open(o *outlet, block, dash []byte) Reason {
	*p = part{out: o.out, head: head{fields: p.head.fields[:0], edits: p.head.edits[:0]}, fence: p.fence, held: p.held[:0]}
	h := &p.head
	if why := h.read(block); why != Scanned {
		return why
	}
	why := p.enter(o)
	if why == Scanned {
		why = h.visit(o)
	}
	if why != Scanned {
		return why
	}
	if o.out != nil {
		if p.counted = h.has(fieldLength); p.counted {
			p.most = o.limits.Message
			h.block = bytes.Clone(block)
			p.fence.begin(dash, p.hold)
		} else {
			h.send(o.out)
			p.fence.begin(dash, o.out)
		}
		o.out = p.fence.send
	}
	if e := bytes.TrimSpace(h.value(fieldEncoding)); len(e) > 0 && !raw.EqualFold(e, "identity") {
		p.missed = UnknownCoding
		return Scanned
	}
	out := o.out
	transfer, known := transferOf(bytes.TrimSpace(h.value(fieldTransfer)))
	if !known {
		p.missed = UnknownCoding
		return Scanned
	}
	var t *carried
	if transfer != plainTransfer {
		t = newCarried(o, transfer, false)
	}
	root, why := o.open(h.value(fieldType), "text/plain")
	switch why {
	case Scanned:
	case UnknownType, UnknownCharset:
		p.missed = why
		o.out = out
		return Scanned
	default:
		return why
	}
	p.root = root
	if t != nil {
		t.inner, p.root = root, t
	}
	return Scanned
}

// enter puts the part's name behind the name at hand.
func (p *part) enter(o *outlet) Reason {
	name, from := p.head.name()
	if len(name) == 0 {
		if o.depth++; o.depth > o.limits.Depth {
			return TooDeep
		}
		return Scanned
	}
	before, put, change, why := o.enterKey(name)
	p.before, p.named = before, true
	if change {
		p.head.edit(from, put)
	}
	return why
}

// hold holds what comes of a counted part, and one byte beyond the most, which tells.
func (p *part) hold(b []byte) {
	p.held = append(p.held, b[:min(len(b), max(p.most+1-len(p.held), 0))]...)
}

func (p *part) write(o *outlet, b []byte) Reason {
	p.came += len(b)
	if p.counted && len(p.held) > p.most {
		return TooLarge
	}
	if p.missed != Scanned {
		o.miss(p.missed)
		o.emit(b)
		return Scanned
	}
	p.started = true
	return p.root.write(b)
}

// close ends the part. One without a byte is nothing of its type.
func (p *part) close(o *outlet) (why Reason) {
	if p.started {
		why = p.root.close()
	}
	o.out = p.out
	if why == Scanned && p.out != nil {
		why = p.fence.end()
	}
	if why == Scanned && p.counted {
		if len(p.held) > p.most {
			return TooLarge
		}
		if len(p.held) != p.came {
			p.head.length(len(p.held))
		}
		p.head.send(p.out)
		p.out(p.held)
	}
	if p.named {
		o.leave(p.before)
	} else {
		o.depth--
	}
	return why
}
