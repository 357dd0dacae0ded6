package record

import (
	"fmt"
	"slices"
	"strings"

	"weir/redact/transform"
)

// Only is which fields entries hold, by their names in a JSON line. What every
// entry has stays beside them: time, service, weir.fault, epoch, policy, retain.
type Only struct {
	names   []string
	without []func(*Entry) // of each field that is not held
}

// NewOnly makes a set of names, each one of Fields. Behind one that ends in a dot
// stands the name of a header, or a star.
func NewOnly(names []string) (*Only, error) {
	o := &Only{names: slices.Clone(names)}
	all := Fields()
	for _, name := range names {
		known := func(f string) bool {
			if strings.HasSuffix(f, ".") {
				return len(name) > len(f) && strings.HasPrefix(name, f)
			}
			return name == f
		}
		if !slices.ContainsFunc(all, known) {
			return nil, fmt.Errorf("no field of an entry is called %q", name)
		}
	}
	for _, f := range limits {
		if !slices.Contains(names, f.name) {
			o.without = append(o.without, f.empty)
		}
	}
	return o, nil
}

// Fields are the names that Only knows, in order.
func Fields() []string {
	all := slices.Concat(always[:], parts[:])
	for _, f := range limits {
		all = append(all, f.name)
	}
	slices.Sort(all)
	return all
}

var always = [...]string{"time", "service", "weir.fault", "epoch", "policy", "retain"}

// limits are the fields of an entry but headers and those that always stay. What
// counts the rest of a list goes with it, a span with its trace.
var limits = [...]struct {
	name  string
	empty func(*Entry)
}{
	{"flow.direction", func(e *Entry) { e.Direction = transform.Clean{} }},
	{"client.address", func(e *Entry) { e.ClientAddress = transform.Clean{} }},
	{"network.peer.address", func(e *Entry) { e.PeerAddress = transform.Clean{} }},
	{"client.certificate", func(e *Entry) { e.ClientCertificate = transform.Clean{} }},
	{"http.request.method", func(e *Entry) { e.Method = transform.Clean{} }},
	{"url.scheme", func(e *Entry) { e.Scheme = transform.Clean{} }},
	{"server.address", func(e *Entry) { e.Server = transform.Clean{} }},
	{"server.port", func(e *Entry) { e.ServerPort = 0 }},
	{"tls.server_name", func(e *Entry) { e.ServerName = transform.Clean{} }},
	{"url.path", func(e *Entry) { e.Path = transform.Clean{} }},
	{"url.query", func(e *Entry) { e.HasQuery, e.Query, e.MoreQuery = false, e.Query[:0], false }},
	{"http.request.body.size", func(e *Entry) { e.RequestSize = -1 }},
	{"http.request.body.unscanned", func(e *Entry) { e.RequestUnscanned = transform.Clean{} }},
	{"http.response.status_code", func(e *Entry) { e.Status = 0 }},
	{"http.response.body.size", func(e *Entry) { e.ResponseSize = -1 }},
	{"http.response.body.unscanned", func(e *Entry) { e.ResponseUnscanned = transform.Clean{} }},
	{"duration", func(e *Entry) { e.Duration = -1 }},
	{"http.response.time_to_first_byte", func(e *Entry) { e.FirstByte = 0 }},
	{"user_agent.name", func(e *Entry) { e.AgentName = transform.Clean{} }},
	{"user_agent.version", func(e *Entry) { e.AgentVersion = transform.Clean{} }},
	{"network.protocol.version", func(e *Entry) { e.Protocol = transform.Clean{} }},
	{"tls.protocol.version", func(e *Entry) { e.TLSVersion = transform.Clean{} }},
	{"flow.visibility", func(e *Entry) { e.Visibility = transform.Clean{} }},
	{"attempts", func(e *Entry) { e.Attempts = 0 }},
	{"tunnel.bytes_up", func(e *Entry) { e.BytesUp = -1 }},
	{"tunnel.bytes_down", func(e *Entry) { e.BytesDown = -1 }},
	{"error.type", func(e *Entry) { e.Error = transform.Clean{} }},
	{"redacted", func(e *Entry) { e.Redacted, e.MoreRedacted = e.Redacted[:0], 0 }},
	{"subjects", func(e *Entry) { e.Subjects, e.MoreSubjects = e.Subjects[:0], 0 }},
	{"trace_id", func(e *Entry) { e.Trace = nil }},
}

// Limit empties what is not in o.
func (e *Entry) Limit(o *Only) {
	for _, empty := range o.without {
		empty(e)
	}
	e.Values = slices.DeleteFunc(e.Values, func(v Value) bool { return !o.header(&v) })
}

func (o *Only) header(v *Value) bool {
	for _, name := range o.names {
		if rest, ok := strings.CutPrefix(name, parts[v.Part]); ok && (rest == "*" || rest == v.Name) {
			return true
		}
	}
	return false
}
