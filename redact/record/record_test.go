package record

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"weir/redact/category"
	"weir/redact/transform"
)

var start = time.Date(2026, 11, 22, 10, 0, 0, 123456789, time.FixedZone("CET", 3600))

// kept is text as a policy that keeps it would leave it.
func kept(m *transform.Maker, e transform.Encoding, text string) transform.Clean {
	m.Open(e)
	m.Apply(transform.Keep(), &transform.Value{Text: []byte(text)})
	return m.Close()
}

func newMaker() *transform.Maker {
	m := transform.NewMaker(transform.Config{})
	m.Begin("30d", start)
	return m
}

// filled is an entry with every field set, each text from the exchange being text.
func filled(m *transform.Maker, text string) *Entry {
	l := transform.Literal
	tr, _ := transform.Truncate(24, 48)
	e := &Entry{}
	e.Reset()
	e.Time, e.Service, e.Direction = start, l("www"), l("inbound")
	e.ClientAddress, e.PeerAddress = kept(m, transform.Plain, text), kept(m, transform.Plain, text)
	e.ClientCertificate = kept(m, transform.Plain, text)
	e.Method, e.Scheme, e.Server, e.ServerPort, e.ServerName = l("GET"), l("https"), kept(m, transform.Plain, text), 8443, l("*")
	e.Path, e.HasQuery, e.MoreQuery = kept(m, transform.Segment, text), true, true
	e.Query = []Parameter{{Name: l("page"), Value: kept(m, transform.Query, text)}, {Name: l("q")}, {Value: kept(m, transform.Query, text), Bare: true}}
	e.Values = []Value{
		{Part: RequestHeader, Name: "cookie", Key: l("sid"), Cookie: true, Text: kept(m, transform.Plain, text)},
		{Part: RequestHeader, Name: "referer", Text: kept(m, transform.Plain, text)},
		{Part: RequestHeader, Name: "cookie", Key: l("theme"), Cookie: true, Text: l("dark")},
		{Part: ResponseHeader, Name: "set-cookie", Key: l("a"), Cookie: true, Text: l("1")},
		{Part: ResponseHeader, Name: "set-cookie", Key: l("b"), Cookie: true, Text: l("2")},
		{Part: ResponseTrailer, Name: "grpc-status", Text: l("0")},
		{Part: RequestHeader, Name: "*", Text: l("x")},
		{Part: RequestHeader, Name: "*", Text: l("y")},
		{Part: RequestHeader, Name: "accept"},
	}
	e.RequestSize, e.Status, e.ResponseSize = 5, 200, 1234
	e.Duration, e.FirstByte = 12300*time.Microsecond, time.Second
	e.AgentName, e.AgentVersion, e.Protocol, e.TLSVersion = l("Firefox"), l("145"), l("2"), l("1.3")
	e.Visibility, e.Attempts, e.BytesUp, e.BytesDown, e.Error, e.Fault = l("headers"), 2, 7, 8, l("client_gone"), l("redaction")
	e.Redacted = []*Redaction{
		NewRedaction("client.address", category.IPAddress, tr, "visitors' \"addresses\""),
		NewRedaction("url.query.*", "", transform.Drop(), ""),
	}
	e.MoreRedacted, e.Epoch, e.Policy, e.Retain = 3, l("2026-11-22"), l("sha256:1f0c"), l("30d")
	return e
}

