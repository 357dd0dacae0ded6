package proxy

// requestHeaders are the field lines of a request with a canary in each, where
// * stands.
var requestHeaders = []place{
	header("Authorization", "Bearer *"), header("Authorization", `Digest username="*"`), header("Proxy-Authorization", "Basic *").when((*way).one).kept(),
	header("X-Api-Key", "*"), header("X-Auth-Token", "*"), header("X-Csrf-Token", "*"), header("X-Amz-Security-Token", "*"),
	header("Stripe-Signature", "t=1,v1=*"), header("X-Hub-Signature-256", "sha256=*"), header("Cf-Access-Jwt-Assertion", "*"),
	header("Cookie", "sid=*; theme=dark"), header("Cookie", "*=1").at("="), header("Cookie", "_ga=GA1.2.*"), header("Cookie", "*"),
	header("Cookie", "theme=of *").of(identifiers), header("Cookie", `prefs="*"`), header("Cookie", "user_*=1").at("="),

	header("X-Forwarded-For", "*"), header("X-Forwarded-For", "*, 192.0.2.1"), header("Forwarded", "for=*;by=*;host=*;proto=https").at(inToken),
	header("Forwarded", `for="[*]:4711"`), header("X-Forwarded-Host", "*"), header("X-Forwarded-Server", "*"), header("X-Forwarded-User", "*"),
	header("X-Forwarded-Email", "*"), header("X-Forwarded-Uri", "/*?x=*"), header("X-Forwarded-Prefix", "/*"), header("X-Forwarded", "*"),
	header("X-Real-Ip", "*").when((*way).direct), header("X-Real-Ip", "*").when((*way).proxied).kept(), header("X-Client-Ip", "*"), header("True-Client-Ip", "*"), header("Cf-Connecting-Ip", "*"), header("Fastly-Client-Ip", "*"),
	header("X-Cluster-Client-Ip", "*"), header("X-Envoy-External-Address", "*"), header("X-Azure-ClientIp", "*"), header("X-Appengine-User-Ip", "*"),
	header("X-Appengine-City", "*"), header("Cf-Ipcity", "*"), header("X-Original-Url", "/*?email=*"), header("X-Rewrite-Url", "/*"),
	header("X-Original-Host", "*"), header("X-Ssl-Client-Cert", "*"), header("X-Ssl-Client-S-Dn", "CN=*"), header("X-Forwarded-Client-Cert", `By=*;Subject="CN=*"`),
	header("Via", "1.1 *"), header("Client-Ip", "*"), header("X-Remote-User", "*"), header("X-Nokia-Msisdn", "*"), header("X-Up-Subno", "*"),

	header("Referer", "https://*.hunt.example/").at(inHost), header("Referer", "https://www.hunt.example/*/x?y=z"),
	header("Referer", "https://www.hunt.example/search?email=*&q=1"), header("Referer", "https://www.hunt.example/?*=1").at("="),
	header("Referer", "https://www.hunt.example/?*"), header("Referer", "https://www.hunt.example/#*"), header("Referer", "https://user:*@www.hunt.example/").at("@/"),
	header("Referer", "*"), header("Referer", "android-app://*/x"), header("Referer", "https://*/a").with(".").of([]shape{ip4}),
	header("Referer", "https://[*]:8443/a").with(":").of([]shape{ip6}), header("Referer", "mailto:*"), header("Referer", "http://www.hunt.example/a b/*"),
	header("Origin", "https://*.hunt.example").at(inHost), header("Origin", "*"), header("Destination", "https://www.hunt.example/dav/*"),
	header("Content-Location", "/*"), header("Access-Control-Request-Headers", "x-*"),

	header("User-Agent", "Mozilla/5.0 (X11; *) Gecko/20100101 Firefox/145.0"), header("User-Agent", "*/1.0").when((*way).answerOne), header("User-Agent", "Mozilla/5.0 Chrome/* Safari/537.36").when((*way).answerOne),
	header("Sec-Ch-Ua", `"*";v="1"`), header("Sec-Ch-Ua-Platform", `"*"`), header("Sec-Ch-Ua-Model", `"*"`), header("Sec-Ch-Ua-Full-Version-List", `"*";v="1.2"`),
	header("Sec-Fetch-Site", "*"), header("Device-Memory", "*"), header("X-Device-Id", "*"), header("X-Requested-With", "*"), header("X-Wap-Profile", "http://*/x"),
	header("Accept", "text/html;v=*"), header("Accept-Language", "da;q=*").of(identifiers), header("Accept-Encoding", "gzip;x=*"), header("Accept-Charset", "*"),
	header("From", "*"), header("Date", "*"), header("Warning", `199 * "*"`), header("Dnt", "*"), header("Save-Data", "*"),

	header("Traceparent", "00-*-00f067aa0ba902b7-01"), header("Tracestate", "vendor=*"), header("Baggage", "user.id=*,a=*"), header("B3", "*-1"),
	header("X-B3-Traceid", "*"), header("X-Request-Id", "*"), header("X-Correlation-Id", "*"), header("X-Cloud-Trace-Context", "*/1"),
	header("X-Amzn-Trace-Id", "Root=*"), header("Uber-Trace-Id", "*:1"), header("Sentry-Trace", "*-1"), header("X-Ms-Client-Request-Id", "*"),

	header("Range", "bytes=*"), header("If-None-Match", `W/"*"`), header("If-Match", `"*"`), header("If-Range", `"*"`), header("If-Modified-Since", "*"),
	header("Cache-Control", "x=*"), header("Pragma", "*"), header("Content-Type", "multipart/form-data; boundary=*"), header("Content-Disposition", `form-data; name="*"`),
	header("Content-Language", "*"), header("Content-Md5", "*"), header("Content-Range", "bytes *"), header("Digest", "sha-256=*"), header("Last-Event-Id", "*"),
	header("Idempotency-Key", "*"), header("X-Http-Method-Override", "*"), header("Soapaction", `"*"`), header("Priority", "u=*"), header("Link", "<https://*/>; rel=x"),

	header("X-User-Id", "*"), header("X-Customer-Email", "*"), header("X-Msisdn", "*"), header("X-Kundenr", "*"), header("X-Unheard-Of", "a *, b"),
	header("X-Note", "ask *, please").of(identifiers), header("X-Note", "(*)").of(identifiers), header("X-Note", "<*>;x").of(identifiers),
	header("Http2-Settings", "*").when((*way).one).kept(), header("Keep-Alive", "timeout=*").when((*way).one).kept(), header("Te", "*").when((*way).one).kept(),
	header("Proxy-Connection", "*").when((*way).one).kept(),
	{name: "header name", put: func(m *message, v string) { m.header = append(m.header, line{"X-" + v, "1"}) }, grammar: inToken},
	{name: "whole header name", put: func(m *message, v string) { m.header = append(m.header, line{v, v}) }, grammar: inToken},
}

