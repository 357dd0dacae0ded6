package http2

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"weir/redact/raw"
)

func refuse(reason string, status int) error { return &RefusedError{reason, status} }

// fillRequest copies the head of r to m and refuses what is ambiguous. What was
// parsed before the refusal stands in m.
func fillRequest(m *raw.Message, r *http.Request, lim *Limits, secure bool) error {
	m.Proto, m.Scheme = raw.HTTP2, raw.HTTP
	if secure {
		m.Scheme = raw.HTTPS
	}
	m.Method = m.AppendString(r.Method)
	if !token(r.Method) {
		return refuse(BadMethod, http.StatusBadRequest)
	}
	if len(r.RequestURI) > lim.URLBytes {
		return refuse(URLTooLong, http.StatusRequestURITooLong)
	}
	if err := fillTarget(m, r); err != nil {
		return err
	}
	if err := fillFields(m, r.Header, r.Trailer, lim); err != nil {
		return err
	}
	return fillBody(m, r)
}

// fillTarget sets the target and the authority (RFC 9113 section 8.3.1).
func fillTarget(m *raw.Message, r *http.Request) error {
	m.Target = m.AppendString(r.RequestURI)
	m.Authority = m.AppendString(r.Host)
	if r.Method == http.MethodConnect {
		return refuse(ConnectOverHTTP2, http.StatusNotImplemented)
	}
	target := m.Peek(m.Target)
	switch {
	case len(target) == 1 && target[0] == '*':
		if r.Method != http.MethodOptions {
			return refuse(AsteriskWithoutOptions, http.StatusBadRequest)
		}
	case len(target) == 0 || target[0] != '/' || !plainTarget(target):
		return refuse(BadTarget, http.StatusBadRequest)
	}
	m.Path = m.Target
	if q := bytes.IndexByte(target, '?'); q >= 0 {
		m.HasQuery = true
		m.Path.End = m.Target.Start + uint32(q)
		m.Query = raw.Span{Start: m.Path.End + 1, End: m.Target.End}
	}
	switch host := r.Header["Host"]; {
	case r.Host == "":
		return refuse(MissingHost, http.StatusBadRequest)
	case !authority(r.Host):
		return refuse(BadHost, http.StatusBadRequest)
	case len(host) > 1, len(host) == 1 && !strings.EqualFold(host[0], r.Host):
		return refuse(HostMismatch, http.StatusBadRequest)
	}
	return nil
}

// fillFields appends the field lines sorted by name in lower case. The names of
// announced trailers, which net/http took out, are put back as a trailer line.
func fillFields(m *raw.Message, header, trailer http.Header, lim *Limits) error {
	names := make([]string, 0, len(header))
	for name := range header {
		if lookalike(name) {
			return refuse(FramingLookalike, http.StatusBadRequest)
		}
		if name != "Host" {
			names = append(names, name)
		}
	}
	if len(trailer) > 0 {
		names = append(names, "Trailer")
	}
	slices.Sort(names)
	start := m.ArenaLen()
	for _, name := range names {
		values := header[name]
		if name == "Trailer" {
			values = []string{announced(trailer)}
		}
		for _, v := range values {
			addPair(&m.Header, m, name, v)
		}
	}
	if m.ArenaLen()-start > lim.HeaderBytes {
		return refuse(HeaderTooLarge, http.StatusRequestHeaderFieldsTooLarge)
	}
	if len(m.Header) > lim.HeaderCount {
		return refuse(TooManyHeaders, http.StatusRequestHeaderFieldsTooLarge)
	}
	return nil
}

// announced lists the names of trailer, sorted.
func announced(trailer http.Header) string {
	names := make([]string, 0, len(trailer))
	for name := range trailer {
		names = append(names, strings.ToLower(name))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// addPair appends a field line, its name in lower case.
func addPair(to *[]raw.Pair, m *raw.Message, name, value string) {
	n := m.AppendString(name)
	lower(m.Peek(n))
	*to = append(*to, raw.Pair{Name: n, Value: m.AppendString(strings.Trim(value, " \t"))})
}

// addTrailers appends the trailer section that has arrived, sorted by name.
func addTrailers(m *raw.Message, trailer http.Header, lim *Limits) error {
	names := make([]string, 0, len(trailer))
	for name, values := range trailer {
		if len(values) > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	start := m.ArenaLen()
	for _, name := range names {
		if forbiddenTrailer(name) {
			return refuse(ForbiddenTrailer, http.StatusBadRequest)
		}
		for _, v := range trailer[name] {
			addPair(&m.Trailer, m, name, v)
		}
	}
	if m.ArenaLen()-start > lim.TrailerBytes {
		return refuse(TrailerTooLarge, http.StatusRequestHeaderFieldsTooLarge)
	}
	return nil
}

// fillBody sets the framing. net/http looks at the first Content-Length only,
// and only where a body follows; its own ContentLength is 0 where none does.
func fillBody(m *raw.Message, r *http.Request) error {
	m.ContentLength, m.Framing = -1, raw.Stream
	length, declared, ok := contentLength(r.Header)
	switch {
	case len(r.Header["Content-Length"]) > 1:
		return refuse(DuplicateContentLength, http.StatusBadRequest)
	case !ok, declared && length != r.ContentLength:
		return refuse(BadContentLength, http.StatusBadRequest)
	case declared:
		m.ContentLength, m.Framing = length, raw.Length
	case r.ContentLength == 0:
		m.Framing = raw.NoBody
	}
	return nil
}

// contentLength reads the Content-Length of a header; ok is false where it is
// not one plain number.
func contentLength(h http.Header) (n int64, declared, ok bool) {
	values := h["Content-Length"]
	if len(values) == 0 {
		return -1, false, true
	}
	if len(values) > 1 || values[0] == "" || len(values[0]) > 19 || len(values[0]) > 1 && values[0][0] == '0' {
		return 0, true, false // a leading zero is octal to some
	}
	for _, c := range []byte(values[0]) {
		if c < '0' || c > '9' {
			return 0, true, false
		}
	}
	n, err := strconv.ParseInt(values[0], 10, 64)
	return n, true, err == nil
}
