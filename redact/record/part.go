package record

// Style is how clean text is escaped where it stands in a line that another
// program wrote.
type Style uint8

const (
	Word   Style = iota // without quotes: a space or a quote would end it
	Quoted              // in quotes, as Apache and nginx escape
	Line                // free text: what would end the line, and what a terminal obeys
	Bare                // as it is: for a format whose writer escapes
)

var styles = [...]*escaper{logWord, logText, freeText, bare}

// freeText escapes as jsonText does, but for quotes and backslashes, which mean
// nothing in a text that has no form.
var freeText = &escaper{plain: freely(), least: ' ', other: jsonText.other}

// bare escapes nothing.
var bare = &escaper{plain: everything(), other: func(dst, s []byte) ([]byte, int) { return append(dst, s[0]), 1 }}

func everything() (set [256]bool) {
	for i := range set {
		set[i] = true
	}
	return set
}

func freely() [256]bool {
	set := printable("")
	set['\t'] = true
	return set
}

// AppendClient appends the client's address of e, a dash where there is none.
func AppendClient(dst []byte, e *Entry, style Style, marks []Mark) ([]byte, []Mark) {
	l := line{dst, marks}
	l.word(e.ClientAddress, Ref{part: refClient}, styles[style])
	return l.b, l.marks
}

// AppendTarget appends the request target of e: path and query.
func AppendTarget(dst []byte, e *Entry, style Style, marks []Mark) ([]byte, []Mark) {
	l := line{dst, marks}
	esc := styles[style]
	if !e.Server.Empty() {
		if !e.Scheme.Empty() {
			l.clean(e.Scheme, Ref{}, esc)
			l.b = append(l.b, "://"...)
		}
		l.clean(e.Server, Ref{part: refServer}, esc)
	}
	l.clean(e.Path, Ref{part: refPath}, esc)
	if e.HasQuery {
		l.b = append(l.b, '?')
		all := e.Query
		e.Query = untilLast(e)
		l.query(e, esc)
		e.Query = all
	}
	return l.b, l.marks
}

// untilLast is the query of e without what nothing is written of at its end: who
// reads a target finds nothing behind the last &, and writes none.
func untilLast(e *Entry) []Parameter {
	n := len(e.Query)
	for !e.MoreQuery && n > 0 && e.Query[n-1].Bare && e.Query[n-1].Value.Empty() {
		n--
	}
	return e.Query[:n]
}

// AppendValues appends the values of e, as those of one header.
func AppendValues(dst []byte, e *Entry, style Style, marks []Mark) ([]byte, []Mark) {
	l := line{dst, marks}
	for i := range e.Values {
		if !e.Values[i].Text.Empty() {
			l.values(e, i, styles[style], ", ")
			break
		}
	}
	return l.b, l.marks
}