// responseHeaders are those of a response.
var responseHeaders = []place{
	header("Location", "https://*.hunt.example/").at(inHost), header("Location", "https://login.hunt.example/authorize?login_hint=*&state=*"),
	header("Location", "/*/done"), header("Location", "*"), header("Location", "https://www.hunt.example/#access_token=*"), header("Location", "//*/x").at(inHost),
	header("Content-Location", "/orders/*"), header("Link", `<https://www.hunt.example/*>; rel="*"; title="*"`), header("Link", `</a?b=*>; rel=next, </*>; rel=prev`),
	header("Refresh", "5; url=https://www.hunt.example/*?*=1"), header("Refresh", "*"), header("Sourcemap", "/*"),

	header("Set-Cookie", "sid=*; Path=/; HttpOnly"), header("Set-Cookie", "*=1; Secure").at("="), header("Set-Cookie", "a=b; Domain=*"),
	header("Set-Cookie", "a=b; Path=/*; Expires=Sun, 22 Nov 2026 10:00:00 GMT"), header("Set-Cookie", "*"), header("Set-Cookie", "theme=of *").of(identifiers),
	header("Set-Cookie", "a=b; Expires=*"), header("Set-Cookie", "a=b; X=*"), header("Set-Cookie2", "a=*"),

	header("Www-Authenticate", `Basic realm="*"`), header("Authentication-Info", `nextnonce="*"`), header("Proxy-Authenticate", `Basic realm="*"`).kept(),
	header("Etag", `"*"`), header("Content-Disposition", `attachment; filename="*.pdf"`), header("Content-Disposition", "attachment; filename*=UTF-8''*"),
	header("Server", "*"), header("Via", "1.1 *"), header("X-Powered-By", "*"), header("X-Request-Id", "*"), header("X-Served-By", "*"), header("X-Cache", "HIT from *"),
	header("Alt-Svc", `h3="*:443"`), header("Content-Security-Policy", "report-uri https://*/r"), header("Report-To", `{"url":"https://*/"}`), header("Nel", `{"a":"*"}`),
	header("Access-Control-Allow-Origin", "https://*"), header("Access-Control-Expose-Headers", "x-*"), header("Vary", "*"), header("Allow", "GET, *"),
	header("Server-Timing", `db;desc="*"`), header("Timing-Allow-Origin", "https://*"), header("Retry-After", "*"), header("Age", "*"), header("Expires", "*"),
	header("Last-Modified", "*"), header("Cache-Control", "private=*"), header("Clear-Site-Data", `"*"`), header("Content-Language", "*"), header("Content-Type", "text/html; charset=*"),
	header("X-User-Id", "*"), header("X-Debug-Sql", "select '*'"), header("Grpc-Status-Details-Bin", "*"), header("Traceresponse", "00-*-1-01"),
	header("X-Note", "to *").of(identifiers), header("Keep-Alive", "timeout=*").when((*way).answerOne).kept(),
	{name: "header name", put: func(m *message, v string) { m.header = append(m.header, line{"X-" + v, "1"}) }, grammar: inToken},
	{name: "whole header name", put: func(m *message, v string) { m.header = append(m.header, line{v, v}) }, grammar: inToken},
}
