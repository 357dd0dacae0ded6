package walk

import (
	"fmt"
	"strings"
	"testing"

	"weir/redact/raw"
)

// told is a Visitor that writes down what it is given.
type told struct {
	lines  []string
	places map[string]*raw.Place
	urls   []URL
}

func (v *told) Field(f *raw.Field) *raw.Place {
	name := string(f.Name.Peek())
	if f.Name.Peek() == nil && f.Kind.Named() {
		name = "<none>"
	}
	line := f.Kind.Place()
	if f.Within != nil {
		line = f.Within.Text + "/" + line
	}
	v.lines = append(v.lines, fmt.Sprintf("%s.%s[%d]=%s", line, name, f.Index, f.Value.Peek()))
	text := f.Kind.Place() + "." + strings.ToLower(name)
	if v.places == nil {
		v.places = map[string]*raw.Place{}
	}
	if v.places[text] == nil {
		v.places[text] = &raw.Place{Kind: f.Kind, Text: strings.ToLower(name)}
	}
	return v.places[text]
}

func (v *told) URL(u *URL) {
	v.urls = append(v.urls, *u)
	kind := "url"
	if u.Within != nil {
		kind = u.Within.Text + "/url"
	}
	if u.Opaque {
		v.lines = append(v.lines, kind+" opaque")
		return
	}
	v.lines = append(v.lines, fmt.Sprintf("%s %s host=%s port=%s path=%s query=%v", kind, u.Scheme, u.Host.Peek(), u.Port.Peek(), u.Path.Peek(), u.HasQuery))
}

func header(lines ...string) *raw.Exchange {
	x := &raw.Exchange{}
	x.Reset()
	for _, l := range lines {
		name, value, _ := strings.Cut(l, ": ")
		x.Request.Add([]byte(name), []byte(value))
		x.Response.Add([]byte(name), []byte(value))
	}
	return x
}

