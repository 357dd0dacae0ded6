package record

// Style is how clean text is escaped where it stands in a line that another
// program wrote.
type Style uint8

const (
	Word   Style = iota // without quotes: a space or a quote would end it
	Quoted              // in quotes, as Apache and nginx escape
	String              // in a JSON string
	Line                // free text: what would end the line, and what a terminal obeys
)

var styles = [...]*escaper{logWord, logText, jsonText, freeText}

// AppendEscaped appends clean text escaped for where it is to stand.
func AppendEscaped(dst, text []byte, style Style) []byte { return styles[style].bytes(dst, text) }

// freeText escapes as jsonText does, but for quotes and backslashes, which mean
// nothing in a text that has no form.
var freeText = &escaper{plain: freely(), least: ' ', other: jsonText.other}

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
		l.query(e, esc)
	}
	return l.b, l.marks
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
