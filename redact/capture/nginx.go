package capture

import (
	"errors"
	"strings"

	"weir/redact/raw"
)

// Nginx reads a log_format of nginx's ngx_http_log_module.
func Nginx(format string) (*Template, error) {
	var parts []part
	text := ""
	for i := 0; i < len(format); i++ {
		if format[i] != '$' {
			text += string(format[i])
			continue
		}
		rest := format[i+1:]
		braced := strings.HasPrefix(rest, "{")
		if braced {
			rest = rest[1:]
		}
		n := len(rest) - len(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"))
		name := rest[:n]
		i += n
		if braced {
			if n == len(rest) || rest[n] != '}' {
				return nil, errors.New("capture: a brace behind $ is not closed")
			}
			i += 2
		}
		if name == "" {
			return nil, errors.New("capture: a variable behind $ has no name")
		}
		parts = append(parts, part{text: text, field: variable(name)})
		text = ""
	}
	if text != "" {
		parts = append(parts, part{text: text})
	}
	return newTemplate(parts)
}

var (
	numbers = &Field{Role: Number, List: true}
	states  = &Field{Role: Word, Words: []string{"MISS", "BYPASS", "EXPIRED", "STALE", "UPDATING", "REVALIDATED", "HIT"}}
)

// variables are those of nginx's modules that have a part of an exchange, or a
// fact, for their value.
var variables = map[string]*Field{
	"remote_addr": {Role: Address, Kind: raw.ClientAddress}, "proxy_protocol_addr": {Role: Address, Kind: raw.ClientAddress},
	"realip_remote_addr": {Role: Address, Kind: raw.PeerAddress},
	"time_local":         timeField, "time_iso8601": timeField, "date_gmt": timeField, "date_local": timeField, "msec": number,
	"request": {Role: Request}, "request_method": {Role: Method}, "server_protocol": {Role: Protocol},
	"request_uri": {Role: Target, Starts: '/'}, "uri": {Role: Path, Starts: '/'}, "document_uri": {Role: Path, Starts: '/'},
	"args": {Role: Arguments}, "query_string": {Role: Arguments}, "is_args": {Role: Question, Starts: '?'},
	"scheme": {Role: Word, Words: []string{"http", "https"}}, "https": {Role: Word, Words: []string{"on"}},
	"host": {Role: Host, Kind: raw.Host}, "http2": {Role: Word, Words: []string{"h2", "h2c"}}, "http3": {Role: Word, Words: []string{"h3"}},
	"status": {Role: Status}, "upstream_status": numbers,
	"body_bytes_sent": number, "bytes_sent": number, "request_length": number, "request_time": number, "content_length": number,
	"connection": number, "connection_requests": number, "connection_time": number, "connections_active": number, "gzip_ratio": number,
	"remote_port": port, "server_port": port, "pid": process, "upstream_response_time": numbers, "upstream_connect_time": numbers,
	"upstream_header_time": numbers, "upstream_first_byte_time": numbers, "upstream_queue_time": numbers,
	"upstream_bytes_received": numbers, "upstream_bytes_sent": numbers, "upstream_response_length": numbers,
	"upstream_addr":         {Role: Value, Kind: raw.LogField, Name: "upstream_addr", List: true, Program: true},
	"upstream_cache_status": states, "upstream_cache_hit": states,
	"ssl_protocol":       {Role: Word, Words: []string{"SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"}},
	"ssl_session_reused": {Role: Word, Words: []string{"r", "."}}, "pipe": {Role: Word, Words: []string{"p", "."}},
	"ssl_server_name": {Role: Value, Kind: raw.ServerName}, "request_completion": {Role: Word, Words: []string{"OK"}},
	"ssl_client_s_dn": {Role: Value, Kind: raw.ClientCertificate}, "ssl_client_s_dn_legacy": {Role: Value, Kind: raw.ClientCertificate},
	"content_type": {Role: Header, Kind: raw.RequestHeader, Name: "content-type"}, "request_body": {Role: Value, Kind: raw.RequestBody},
	"limit_req_status":  {Role: Word, Words: []string{"PASSED", "DELAYED", "REJECTED", "DELAYED_DRY_RUN", "REJECTED_DRY_RUN"}},
	"limit_conn_status": {Role: Word, Words: []string{"PASSED", "REJECTED", "REJECTED_DRY_RUN"}},
}

// prefixes are those of variables whose names go on with that of a part.
var prefixes = []struct {
	text string
	kind raw.Kind
}{
	{"http_", raw.RequestHeader}, {"sent_http_", raw.ResponseHeader}, {"upstream_http_", raw.ResponseHeader},
	{"cookie_", raw.RequestCookie}, {"upstream_cookie_", raw.ResponseCookie}, {"arg_", raw.Query},
	{"sent_trailer_", raw.ResponseTrailer}, {"upstream_trailer_", raw.ResponseTrailer},
}

// variable is what nginx's variable of that name holds. One that is not known is
// a field of the log's own.
func variable(name string) *Field {
	if f := variables[name]; f != nil {
		return f
	}
	for _, p := range prefixes {
		rest, ok := strings.CutPrefix(name, p.text)
		if !ok || rest == "" {
			continue
		}
		if p.kind == raw.RequestHeader || p.kind == raw.ResponseHeader {
			return header(p.kind, strings.ReplaceAll(rest, "_", "-"))
		}
		return &Field{Role: Value, Kind: p.kind, Name: rest}
	}
	return &Field{Role: Value, Kind: raw.LogField, Name: name}
}
