package otlp

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	collector "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	wire "go.opentelemetry.io/proto/slim/otlp/trace/v1"

	"weir/redact/record"
)

// Spans gives a collector the spans of exchanges: a server's, and a client's where
// an upstream was asked. They are made of sealed entries, so that nothing can
// stand in a span that may not stand in the log.
type Spans struct{ *client }

// NewSpans connects when there is something to be said.
func NewSpans(cfg Config) (*Spans, error) {
	c, err := newClient(cfg)
	if err != nil {
		return nil, err
	}
	return &Spans{c}, nil
}

// about is what a line must say beside the entry so that spans can be made of it.
type about struct {
	Parent   string  `json:"parent,omitempty"`
	Client   string  `json:"client,omitempty"`
	Route    string  `json:"route,omitempty"`
	Upstream string  `json:"upstream,omitempty"`
	Asked    float64 `json:"asked,omitempty"` // seconds after the start
}

// AppendLine appends the line that Write takes for an entry, which is in JSON.
func AppendLine(dst []byte, s record.Sealed) []byte {
	t := s.Trace
	a := about{Parent: t.Parent.String(), Client: t.Client.String(), Route: t.Route, Upstream: t.Upstream, Asked: t.Asked.Seconds()}
	b, err := json.Marshal(struct {
		About about `json:"about"`
	}{a})
	if err != nil || len(s.Line) == 0 {
		return dst // neither can be
	}
	dst = append(dst, b[:len(b)-1]...)
	dst = append(dst, ',')
	return append(dst, s.Line[1:]...)
}

// Write makes spans of whole lines and gives them to the collector in one
// request, as Logs.Write does.
func (s *Spans) Write(lines []byte) (int, error) {
	if err := s.pause(); err != nil {
		return 0, err
	}
	var spans []*wire.Span
	n, bad := 0, 0
	for line := range bytes.Lines(lines) {
		made, err := spansOf(line)
		if n++; err != nil {
			bad++
		}
		spans = append(spans, made...)
	}
	var resp collector.ExportTraceServiceResponse
	err := s.export(s.ctx, traces, &collector.ExportTraceServiceRequest{ResourceSpans: []*wire.ResourceSpans{{
		Resource:   s.cfg.Resource.proto(),
		ScopeSpans: []*wire.ScopeSpans{{Scope: s.cfg.Resource.scope(), Spans: spans}},
	}}}, &resp)
	s.told(traces, err)
	return taken(lines, n, bad+partial(resp.GetPartialSuccess().GetRejectedSpans(), n), err)
}

// serverKeys are those of an entry that a server's span has, clientKeys those of
// a client's. http.route and the upstream come beside the entry.
var (
	serverKeys = map[string]bool{"flow.direction": true, "client.address": true, "http.request.method": true, "url.scheme": true, "server.address": true,
		"server.port": true, "url.path": true, "url.query": true, "http.request.body.size": true, "http.response.status_code": true,
		"http.response.body.size": true, "user_agent.name": true, "user_agent.version": true, "network.protocol.version": true,
		"tls.protocol.version": true, "error.type": true}
	clientKeys = map[string]bool{"http.request.method": true, "http.response.status_code": true, "error.type": true}
)

// told is what a line tells of an exchange.
type told struct {
	server, client *wire.Span
	method, route  string
	upstream       string
	host           []*common.KeyValue // server.address and server.port of the entry
	start          time.Time
	duration       float64 // seconds, as the next two
	first, asked   float64
	attempts       int64
	status         int64
	failed         bool
}

// spansOf makes the spans of one line; none of a gap entry's.
func spansOf(line []byte) ([]*wire.Span, error) {
	all, err := members(line)
	if err != nil {
		return nil, err
	}
	t := told{method: "HTTP", server: &wire.Span{Kind: wire.Span_SPAN_KIND_SERVER, Flags: sampledFlag},
		client: &wire.Span{Kind: wire.Span_SPAN_KIND_CLIENT, Flags: sampledFlag}}
	for _, kv := range all {
		t.note(kv)
		if serverKeys[kv.Key] {
			t.server.Attributes = append(t.server.Attributes, kv)
		}
		if clientKeys[kv.Key] {
			t.client.Attributes = append(t.client.Attributes, kv)
		}
	}
	if t.start.IsZero() {
		return nil, errLine
	}
	if t.server.TraceId == nil || t.server.SpanId == nil {
		return nil, nil // a gap entry
	}
	t.serve()
	if t.client.SpanId == nil {
		return []*wire.Span{t.server}, nil
	}
	t.call()
	return []*wire.Span{t.server, t.client}, nil
}

