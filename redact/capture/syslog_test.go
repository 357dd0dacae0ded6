package capture

import (
	"testing"

	"weir/redact/raw"
)

func TestSyslogSaysWhereFieldsStand(t *testing.T) {
	for line, want := range map[string]string{
		`<34>1 2026-11-22T10:00:00.003Z web su 77 ID47 [ex@1 a="x \"y\" ]" b=""][z] said it`: `=2026-11-22T10:00:00.003Z | log.hostname=web | log.app=su | log.procid=77 | log.msgid=ID47 | =ex@1 | log=a | log.a=x \"y\" ] | log=b | log.b= | =z | log.text=said it`,
		`<34>1 - - - - - -`:                                `=- | log.hostname=- | log.app=- | log.procid=- | log.msgid=- | log.text=`,
		`<13>Nov  2 10:00:00 web sshd[123]: said it`:       `=Nov  2 10:00:00 | log.hostname=web | log.app=sshd | =123 | log.text=said it`,
		`2026-11-22T10:00:00+01:00 web app: said`:          `=2026-11-22T10:00:00+01:00 | log.hostname=web | log.app=app | log.text=said`,
		`2026-11-22T10:00:00.123456789Z stdout F a [b]: c`: `=2026-11-22T10:00:00.123456789Z | log.text=a [b]: c`,
		`2026-11-22T10:00:00.1+01:00 stderr P `:            `=2026-11-22T10:00:00.1+01:00 | log.text=`,
		`Nov 22 10:00:00 web nobody called anything`:       `=Nov 22 10:00:00 | log.hostname=web | log.text=nobody called anything`,
		`Nov 22 10:00:00 web said that http://x.dk/: 1`:    `=Nov 22 10:00:00 | log.hostname=web | log.text=said that http://x.dk/: 1`,
	} {
		var l Line
		if !Syslog([]byte(line), &l) {
			t.Errorf("%s was not read", line)
		} else if got := shown(line, &l); got != want {
			t.Errorf("%s\n got %s\nwant %s", line, got, want)
		}
	}
}

func TestWhatIsNoSyslogIsRefused(t *testing.T) {
	for _, line := range []string{"", "x", "Nov 22 10:00:00", "Nov 22 10:00:00 ", "Nov 99 10:00:00 web x: y", "<1>1 ", "<34>1 - - - - - [x",
		`<34>1 - - - - - [x y="z`, `<34>1 - - - - - [x y=z]`, `<34>1 - - - - - [an@na b c="d"]`, `<34>1 - - - - - -anna`, "Nov 22 10:00:00 web su[12: x"} {
		var l Line
		if Syslog([]byte(line), &l) {
			t.Errorf("%q was read", line)
		}
	}
}

func TestMembersAreKnownByTheNamesThatLoggersUse(t *testing.T) {
	for name, want := range map[string]Field{
		"request.headers.User-Agent":         {Role: Header, Kind: raw.RequestHeader, Name: "user-agent"},
		"http.response.header.x-id":          {Role: Header, Kind: raw.ResponseHeader, Name: "x-id"},
		"request.host":                       {Role: Host, Kind: raw.Host},
		"resp_headers.Set-Cookie":            {Role: Header, Kind: raw.ResponseHeader, Name: "set-cookie"},
		"request.remote_ip":                  {Role: Address, Kind: raw.ClientAddress},
		"httpRequest.requestUrl":             {Role: Target},
		"ClientHost":                         {Role: Address, Kind: raw.ClientAddress},
		"request_User-Agent":                 {Role: Header, Kind: raw.RequestHeader, Name: "user-agent"},
		"DownstreamStatus":                   {Role: Status},
		"fields.msg":                         {Role: Text, Kind: raw.LogField, Name: "text"},
		"url.query":                          {Role: Arguments},
		"order.colour":                       {Role: Value, Kind: raw.LogField, Name: "order.colour"},
		"customer.msg":                       {Role: Value, Kind: raw.LogField, Name: "customer.msg"},
		"request.cookies.sid":                {Role: Value, Kind: raw.RequestCookie, Name: "sid"},
		"downstream_remote_address":          {Role: Address, Kind: raw.ClientAddress},
		"jsonPayload.fields.response.status": {Role: Status},
	} {
		got := Member(name)
		if got.Role != want.Role || got.Kind != want.Kind || got.Name != want.Name || string(got.Spelled()) != want.Name {
			t.Errorf("%s is role %d, %s.%s", name, got.Role, got.Kind.Place(), got.Name)
		}
	}
}

func FuzzSyslog(f *testing.F) {
	f.Add(`<34>1 2026-11-22T10:00:00.003Z web su 77 ID47 [ex@1 a="x \"y\" ]" b=""][z] said it`)
	f.Add("<13>Nov  2 10:00:00 web sshd[123]: said it")
	f.Fuzz(func(t *testing.T, line string) {
		var l Line
		if !Syslog([]byte(line), &l) {
			return
		}
		at := 0
		for _, sp := range l.Spans {
			if sp.Start < at || sp.End < sp.Start || sp.End > len(line) {
				t.Fatalf("a span of %d to %d behind %d in %d bytes", sp.Start, sp.End, at, len(line))
			}
			at = sp.End
		}
	})
}
