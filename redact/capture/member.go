package capture

import (
	"strings"

	"weir/redact/raw"
)

// Member is what stands under a name in a log of JSON objects: a name that common
// loggers and proxies (Caddy, Traefik, Envoy, nginx, pino, zap, logrus, slog, ECS,
// OpenTelemetry, weir) have for a part of an exchange or of their own, else a field
// of the log's own. name is that of the member behind those that it stands in,
// divided by dots.
func Member(name string) *Field {
	f := *member(name)
	f.Key, f.spelled = f.key(), []byte(f.Name)
	return &f
}

func member(name string) *Field {
	lower := strings.ToLower(name)
	for rest := lower; ; {
		if f := members[rest]; f != nil {
			return f
		}
		if f := inside(rest); f != nil {
			return f
		}
		first, after, found := strings.Cut(rest, ".")
		if !found || !containers[first] {
			return &Field{Role: Value, Kind: raw.LogField, Name: name}
		}
		rest = after
	}
}

// inside is a field of a group whose members are named by the exchange.
func inside(name string) *Field {
	for _, g := range groups {
		rest, ok := strings.CutPrefix(name, g.prefix)
		if !ok || rest == "" {
			continue
		}
		if g.kind == raw.RequestHeader || g.kind == raw.ResponseHeader {
			return header(g.kind, strings.ReplaceAll(rest, "_", "-"))
		}
		return &Field{Role: Value, Kind: g.kind, Name: rest}
	}
	return nil
}

// groups are prefixes of names, the longer ones first.
var groups = []struct {
	prefix string
	kind   raw.Kind
}{
	{"http.request.header.", raw.RequestHeader}, {"http.response.header.", raw.ResponseHeader},
	{"request.headers.", raw.RequestHeader}, {"response.headers.", raw.ResponseHeader},
	{"req.headers.", raw.RequestHeader}, {"res.headers.", raw.ResponseHeader}, {"resp_headers.", raw.ResponseHeader},
	{"request_headers.", raw.RequestHeader}, {"response_headers.", raw.ResponseHeader}, {"headers.", raw.RequestHeader},
	{"http_", raw.RequestHeader}, {"request_", raw.RequestHeader}, {"downstream_", raw.ResponseHeader}, {"origin_", raw.ResponseHeader},
	{"request.cookies.", raw.RequestCookie}, {"cookies.", raw.RequestCookie}, {"request.query.", raw.Query}, {"req.query.", raw.Query},
	{"query.", raw.Query}, {"req.params.", raw.Query},
}

// containers are names of objects that say nothing of what is in them.
var containers = map[string]bool{"request": true, "req": true, "response": true, "res": true, "resp": true, "http": true,
	"httprequest": true, "access": true, "access_log": true, "accesslog": true, "fields": true, "jsonpayload": true, "log": true,
	"event": true, "record": true, "attributes": true, "ctx": true, "context": true, "entry": true, "nginx": true}

