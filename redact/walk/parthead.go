package walk

import (
	"bytes"
	"slices"
	"strconv"

	"weir/redact/raw"
)

// The header fields of a part (RFC 2045, 2183, 7578) that say how it is read.
const (
	fieldOther = iota
	fieldDisposition
	fieldType
	fieldTransfer
	fieldEncoding
	fieldLength
)

// maxFields bounds the fields of one part's header.
const maxFields = 64

// head is the header of a part, and what is changed in it.
type head struct {
	block  []byte
	fields []headField
	edits  []headEdit
}

// headField is one field. from and to are where its value stands in the block; text is the
// value in one line.
type headField struct {
	role     int
	name     []byte
	from, to int
	text     []byte
	params   []param
}

// headEdit puts text in the place of a span of the block.
type headEdit struct {
	from, to int
	text     []byte
}

func roleOf(name []byte) int {
	switch {
	case raw.EqualFold(name, "content-disposition"):
		return fieldDisposition
	case raw.EqualFold(name, "content-type"):
		return fieldType
	case raw.EqualFold(name, "content-transfer-encoding"):
		return fieldTransfer
	case raw.EqualFold(name, "content-encoding"):
		return fieldEncoding
	case raw.EqualFold(name, "content-length"):
		return fieldLength
	}
	return fieldOther
}

// read takes a header apart. A field that says how the part is read may stand there once.
func (h *head) read(block []byte) Reason {
	h.block = block
	var seen [fieldLength + 1]bool
	for at := 0; at < len(block)-2; {
		end := fieldEnd(block, at)
		colon := bytes.IndexByte(block[at:end], ':')
		if colon <= 0 || !isToken(block[at:at+colon]) {
			return Broken
		}
		f := headField{name: block[at : at+colon], from: at + colon + 1, to: end}
		f.role = roleOf(f.name)
		if f.role != fieldOther && seen[f.role] {
			return Broken
		}
		seen[f.role] = true
		f.text = unfolded(block[f.from:f.to])
		if bytes.ContainsFunc(f.text, endsField) {
			return Broken
		}
		if f.role == fieldDisposition || f.role == fieldType {
			var why Reason
			if f.params, why = paramsOf(block, f.from, f.to); why != Scanned {
				return why
			}
		}
		if len(h.fields) == maxFields {
			return TooMany
		}
		h.fields = append(h.fields, f)
		at = end + 2
	}
	return Scanned
}

// fieldEnd is where the field at at ends: at a line end that no blank follows.
func fieldEnd(block []byte, at int) int {
	for {
		n := bytes.Index(block[at:], []byte("\r\n"))
		if at += n; at+2 >= len(block) || block[at+2] != ' ' && block[at+2] != '\t' {
			return at
		}
		at += 2
	}
}

// unfolded is a field's value without the line ends in it.
func unfolded(value []byte) []byte {
	return bytes.Trim(bytes.ReplaceAll(bytes.ReplaceAll(value, []byte("\r\n "), []byte(" ")), []byte("\r\n\t"), []byte("\t")), " \t")
}

func isToken(b []byte) bool {
	for _, c := range b {
		if c <= ' ' || c >= 0x7F || bytes.IndexByte([]byte(`()<>@,;:\"/[]?=`), c) >= 0 {
			return false
		}
	}
	return len(b) > 0
}

func (h *head) value(role int) []byte {
	for i := range h.fields {
		if h.fields[i].role == role {
			return h.fields[i].text
		}
	}
	return nil
}

func (h *head) has(role int) bool {
	return slices.ContainsFunc(h.fields, func(f headField) bool { return f.role == role })
}

// name is the part's name, and the parameter that it stands in.
func (h *head) name() ([]byte, *param) {
	for i := range h.fields {
		if h.fields[i].role != fieldDisposition {
			continue
		}
		for j := range h.fields[i].params {
			if p := &h.fields[i].params[j]; string(p.name) == "name" {
				return p.text, p
			}
		}
	}
	return nil, nil
}

// visit gives what the header holds beside what says how the part is read.
func (h *head) visit(o *outlet) Reason {
	for i := range h.fields {
		f := &h.fields[i]
		switch f.role {
		case fieldTransfer, fieldEncoding, fieldLength:
			continue
		case fieldOther:
			put, change, why := o.below(bytes.ToLower(f.name), f.text)
			if why != Scanned {
				return why
			}
			if change {
				h.edits = append(h.edits, headEdit{f.from, f.to, append([]byte{' '}, oneLine(put)...)})
			}
			continue
		}
		for j := range f.params {
			p := &f.params[j]
			name := string(p.name)
			if p.unread {
				o.miss(UnknownCharset)
			}
			if name == "name" && f.role == fieldDisposition || f.role == fieldType && (name == "charset" || name == "boundary") {
				continue
			}
			if f.role == fieldType && name == "name" {
				name = "filename" // the way of mail before RFC 2183
			}
			put, change, why := o.below([]byte(name), p.text)
			if why != Scanned {
				return why
			}
			if change {
				h.edit(p, put)
			}
		}
	}
	return Scanned
}

// below visits a value under a name below the name at hand. An empty one is nothing.
func (o *outlet) below(name, text []byte) (put []byte, change bool, why Reason) {
	if len(text) == 0 {
		return nil, false, Scanned
	}
	before, why := o.enter(name)
	if why != Scanned {
		return nil, false, why
	}
	put, change, why = o.visit(text)
	o.leave(before)
	return put, change, why
}

// length puts n in the place of what a Content-Length says.
func (h *head) length(n int) {
	for i := range h.fields {
		if f := &h.fields[i]; f.role == fieldLength {
			h.edits = append(h.edits, headEdit{f.from, f.to, strconv.AppendInt([]byte{' '}, int64(n), 10)})
		}
	}
}

// edit puts a parameter's value in another's place.
func (h *head) edit(p *param, put []byte) {
	h.edits = append(h.edits, headEdit{p.from, p.to, p.written(put)})
}

// send sends the header on with its edits.
func (h *head) send(out func([]byte)) {
	block, at := h.block, 0
	for at < len(block) {
		next := -1
		for i := range h.edits { // they are few, and those of names stand before others
			if e := &h.edits[i]; e.from >= at && (next < 0 || e.from < h.edits[next].from) {
				next = i
			}
		}
		if next < 0 {
			break
		}
		e := &h.edits[next]
		out(block[at:e.from])
		out(e.text)
		at = e.to
	}
	out(block[at:])
}

// oneLine is text without what would end a line.
func oneLine(text []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if endsField(r) {
			return ' '
		}
		return r
	}, text)
}

// endsField reports whether a character has no place in a field: readers disagree on them.
func endsField(r rune) bool { return r < ' ' && r != '\t' || r == 0x7F }
