package record

import (
	"encoding/hex"
	"strconv"
	"time"

	"weir/redact/transform"
)

// Append appends e as a line of format f to dst, with its line feed, and the
// line's marks to marks.
func Append(dst []byte, f Format, e *Entry, marks []Mark) ([]byte, []Mark) {
	switch f {
	case Common:
		return AppendCommon(dst, e, marks)
	case Combined:
		return AppendCombined(dst, e, marks)
	}
	return AppendJSON(dst, e, marks)
}

// AppendJSON appends e as a JSON line. The marks count from the start of dst.
func AppendJSON(dst []byte, e *Entry, marks []Mark) ([]byte, []Mark) {
	l := line{dst, marks}
	l.b = append(l.b, `{"time":"`...)
	l.b = appendTime(l.b, e.Time)
	l.b = append(l.b, '"')
	l.field(`,"service":"`, e.Service, refOther)
	l.field(`,"flow.direction":"`, e.Direction, refOther)
	l.field(`,"client.address":"`, e.ClientAddress, refClient)
	l.field(`,"network.peer.address":"`, e.PeerAddress, refPeer)
	l.field(`,"client.certificate":"`, e.ClientCertificate, refCertificate)
	l.field(`,"http.request.method":"`, e.Method, refOther)
	l.field(`,"url.scheme":"`, e.Scheme, refOther)
	l.field(`,"server.address":"`, e.Server, refServer)
	l.number(`,"server.port":`, int64(e.ServerPort), 1)
	l.field(`,"tls.server_name":"`, e.ServerName, refServerName)
	l.field(`,"url.path":"`, e.Path, refPath)
	if e.HasQuery {
		l.b = append(l.b, `,"url.query":"`...)
		l.query(e, jsonText)
		l.b = append(l.b, '"')
	}
	l.headers(e, RequestHeader)
	l.headers(e, RequestTrailer)
	l.number(`,"http.request.body.size":`, e.RequestSize, 0)
	l.field(`,"http.request.body.unscanned":"`, e.RequestUnscanned, refOther)
	l.number(`,"http.response.status_code":`, int64(e.Status), 1)
	l.headers(e, ResponseHeader)
	l.headers(e, ResponseTrailer)
	l.number(`,"http.response.body.size":`, e.ResponseSize, 0)
	l.field(`,"http.response.body.unscanned":"`, e.ResponseUnscanned, refOther)
	if e.Duration >= 0 {
		l.seconds(`,"duration":`, e.Duration)
	}
	if e.FirstByte > 0 {
		l.seconds(`,"http.response.time_to_first_byte":`, e.FirstByte)
	}
	l.field(`,"user_agent.name":"`, e.AgentName, refOther)
	l.field(`,"user_agent.version":"`, e.AgentVersion, refOther)
	l.field(`,"network.protocol.version":"`, e.Protocol, refOther)
	l.field(`,"tls.protocol.version":"`, e.TLSVersion, refOther)
	l.field(`,"flow.visibility":"`, e.Visibility, refOther)
	l.number(`,"attempts":`, int64(e.Attempts), 2)
	l.number(`,"tunnel.bytes_up":`, e.BytesUp, 0)
	l.number(`,"tunnel.bytes_down":`, e.BytesDown, 0)
	l.field(`,"error.type":"`, e.Error, refOther)
	l.field(`,"weir.fault":"`, e.Fault, refOther)
	l.redacted(e)
	l.subjects(e)
	if t := e.Trace; t != nil {
		l.b = append(hex.AppendEncode(append(l.b, `,"trace_id":"`...), t.ID[:]), '"')
		l.b = append(hex.AppendEncode(append(l.b, `,"span_id":"`...), t.Server[:]), '"')
	}
	l.field(`,"epoch":"`, e.Epoch, refOther)
	l.field(`,"policy":"`, e.Policy, refOther)
	l.field(`,"retain":"`, e.Retain, refOther)
	l.b = append(l.b, "}\n"...)
	return l.b, l.marks
}