func TestAnEntryIsWrittenAsDesigned(t *testing.T) {
	m := newMaker()
	want := map[Format]string{
		JSON: `{"time":"2026-11-22T09:00:00.123Z","service":"www","flow.direction":"inbound","client.address":"t","network.peer.address":"t","client.certificate":"t",` +
			`"http.request.method":"GET","url.scheme":"https","server.address":"t","server.port":8443,"tls.server_name":"*","url.path":"t",` +
			`"url.query":"page=t&q=&t&…","http.request.header.cookie":["sid=t; theme=dark"],"http.request.header.referer":["t"],` +
			`"http.request.header.*":["x","y"],"http.request.body.size":5,"http.response.status_code":200,` +
			`"http.response.header.set-cookie":["a=1","b=2"],"http.response.trailer.grpc-status":["0"],"http.response.body.size":1234,` +
			`"duration":0.0123,"http.response.time_to_first_byte":1,"user_agent.name":"Firefox","user_agent.version":"145",` +
			`"network.protocol.version":"2","tls.protocol.version":"1.3","flow.visibility":"headers","attempts":2,` +
			`"tunnel.bytes_up":7,"tunnel.bytes_down":8,"error.type":"client_gone","weir.fault":"redaction",` +
			`"redacted":[{"field":"client.address","category":"user.device.ip_address","transform":"truncate","rule":"visitors' \"addresses\""},` +
			`{"field":"url.query.*","transform":"drop"}],"redacted_more":3,"epoch":"2026-11-22","policy":"sha256:1f0c","retain":"30d"}` + "\n",
		Common:   `t - - [22/Nov/2026:09:00:00 +0000] "GET t?page=t&q=&t&... HTTP/2.0" 200 1234` + "\n",
		Combined: `t - - [22/Nov/2026:09:00:00 +0000] "GET t?page=t&q=&t&... HTTP/2.0" 200 1234 "t" "Firefox/145"` + "\n",
	}
	e := filled(m, "t")
	for f, line := range want {
		if got, _ := Append(nil, f, e, nil); string(got) != line {
			t.Errorf("%v:\n%swant\n%s", f, got, line)
		}
	}
}

func TestAnEmptyEntryIsAValidLine(t *testing.T) {
	e := &Entry{}
	e.Reset()
	e.Time = start
	got, marks := AppendJSON(nil, e, nil)
	if string(got) != `{"time":"2026-11-22T09:00:00.123Z","duration":0}`+"\n" || marks != nil {
		t.Errorf("%s", got)
	}
	if got, _ := AppendCombined(nil, e, nil); string(got) != `- - - [22/Nov/2026:09:00:00 +0000] "-" - - "-" "-"`+"\n" {
		t.Errorf("%s", got)
	}
}

func TestMarksAreWhatComesFromTheExchange(t *testing.T) {
	const text = `a"b c`
	for f := range Format(FormatCount) {
		e := filled(newMaker(), text)
		e.Server = transform.Literal("www.nordhost.example")
		prefix := []byte("before ")
		line, marks := Append(prefix, f, e, nil)
		want := map[Format]int{JSON: 8, Common: 4, Combined: 5}[f]
		if len(marks) != want {
			t.Errorf("%v: %d marks, want %d", f, len(marks), want)
		}
		for _, m := range marks {
			got := string(line[m.Start:m.End])
			if s := strings.NewReplacer(`\"`, `"`, `%22`, `"`, `%20`, " ", `\x20`, " ", `\x22`, `"`).Replace(got); s != text {
				t.Errorf("%v: mark is %s", f, got)
			}
			e.Clear(m.Field)
		}
		if line, marks = Append(nil, f, e, nil); len(marks) != 0 || strings.Contains(string(line), "b c") || strings.Contains(string(line), "22b") {
			t.Errorf("%v: cleared entry still has %s", f, line)
		}
	}
}

func TestAGapTellsHowManyAreMissing(t *testing.T) {
	g := Gap{start, `w"w`, 3, start, start.Add(time.Second)}
	line := AppendGap(nil, JSON, g)
	var got struct {
		Service string
		Gap     struct {
			Entries     int
			First, Last time.Time
		}
	}
	if err := json.Unmarshal(line, &got); err != nil || got.Service != `w"w` || got.Gap.Entries != 3 || !got.Gap.Last.After(got.Gap.First) {
		t.Errorf("%v: %s", err, line)
	}
	if got := string(AppendGap(nil, Combined, g)); got != `- - - [22/Nov/2026:09:00:00 +0000] "weir-gap entries=3 first=2026-11-22T09:00:00.123Z last=2026-11-22T09:00:01.123Z" - - "-" "-"`+"\n" {
		t.Error(got)
	}
}

func TestFormatsHaveNames(t *testing.T) {
	for f := range Format(FormatCount) {
		if got, err := ParseFormat(f.String()); err != nil || got != f {
			t.Errorf("%v: %v", f, err)
		}
	}
	if _, err := ParseFormat("xml"); err == nil {
		t.Error("xml was taken")
	}
}

func TestTimesAreWrittenAsRFC3339(t *testing.T) {
	for i := range int64(10000) {
		at := time.Unix(i*i*i*7919-1e9, i*i%1000*1e6+i%7*1e3).In(time.FixedZone("", 3600))
		if i%9 == 0 {
			at = at.Truncate(time.Second)
		}
		want := at.UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano)
		if got := string(appendTime(nil, at)); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
}