func visited(t *testing.T, v *told, want ...string) {
	t.Helper()
	if got := strings.Join(v.lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("visited\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestEveryPartOfARequestIsVisited(t *testing.T) {
	x := header("Host: www.example", "Cookie: a=1; b; =c;; d=e=f", "X-Forwarded-For: 1.2.3.4,  5.6.7.8 ,", "Accept: */*")
	m := &x.Request
	m.Method, m.Scheme = m.AppendString("GET"), raw.HTTPS
	m.Authority, m.Userinfo = m.AppendString("[::1]:8443"), m.AppendString("anna:pw")
	m.Path, m.Query, m.HasQuery = m.AppendString("/a//b/"), m.AppendString("x=1&y&&=z&x=2"), true
	x.ServerName, x.ClientCertificate = m.AppendString("sni.example"), m.AppendString("CN=anna")
	v := &told{}
	var w Walker
	if !w.Request(x, v) {
		t.Error("not complete")
	}
	visited(t, v,
		"request.method.[0]=GET", "tls.server_name.[0]=sni.example", "client.certificate.[0]=CN=anna",
		"url https host=::1 port=8443 path=/a//b/ query=true",
		"url.userinfo.[0]=anna:pw", "url.host.[0]=::1",
		"url.path.[0]=a", "url.path.[2]=b",
		"url.query.x[0]=1", "url.query.<none>[1]=y", "url.query.[3]=z", "url.query.x[4]=2",
		"request.header.Host[0]=www.example",
		"request.cookie.a[0]=1", "request.cookie.<none>[1]=b", "request.cookie.[2]=c", "request.cookie.d[4]=e=f",
		"request.header.X-Forwarded-For[0]=1.2.3.4", "request.header.X-Forwarded-For[1]=5.6.7.8",
		"request.header.Accept[0]=*/*")
}

func TestWhatWasNotParsedIsNotVisited(t *testing.T) {
	v := &told{}
	var w Walker
	x := &raw.Exchange{}
	x.Reset()
	w.Request(x, v)
	w.Response(x, v)
	w.Trailers(x, v)
	visited(t, v, "url  host= port= path= query=false")
}

func TestForwardedIsTakenApart(t *testing.T) {
	v := &told{}
	var w Walker
	w.Request(header(`Forwarded: for=192.0.2.60;proto=http, For="[2001:db8::1]:4711" ; by="a\"b,;c",bare`), v)
	visited(t, v, "url  host= port= path= query=false",
		"request.header.Forwarded[0]=192.0.2.60", "request.header.Forwarded[1]=http",
		"request.header.Forwarded[2]=[2001:db8::1]:4711", `request.header.Forwarded[3]="a\"b,;c"`, "request.header.Forwarded[4]=bare")
}

func TestHeadersThatHoldURLsAreTakenApart(t *testing.T) {
	v := &told{}
	var w Walker
	w.Response(header("Location: https://u@auth.example:99/a/b?login_hint=x&y#frag", "Refresh: 5; url='/next?z=1'",
		`Link: <https://a.example/>; rel="next", </b>; title=c`, "Set-Cookie: sid=1=2; Path=/; HttpOnly", "Cookie: no=cookie"), v)
	visited(t, v,
		"response.header.Location[0]=https://u@auth.example:99/a/b?login_hint=x&y#frag",
		"location/url https host=auth.example port=99 path=/a/b query=true",
		"location/url.userinfo.[0]=u", "location/url.host.[0]=auth.example", "location/url.path.[0]=a", "location/url.path.[1]=b",
		"location/url.query.login_hint[0]=x", "location/url.query.<none>[1]=y", "location/url.fragment.[0]=frag",
		"response.header.Refresh[0]=5; url='/next?z=1'", "refresh/response.header.Refresh[0]=5",
		"refresh/url  host= port= path=/next query=true", "refresh/url.path.[0]=next", "refresh/url.query.z[0]=1",
		`response.header.Link[0]=<https://a.example/>; rel="next", </b>; title=c`,
		"link/url https host=a.example port= path=/ query=false", "link/url.host.[0]=a.example",
		`link/response.header.Link[0]=; rel="next",`,
		"link/url  host= port= path=/b query=false", "link/url.path.[0]=b", "link/response.header.Link[0]=; title=c",
		"response.cookie.sid[0]=1=2", "response.header.Cookie[0]=no=cookie")
}

func TestAHeaderKnownUnderTheNameOfAURLIsTakenApart(t *testing.T) {
	for known, value := range map[string]string{"location": "/anna", "referer": "/anna", "refresh": "/anna", "link": "</anna>"} {
		v := &told{places: map[string]*raw.Place{"response.header.x-" + known: {Kind: raw.ResponseHeader, Name: known, Text: known}}}
		var w Walker
		w.Response(header("X-"+known+": "+value), v)
		if len(v.urls) != 1 || string(v.urls[0].Path.Peek()) != "/anna" {
			t.Errorf("%s: %v", known, v.lines)
		}
	}
}

func TestAllBehindTheTimeOfARefreshIsAURL(t *testing.T) {
	for value, part := range map[string]string{
		"0; /anna": "0", "0;/anna": "0", "0, /anna": "0", "0 /anna": "0", "0.5;URL = /anna": "0.5", "; url=\"/anna\"": "", "/anna": "",
	} {
		v := &told{}
		var w Walker
		w.Response(header("Refresh: "+value), v)
		visited(t, v, "response.header.Refresh[0]="+value, "refresh/response.header.Refresh[0]="+part,
			"refresh/url  host= port= path=/anna query=false", "refresh/url.path.[0]=anna")
	}
	for _, value := range []string{"5", "0.5", "5;", "5 ,"} {
		v := &told{}
		var w Walker
		w.Response(header("Refresh: "+value), v)
		visited(t, v, "response.header.Refresh[0]="+value)
	}
}

func TestWhatIsNoHTTPURLIsOpaque(t *testing.T) {
	for _, value := range []string{"mailto:anna@example.dk", "data:text/plain,x", "https:relative", "https://a.example\\@b.example/", "https://a b/", "javascript:x"} {
		v := &told{}
		var w Walker
		w.Request(header("Referer: "+value), v)
		if last := v.lines[len(v.lines)-1]; last != "referer/url opaque" {
			t.Errorf("%s: %s", value, last)
		}
	}
}

func TestTrailersAreVisited(t *testing.T) {
	x := header()
	x.Request.AddTrailer([]byte("A"), []byte("1"))
	x.Response.AddTrailer([]byte("Cookie"), []byte("b=2"))
	v := &told{}
	var w Walker
	w.Trailers(x, v)
	visited(t, v, "request.trailer.A[0]=1", "response.trailer.Cookie[0]=b=2")
}

func TestAWalkIsBoundedAndSaysSo(t *testing.T) {
	x := header("Cookie: " + strings.Repeat("a=b;", MaxFields+1))
	v := &told{}
	var w Walker
	if w.Request(x, v) || len(v.lines) > MaxFields+1 {
		t.Errorf("%d fields", len(v.lines))
	}
	v = &told{}
	if !w.Response(x, v) {
		t.Error("the next walk is not complete")
	}
}

func TestTargetsWithoutPartsAreBoundedToo(t *testing.T) {
	v := &told{}
	var w Walker
	if w.Request(header("Link: "+strings.Repeat("<>", 2*MaxFields)), v) || len(v.urls) > MaxFields+2 {
		t.Errorf("%d targets", len(v.urls))
	}
	v = &told{}
	if w.Request(header("Cookie: "+strings.Repeat("a=b;", MaxFields-1), "Link: anna"), v) {
		t.Error("said to be whole")
	}
	if last := v.urls[len(v.urls)-1]; last.Within == nil || !last.Opaque {
		t.Error("a header whose parts were not visited passes for one without any")
	}
}

func TestAWalkAllocatesNothing(t *testing.T) {
	x := header("Host: a", "Cookie: a=b; c=d", "Referer: https://a.example/b?c=d", "Forwarded: for=1.2.3.4", "X-Forwarded-For: 1.2.3.4, 5.6.7.8",
		"Link: <https://a.example/>; rel=x", "Refresh: 5; url=/x")
	v := &still{}
	var w Walker
	if n := testing.AllocsPerRun(100, func() { w.Request(x, v); w.Response(x, v); w.Trailers(x, v) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

type still struct{ place raw.Place }

func (s *still) Field(*raw.Field) *raw.Place { return &s.place }
func (s *still) URL(*URL)                    {}
