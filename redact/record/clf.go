package record

import (
	"strconv"
	"time"

	"weir/redact/transform"
)

// AppendCommon appends e in Common Log Format: address, two dashes, time,
// request line, status, bytes. What is not known or did not survive is "-".
func AppendCommon(dst []byte, e *Entry, marks []Mark) ([]byte, []Mark) {
	l := line{dst, marks}
	l.common(e)
	l.b = append(l.b, '\n')
	return l.b, l.marks
}

// AppendCombined appends e in Combined Log Format: Common with what is left of
// the referer, and the family and major version of the user agent.
func AppendCombined(dst []byte, e *Entry, marks []Mark) ([]byte, []Mark) {
	l := line{dst, marks}
	l.common(e)
	l.b = append(l.b, ` "`...)
	l.referer(e)
	l.b = append(l.b, `" "`...)
	l.word(e.AgentName, Ref{}, logText)
	if !e.AgentName.Empty() && !e.AgentVersion.Empty() {
		l.b = append(l.b, '/')
		l.clean(e.AgentVersion, Ref{}, logText)
	}
	l.b = append(l.b, "\"\n"...)
	return l.b, l.marks
}

func (l *line) common(e *Entry) {
	l.word(e.ClientAddress, Ref{part: refClient}, logWord)
	l.b = append(l.b, " - - "...)
	l.b = appendLogTime(l.b, e.Time)
	l.b = append(l.b, ` "`...)
	l.requestLine(e)
	l.b = append(l.b, `" `...)
	if e.Status > 0 {
		l.b = strconv.AppendInt(l.b, int64(e.Status), 10)
	} else {
		l.b = append(l.b, '-')
	}
	l.b = append(l.b, ' ')
	if e.ResponseSize > 0 {
		l.b = strconv.AppendInt(l.b, e.ResponseSize, 10)
	} else {
		l.b = append(l.b, '-')
	}
}

func (l *line) requestLine(e *Entry) {
	if e.Method.Empty() {
		l.b = append(l.b, '-')
		return
	}
	l.clean(e.Method, Ref{}, logWord)
	l.b = append(l.b, ' ')
	if e.Path.Empty() {
		l.word(e.Server, Ref{part: refServer}, logWord)
		if e.ServerPort != 0 {
			l.b = append(l.b, ':')
			l.b = strconv.AppendInt(l.b, int64(e.ServerPort), 10)
		}
	} else {
		l.clean(e.Path, Ref{part: refPath}, logWord)
	}
	if e.HasQuery {
		l.b = append(l.b, '?')
		l.query(e, logWord)
	}
	if !e.Protocol.Empty() {
		l.b = append(l.b, " HTTP/"...)
		l.clean(e.Protocol, Ref{}, logWord)
		if e.Protocol.Text() == "2" {
			l.b = append(l.b, ".0"...)
		}
	}
}

func (l *line) referer(e *Entry) {
	for i := range e.Values {
		if v := &e.Values[i]; v.Part == RequestHeader && v.Name == "referer" && !v.Text.Empty() {
			l.values(e, i, logText, ", ")
			return
		}
	}
	l.b = append(l.b, '-')
}

// word appends c, or a dash where it is empty.
func (l *line) word(c transform.Clean, at Ref, esc *escaper) {
	if c.Empty() {
		l.b = append(l.b, '-')
		return
	}
	l.clean(c, at, esc)
}

func appendLogTime(dst []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(dst, "[02/Jan/2006:15:04:05 -0700]")
}
