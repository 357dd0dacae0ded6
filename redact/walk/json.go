package walk

// want is what may stand next in a JSON text.
type want uint8

const (
	wantValue  want = iota
	wantFirst       // a value, or the end of an empty array
	wantMember      // a key, or the end of an empty object
	wantKey
	wantColon
	wantNext // a comma, or the end of what is open
	wantEnd  // nothing but blanks
)

// token is what of a body is being read.
type token uint8

const (
	inKey token = iota
	inString
	inWord // a number, true, false or null
)

// jsonParser walks a JSON text (RFC 8259), or lines of them. Strings, numbers,
// true and false are values, null is not; a key is one where it looks like no
// name. Members of the same name are visited each. A string that holds an object
// or an array is walked in turn.
//
// It is strict, with one exception: half a surrogate pair is read as U+FFFD, as
// browsers and encoding/json read it, for texts that were cut hold them. A text
// that is not UTF-8 is Broken.
type jsonParser struct {
	lexing
	lines   bool // one text a line
	framed  bool // lines: or one behind each record separator
	started bool // there was a byte
	lead    lead
	want    want
	token   token
	open    []int // for each array -1, for each object the length of the name before its key
	string  scan
	text    []byte // the token without its escapes
	inner   nested
}

func newJSON(o *outlet) parser { return &jsonParser{lexing: lexing{o: o, blank: isBlank}} }

// reset makes j ready for a text within a text, which has no byte order mark.
func (j *jsonParser) reset() {
	j.lead, j.started, j.want, j.open = leadOver, false, wantValue, j.open[:0]
	j.lexing.reset()
}

func (j *jsonParser) write(p []byte) Reason {
	j.started = j.started || len(p) > 0
	i, why := j.lead.pass(p)
	if why != Scanned {
		return why
	}
	return j.lexing.write(j, p, i)
}

func (j *jsonParser) close() Reason {
	if j.within && j.token == inWord {
		if why := j.last(j); why != Scanned {
			return why
		}
	}
	switch {
	case !j.started: // no bytes are no text, and hold nothing
	case j.within || len(j.open) > 0 || j.lead.torn():
		return Broken
	case j.want != wantEnd && !j.lines:
		return Broken
	}
	return Scanned
}

// begin takes a byte that stands between tokens.
func (j *jsonParser) begin(c byte) (token bool, why Reason) {
	switch c {
	case ',':
		if j.want != wantNext {
			return false, Broken
		}
		if j.want = wantKey; j.inArray() {
			j.want = wantValue
		}
		return false, Scanned
	case ':':
		if j.want != wantColon {
			return false, Broken
		}
		j.want = wantValue
		return false, Scanned
	case '"':
		j.string = scan{}
		switch {
		case j.want <= wantFirst:
			j.token = inString
		case j.want <= wantKey:
			j.token = inKey
		default:
			return false, Broken
		}
		return true, Scanned
	case '}':
		if j.want != wantMember && (j.want != wantNext || j.inArray()) {
			return false, Broken
		}
		j.open = j.open[:len(j.open)-1]
		j.valueEnd()
		return false, Scanned
	case ']':
		if j.want != wantFirst && (j.want != wantNext || !j.inArray()) {
			return false, Broken
		}
		j.open = j.open[:len(j.open)-1]
		j.o.depth--
		j.valueEnd()
		return false, Scanned
	case separator, ' ', '\t', '\r', '\n':
		if !j.lines {
			return false, Broken
		}
		return false, j.gap(c)
	}
	if j.want > wantFirst {
		return false, Broken
	}
	return j.beginValue(c)
}

// inArray reports whether what is open last is an array.
func (j *jsonParser) inArray() bool { return j.open[len(j.open)-1] < 0 }

func (j *jsonParser) beginValue(c byte) (token bool, why Reason) {
	switch c {
	case '{':
		j.open, j.want = append(j.open, 0), wantMember
	case '[':
		if j.o.depth++; j.o.depth > j.o.limits.Depth {
			return false, TooDeep
		}
		j.open, j.want = append(j.open, -1), wantFirst
	case '-', 't', 'f', 'n', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		j.token = inWord
		return true, Scanned
	default:
		return false, Broken
	}
	return false, Scanned
}

// gap takes a blank or a record separator where there are several texts.
func (j *jsonParser) gap(c byte) Reason {
	switch {
	case c == separator:
		j.framed = true
	case c != '\n' || j.framed:
		return Scanned
	}
	if len(j.open) > 0 {
		return Broken
	}
	j.want = wantValue
	return Scanned
}

const separator = 0x1e

// valueEnd follows a value.
func (j *jsonParser) valueEnd() {
	n := len(j.open)
	if n == 0 {
		j.want = wantEnd
		return
	}
	if before := j.open[n-1]; before >= 0 {
		j.o.leave(before)
	}
	j.want = wantNext
}
