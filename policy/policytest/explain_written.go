package policytest

import (
	"strings"

	"weir/redact/raw"
)

// written is what the entry has of a field.
func (f *fields) written(e *ExplainedField) string {
	_, name, _ := strings.Cut(strings.TrimPrefix(e.Field, e.kind.Place()), ".")
	if !e.keeps() {
		return ""
	}
	switch e.kind {
	case raw.ClientAddress:
		return f.text("client.address")
	case raw.PeerAddress:
		return f.text("network.peer.address")
	case raw.ClientCertificate:
		return f.text("client.certificate")
	case raw.Host:
		return f.text("server.address")
	case raw.ServerName:
		return f.text("tls.server_name")
	case raw.Query:
		return f.parameter(e.index)
	case raw.RequestCookie:
		return f.cookie("http.request.header.cookie", name, e)
	case raw.ResponseCookie:
		return f.cookie("http.response.header.set-cookie", name, e)
	case raw.RequestHeader:
		return f.header("http.request.header."+name, e)
	case raw.RequestTrailer:
		return f.header("http.request.trailer."+name, e)
	case raw.ResponseHeader:
		return f.header("http.response.header."+name, e)
	case raw.ResponseTrailer:
		return f.header("http.response.trailer."+name, e)
	}
	return ""
}

// keeps reports whether anything of a field may be left.
func (e *ExplainedField) keeps() bool {
	for i := range e.Found {
		if e.Found[i].Transform != "drop" {
			return true
		}
	}
	return false
}

// parameter is what is written of the query's parameter at an index.
func (f *fields) parameter(index int) string {
	parts := strings.Split(f.text("url.query"), "&")
	if index >= len(parts) || parts[index] == "…" {
		return ""
	}
	if _, value, ok := strings.Cut(parts[index], "="); ok {
		return value
	}
	return parts[index]
}

// header is what is written of a header's value: where fewer of them are written than were
// sent it is not told which, so all are.
func (f *fields) header(key string, e *ExplainedField) string {
	values := written(f.out.Entry[key])
	if e.index < len(values) && f.alike(e) == len(values) {
		return values[e.index]
	}
	return strings.Join(values, ", ")
}

// alike counts the fields of a place.
func (f *fields) alike(e *ExplainedField) int {
	n := 0
	for i := range f.all {
		if f.all[i].Field == e.Field {
			n++
		}
	}
	return n
}

// cookie is what is written of the cookies of a name.
func (f *fields) cookie(key, name string, e *ExplainedField) string {
	var values []string
	for _, line := range written(f.out.Entry[key]) {
		for part := range strings.SplitSeq(line, "; ") {
			if n, value, ok := strings.Cut(part, "="); ok && n == name {
				values = append(values, value)
			}
		}
	}
	return strings.Join(values, ", ")
}