// field appends a text behind its key, which the binary has as it stands in the
// line: in one piece, and with nothing to escape.
func (l *line) field(key string, c transform.Clean, part ref) {
	if c.Empty() {
		return
	}
	l.b = append(l.b, key...)
	l.clean(c, Ref{part: part}, jsonText)
	l.b = append(l.b, '"')
}

func (l *line) number(key string, n, least int64) {
	if n >= least {
		l.b = strconv.AppendInt(append(l.b, key...), n, 10)
	}
}

func (l *line) seconds(key string, d time.Duration) {
	l.b = appendSeconds(append(l.b, key...), d)
}

// query appends a query whose names and values are percent-encoded already.
func (l *line) query(e *Entry, esc *escaper) {
	for i := range e.Query {
		p := &e.Query[i]
		if i > 0 {
			l.b = append(l.b, '&')
		}
		if !p.Bare {
			l.clean(p.Name, Ref{refQueryName, i}, esc)
			l.b = append(l.b, '=')
		}
		l.clean(p.Value, Ref{refQuery, i}, esc)
	}
	if e.MoreQuery {
		l.b = append(l.b, '&')
		if esc == jsonText {
			l.b = append(l.b, "…"...)
		} else {
			l.b = append(l.b, "..."...)
		}
	}
}

// headers appends one array for each name of the section.
func (l *line) headers(e *Entry, part Part) {
	if e.without(part) {
		return
	}
	for i := range e.Values {
		v := &e.Values[i]
		if v.Part != part || v.Text.Empty() || named(e.Values[:i], part, v.Name) {
			continue
		}
		l.b = append(l.b, `,"`...)
		l.b = append(l.b, parts[part]...)
		l.b = jsonText.text(l.b, v.Name)
		l.b = append(l.b, `":["`...)
		l.values(e, i, jsonText, `","`)
		l.b = append(l.b, `"]`...)
	}
}

// without reports whether e has no values of a section.
func (e *Entry) without(part Part) bool {
	for i := range e.Values {
		if e.Values[i].Part == part {
			return false
		}
	}
	return true
}

// values appends all values of the part and name of the one at first, divided
// by sep; the cookies of a request by "; ".
func (l *line) values(e *Entry, first int, esc *escaper, sep string) {
	part, name := e.Values[first].Part, e.Values[first].Name
	for i := first; i < len(e.Values); i++ {
		v := &e.Values[i]
		if v.Part != part || v.Name != name || v.Text.Empty() {
			continue
		}
		switch {
		case i == first:
		case v.Cookie && part == RequestHeader:
			l.b = append(l.b, "; "...)
		default:
			l.b = append(l.b, sep...)
		}
		if v.Cookie && !v.Key.Empty() {
			l.clean(v.Key, Ref{refKey, i}, esc)
			l.b = append(l.b, '=')
		}
		l.clean(v.Text, Ref{refValue, i}, esc)
	}
}

// named reports whether something is written of that name already.
func named(values []Value, part Part, name string) bool {
	for i := range values {
		if v := &values[i]; v.Part == part && v.Name == name && !v.Text.Empty() {
			return true
		}
	}
	return false
}

// subjects appends the pseudonyms, which are none of the exchange's text.
func (l *line) subjects(e *Entry) {
	for i, c := range e.Subjects {
		if i == 0 {
			l.b = append(l.b, `,"subjects":["`...)
		} else {
			l.b = append(l.b, `","`...)
		}
		l.clean(c, Ref{part: refOther}, jsonText)
	}
	if len(e.Subjects) > 0 {
		l.b = append(l.b, `"]`...)
	}
	l.number(`,"subjects_more":`, int64(e.MoreSubjects), 1)
}

func (l *line) redacted(e *Entry) {
	for i := range e.Redacted {
		if i == 0 {
			l.b = append(l.b, `,"redacted":[`...)
		} else {
			l.b = append(l.b, ',')
		}
		l.b = append(l.b, e.Redacted[i].json...)
	}
	if len(e.Redacted) > 0 {
		l.b = append(l.b, ']')
	}
	l.number(`,"redacted_more":`, int64(e.MoreRedacted), 1)
}
