package policytest

import (
	"slices"
	"strings"

	"weir/redact/raw"
)

// entryKey is the key of an entry under which a field stands, "" where none does.
func (e *ExplainedField) entryKey() string {
	_, name, _ := strings.Cut(strings.TrimPrefix(e.Field, e.kind.Place()), ".")
	switch e.kind {
	case raw.ClientAddress:
		return "client.address"
	case raw.PeerAddress:
		return "network.peer.address"
	case raw.ClientCertificate:
		return "client.certificate"
	case raw.Host:
		return "server.address"
	case raw.ServerName:
		return "tls.server_name"
	case raw.Query:
		return "url.query"
	case raw.RequestCookie:
		return "http.request.header.cookie"
	case raw.ResponseCookie:
		return "http.response.header.set-cookie"
	case raw.RequestHeader:
		return "http.request.header." + name
	case raw.RequestTrailer:
		return "http.request.trailer." + name
	case raw.ResponseHeader:
		return "http.response.header." + name
	case raw.ResponseTrailer:
		return "http.response.trailer." + name
	}
	return ""
}

// written is what the entry has of a field.
func (f *fields) written(e *ExplainedField) string {
	key := e.entryKey()
	switch {
	case key == "" || !e.keeps():
		return ""
	case e.kind == raw.Query:
		return f.parameter(e.index)
	case e.kind == raw.RequestCookie || e.kind == raw.ResponseCookie:
		_, name, _ := strings.Cut(strings.TrimPrefix(e.Field, e.kind.Place()), ".")
		return f.cookie(key, name)
	case strings.HasPrefix(key, "http."):
		return f.header(key, e)
	}
	return f.text(key)
}

// limited reports whether nothing of a field is left because entries of this retention hold
// others only.
func (f *fields) limited(e *ExplainedField) bool {
	only, key := f.judge.Retention.Only, e.entryKey()
	if only == nil || e.Written != "" || !e.keeps() || key == "" {
		return false
	}
	return !slices.ContainsFunc(only, func(o string) bool {
		all, any := strings.CutSuffix(o, "*")
		return o == key || any && strings.HasPrefix(key, all)
	})
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
func (f *fields) cookie(key, name string) string {
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
