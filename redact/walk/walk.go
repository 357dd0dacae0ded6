package walk

import "weir/redact/raw"

// MaxFields bounds the fields of one walk. What lies beyond is not visited,
// and so can not be written.
const MaxFields = 2048

// Visitor is given what a walk finds. Both arguments are valid during the call;
// the Texts in them as long as the message.
type Visitor interface {
	// Field is given a field and says what is known of its place.
	Field(f *raw.Field) *raw.Place
	// URL is given the shape of a URL before its parts come as fields. The one
	// of a header comes after the header's own field.
	URL(u *URL)
}

// Walker walks exchanges, one at a time. The zero Walker is ready.
type Walker struct {
	visitor Visitor
	message *raw.Message
	field   raw.Field
	url     URL
	left    int
	cut     bool
}

// Request visits the method, the server name, the client's certificate, the URL, the header and the
// cookies of a request, as far as they were parsed. It reports whether all of
// it was visited.
func (w *Walker) Request(x *raw.Exchange, v Visitor) bool {
	m := &x.Request
	w.begin(m, v)
	w.value(raw.Method, nil, 0, m.Peek(m.Method), nil)
	w.value(raw.ServerName, nil, 0, m.Peek(x.ServerName), nil)
	if x.ClientCertificate.Len() > 0 {
		w.value(raw.ClientCertificate, nil, 0, m.Peek(x.ClientCertificate), nil)
	}
	w.own(m)
	w.lines(m.Header, raw.RequestHeader, raw.RequestCookie)
	return w.end()
}

// Response visits the header and the cookies of a response.
func (w *Walker) Response(x *raw.Exchange, v Visitor) bool {
	w.begin(&x.Response, v)
	w.lines(x.Response.Header, raw.ResponseHeader, raw.ResponseCookie)
	return w.end()
}

// Trailers visits the trailers of both messages.
func (w *Walker) Trailers(x *raw.Exchange, v Visitor) bool {
	if len(x.Request.Trailer)+len(x.Response.Trailer) == 0 {
		return true
	}
	w.begin(&x.Request, v)
	w.lines(x.Request.Trailer, raw.RequestTrailer, raw.RequestTrailer)
	w.message = &x.Response
	w.lines(x.Response.Trailer, raw.ResponseTrailer, raw.ResponseTrailer)
	return w.end()
}

func (w *Walker) begin(m *raw.Message, v Visitor) {
	w.visitor, w.message, w.left, w.cut = v, m, MaxFields, false
}

// end lets go of what w held of the exchange.
func (w *Walker) end() bool {
	complete := !w.cut
	*w = Walker{}
	return complete
}

// value visits one field, if there is anything in it.
func (w *Walker) value(kind raw.Kind, name []byte, index int, value []byte, within *raw.Place) *raw.Place {
	if len(value) == 0 && len(name) == 0 {
		return nil
	}
	if w.left == 0 {
		w.cut = true
		return nil
	}
	w.left--
	f := &w.field
	f.Kind, f.Name, f.Index, f.Value, f.Within = kind, raw.Of(name), index, raw.Of(value), within
	return w.visitor.Field(f)
}

// lines visits field lines by what their values are made of.
func (w *Walker) lines(pairs []raw.Pair, kind, cookie raw.Kind) {
	for _, p := range pairs {
		name, value := w.message.Peek(p.Name), w.message.Peek(p.Value)
		switch s := shapeOf(name, kind); s {
		case cookies:
			w.cookies(cookie, value)
		case setCookie:
			w.setCookie(cookie, value)
		case addresses:
			w.list(kind, name, value)
		case forwarded:
			w.forwarded(kind, name, value)
		default:
			w.header(kind, name, value, s)
		}
	}
}