// members holds the names that are known, in lower case.
var members = func() map[string]*Field {
	all := map[string]*Field{}
	put := func(f Field, names string) {
		for name := range strings.FieldsSeq(names) {
			all[name] = &f
		}
	}
	own := func(name, names string) {
		put(Field{Role: Value, Kind: raw.LogField, Name: name, Program: true}, names)
	}
	put(Field{Role: Time}, "time ts timestamp @timestamp asctime start_time starttime startutc startlocal eventtime time_local time_iso8601 msec")
	put(Field{Role: Time, Day: true}, "date datetime t")
	put(Field{Role: Address, Kind: raw.ClientAddress}, "client.address client.ip clientip client_ip remote_ip remote_addr remoteaddr remoteip remoteaddress remote_address "+
		"clienthost clientaddr source.ip source.address ip_address downstream_remote_address downstream_remote_address_without_port client_addr clientaddress ip")
	put(Field{Role: Address, Kind: raw.PeerAddress}, "network.peer.address peer peer_address realip_remote_addr downstream_direct_remote_address")
	put(Field{Role: Method}, "method request.method http.request.method requestmethod request_method http_method http.method verb")
	put(Field{Role: Target}, "uri request_uri requesturi url path url.path url.full requestpath http.target http.url requesturl request_path url.original x_envoy_original_path")
	put(Field{Role: Request}, "request requestline request_line")
	put(Field{Role: Arguments}, "query url.query query_string querystring args")
	put(Field{Role: Protocol}, "proto protocol requestprotocol server_protocol http.flavor httpversion")
	put(Field{Role: Host, Kind: raw.Host}, "request.host requesthost requestaddr authority server.address http.host vhost req.host virtual_host host")
	put(Field{Role: Status}, "status status_code statuscode response_code downstreamstatus originstatus http.response.status_code http.status_code http_status")
	put(Field{Role: Number}, "size bytes body_bytes_sent bytes_sent bytes_received bytes_read byteswritten duration latency elapsed took response_time responsetime request_time "+
		"requesttime downstreamcontentsize origincontentsize requestcontentsize originduration overhead requestcount "+
		"upstream_service_time upstream_response_time latency_ms duration_ms elapsed_ms http.response.body.size http.request.body.size "+
		"http.response.time_to_first_byte request_length content_length response_size responsesize request_size requestsize bytes_out bytes_in "+
		"tunnel.bytes_up tunnel.bytes_down")
	put(*port, "requestport clientport remote_port server.port")
	put(*process, "pid line lineno")
	put(*few, "v attempts retryattempts network.protocol.version tls.protocol.version user_agent.version tls.version")
	put(Field{Role: Word, Words: levels}, "level severity lvl loglevel log.level levelname severity_text")
	put(Field{Role: Word, Words: []string{"http", "https"}}, "scheme requestscheme url.scheme")
	put(Field{Role: Word, Words: []string{"stdout", "stderr"}}, "stream")
	put(Field{Role: Word, Words: []string{"inbound", "outbound"}}, "flow.direction")
	put(Field{Role: Word, Words: []string{"full", "headers", "tunnel"}}, "flow.visibility")
	put(Field{Role: Text, Kind: raw.LogField, Name: "text"}, "msg message text log error err error.message exception error.stack_trace stack stacktrace stack_trace trace_text description @message textpayload")
	put(Field{Role: Header, Kind: raw.RequestHeader, Name: "user-agent"}, "user_agent useragent user-agent http_user_agent user_agent.original agent")
	put(Field{Role: Header, Kind: raw.RequestHeader, Name: "referer"}, "referer referrer http_referer http_referrer request.referer")
	put(*header(raw.RequestHeader, "x-forwarded-for"), "x_forwarded_for xff forwarded_for http_x_forwarded_for")
	own("logger", "logger logger_name loggername log.logger") // not name: that of a person stands there as often as that of a logger
	own("hostname", "hostname host.name")
	own("app", "app service service.name application program appname syslog_identifier component module")
	own("callsite", "caller func function log.origin.file.name log.origin.function")
	own("thread", "thread thread_name threadname process.thread.name goroutine")
	own("server_name", "server_name servername routername entrypointname upstream_cluster route_name")
	own("procid", "procid process_id processid thread_id threadid thread.id process.pid process.thread.id tid")
	own("msgid", "msgid")
	own("handler", "handler")
	own("ssl_cipher", "ssl_cipher tls_cipher tls.cipher")
	own("upstream_addr", "upstream_addr upstream_host serviceaddr serviceurl upstream_local_address downstream_local_address")
	own("weir", "epoch policy retain error.type weir.fault redacted.field redacted.category redacted.transform redacted.rule user_agent.name subjects")
	return all
}()

// levels are those that loggers write.
var levels = []string{"trace", "debug", "info", "notice", "warn", "warning", "error", "fatal", "panic", "critical", "crit", "alert", "emerg", "emergency", "dpanic",
	"TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "FATAL", "PANIC", "CRITICAL", "CRIT", "ALERT", "EMERG", "EMERGENCY", "SEVERE", "DEFAULT",
	"Trace", "Debug", "Info", "Information", "Notice", "Warn", "Warning", "Error", "Fatal", "Critical", "Verbose", "verbose",
	"10", "20", "30", "40", "50", "60", "0", "1", "2", "3", "4", "5", "6", "7"}