// note takes one member of the line.
func (t *told) note(kv *common.KeyValue) {
	v := kv.GetValue()
	switch kv.Key {
	case "about":
		t.about(v.GetKvlistValue())
	case "time":
		if at, err := time.Parse(time.RFC3339, v.GetStringValue()); err == nil {
			t.start = at
		}
	case "trace_id":
		t.server.TraceId = unhex(v.GetStringValue(), 16)
		t.client.TraceId = t.server.TraceId
	case "span_id":
		t.server.SpanId = unhex(v.GetStringValue(), 8)
		t.client.ParentSpanId = t.server.SpanId
	case "duration":
		t.duration = seconds(v)
	case "http.response.time_to_first_byte":
		t.first = seconds(v)
	case "attempts":
		t.attempts = v.GetIntValue()
	case "http.request.method":
		t.method = v.GetStringValue()
	case "http.response.status_code":
		t.status = v.GetIntValue()
	case "error.type":
		t.failed = true
	case "server.address", "server.port":
		t.host = append(t.host, kv)
	}
}

func (t *told) about(list *common.KeyValueList) {
	for _, kv := range list.GetValues() {
		switch v := kv.GetValue(); kv.Key {
		case "parent":
			t.server.ParentSpanId = unhex(v.GetStringValue(), 8)
		case "client":
			t.client.SpanId = unhex(v.GetStringValue(), 8)
		case "route":
			t.route = v.GetStringValue()
		case "upstream":
			t.upstream = v.GetStringValue()
		case "asked":
			t.asked = seconds(v)
		}
	}
}

// serve completes the server's span.
func (t *told) serve() {
	s := t.server
	s.Name = t.method
	if t.route != "" {
		s.Name += " " + t.route
		s.Attributes = append(s.Attributes, named("http.route", text(t.route)))
	}
	s.StartTimeUnixNano, s.EndTimeUnixNano = t.at(0), t.at(t.duration)
	if t.status >= 500 && !t.failed {
		s.Attributes = append(s.Attributes, named("error.type", text(strconv.FormatInt(t.status, 10))))
	}
	s.Status = outcome(t.status >= 500 || t.status == 0)
}

// call completes the client's.
func (t *told) call() {
	c := t.client
	c.Name = t.method
	c.StartTimeUnixNano, c.EndTimeUnixNano = t.at(t.asked), t.at(t.duration)
	if t.attempts > 1 {
		c.Attributes = append(c.Attributes, named("http.request.resend_count", whole(t.attempts-1)))
	}
	if t.first > 0 {
		c.Attributes = append(c.Attributes, named("http.response.time_to_first_byte", number(t.first-t.asked)))
	}
	if t.status >= 400 && !t.failed {
		c.Attributes = append(c.Attributes, named("error.type", text(strconv.FormatInt(t.status, 10))))
	}
	c.Attributes = append(c.Attributes, reached(t.upstream, t.host)...)
	c.Status = outcome(t.status >= 400 || t.failed)
}

func (t *told) at(after float64) uint64 {
	return nano(t.start.Add(time.Duration(after * float64(time.Second))))
}

// reached names what a client's span is of: the upstream as configured, or the
// host as it stands in the entry where the client chose it.
func reached(upstream string, host []*common.KeyValue) []*common.KeyValue {
	u, err := url.Parse(upstream)
	if err != nil || u.Hostname() == "" {
		return host
	}
	all := []*common.KeyValue{named("server.address", text(u.Hostname()))}
	port, err := strconv.ParseInt(u.Port(), 10, 64)
	switch {
	case err == nil:
	case u.Scheme == "https":
		port = 443
	default:
		port = 80
	}
	return append(all, named("server.port", whole(port)))
}

func seconds(v *common.AnyValue) float64 {
	if f := v.GetDoubleValue(); f != 0 {
		return f
	}
	return float64(v.GetIntValue())
}

func outcome(failed bool) *wire.Status {
	if failed {
		return &wire.Status{Code: wire.Status_STATUS_CODE_ERROR}
	}
	return nil
}
