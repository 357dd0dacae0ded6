package rewrite

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"weir/redact/capture"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/walk"
)

// archive writes an HTTP Archive (HAR 1.2) anew as it passes. What stands behind a
// name stands there by that: {"name": "Referer", "value": …}; of one before which
// no name came nobody knows what it is.
type archive struct {
	*lines
	pair  []byte // the name that came last
	mime  []byte // the media type that came last
	seen  []seen // what the entry at hand said of its exchange
	bytes []byte // of seen
	over  bool   // there is more of the entry than is kept: nothing more of it is written
	inner walk.Body
	part  bytes.Buffer
	value []byte
}

// seen is a field and where in archive.bytes its value is.
type seen struct {
	*capture.Field
	start, end int
}

// maxValue is the most bytes of one value of an archive, such as a body.
const maxValue = 32 << 20

// har writes a whole archive.
func har(cfg *Config, f *Format, out io.Writer, in *reader, total *Counts) error {
	a := &archive{}
	a.lines = newLines(cfg.Engine, f, cfg.Now)
	a.cleaner = cfg.Engine.NewCleaner(a.exchange)
	a.style, a.nothing = record.Bare, ""
	defer a.leave(total)
	a.begin(cfg.Now)
	sink := &failing{out: out}
	limits := walk.Limits{Body: 1 << 50, Value: maxValue, Values: 1 << 40, Depth: 64}
	a.body.Begin(&walk.BodyConfig{Kind: raw.LogField, ContentType: objects, Values: a, Out: sink, Limits: limits})
	if _, err := io.Copy(&a.body, in); err != nil {
		return err
	}
	why := a.body.Close()
	if sink.err != nil {
		return sink.err
	}
	if why != walk.Scanned {
		a.counts.Broken++
		return fmt.Errorf("it is no whole archive (%s): what was written ends where it could not be read", why)
	}
	return nil
}

// failing is a writer that remembers what it failed with.
type failing struct {
	out io.Writer
	err error
}

func (f *failing) Write(p []byte) (int, error) {
	if f.err == nil {
		_, f.err = f.out.Write(p)
	}
	return len(p), nil
}

// Value is the walk's.
func (a *archive) Value(v *walk.Value) (put []byte, change bool) {
	a.value = a.write(a.value[:0], strings.ToLower(string(v.Name)), v)
	return a.value, !bytes.Equal(a.value, v.Text)
}

func (a *archive) write(dst []byte, name string, v *walk.Value) []byte {
	name = strings.TrimPrefix(name, "log.")
	rest, ok := strings.CutPrefix(name, "entries.")
	if !ok {
		return a.about(dst, name, v.Text)
	}
	switch rest {
	case "starteddatetime":
		a.counts.Lines++
		a.seen, a.bytes, a.over = a.seen[:0], a.bytes[:0], false
		a.cleaner.Begin(a.began)
		if t, ok := readTime(v.Text); ok {
			a.begin(a.dated(t, v.Text))
		}
	case "request.postdata.mimetype", "response.content.mimetype":
		a.mime = append(a.mime[:0], v.Text...)
	}
	if a.over {
		return dst
	}
	side, below, _ := strings.Cut(rest, ".")
	group, last, _ := strings.Cut(below, ".")
	if f := archived[rest]; f != nil {
		return a.single(dst, f, v.Text)
	}
	if kind, ok := pairs[side][group]; ok {
		return a.paired(dst, kind, last, v.Text)
	}
	switch {
	case rest == "request.postdata.text":
		return a.content(dst, raw.RequestBody, v.Text)
	case rest == "response.content.text":
		return a.content(dst, raw.ResponseBody, v.Text)
	case strings.HasPrefix(rest, "request.postdata.text."):
		return a.decided(dst, raw.RequestBody, v.Name[len(v.Name)-len(rest)+len("request.postdata.text."):], v.Text)
	case strings.HasPrefix(rest, "response.content.text."):
		return a.decided(dst, raw.ResponseBody, v.Name[len(v.Name)-len(rest)+len("response.content.text."):], v.Text)
	case rest == "request.postdata.params.name":
		return a.paired(dst, raw.RequestBody, "name", v.Text)
	case rest == "request.postdata.params.value":
		return a.paired(dst, raw.RequestBody, "value", v.Text)
	}
	return a.decided(dst, raw.LogField, []byte(rest), v.Text)
}

// archived are the members of an entry that are what they are by their name alone.
var archived = map[string]*capture.Field{
	"starteddatetime": capture.Member("time"), "time": capture.Member("duration"),
	"request.method": capture.Member("method"), "request.url": capture.Member("url"), "request.httpversion": version, "response.httpversion": version,
	"response.status": capture.Member("status"), "response.redirecturl": capture.Member("http.response.header.location"),
	"request.headerssize": capture.Member("size"), "request.bodysize": capture.Member("size"),
	"response.headerssize": capture.Member("size"), "response.bodysize": capture.Member("size"),
	"response.content.size": capture.Member("size"), "response.content.compression": capture.Member("size"),
	"response.content.mimetype": capture.Member("http.response.header.content-type"),
	"request.postdata.mimetype": capture.Member("http.request.header.content-type"),
	"response.content.encoding": {Role: capture.Word, Words: []string{"base64"}},
	"timings.blocked":           capture.Member("duration"), "timings.dns": capture.Member("duration"), "timings.connect": capture.Member("duration"),
	"timings.send": capture.Member("duration"), "timings.wait": capture.Member("duration"), "timings.receive": capture.Member("duration"), "timings.ssl": capture.Member("duration"),
	"serveripaddress": capture.Member("upstream_addr"),
}

var version = &capture.Field{Role: capture.Word, Words: []string{"HTTP/1.0", "HTTP/1.1", "HTTP/2", "HTTP/2.0", "HTTP/3", "http/1.0", "http/1.1", "http/2.0", "h2", "h3", "unknown"}}

// pairs are the lists of names and values.
var pairs = map[string]map[string]raw.Kind{
	"request":  {"headers": raw.RequestHeader, "cookies": raw.RequestCookie, "querystring": raw.Query},
	"response": {"headers": raw.ResponseHeader, "cookies": raw.ResponseCookie},
}

// about writes what an archive says of itself and of its pages.
func (a *archive) about(dst []byte, name string, text []byte) []byte {
	switch name {
	case "version", "creator.name", "creator.version", "browser.name", "browser.version":
		if len(text) <= 64 {
			return a.decided(dst, raw.LogField, a.placed(programField, text), text)
		}
		return dst
	case "pages.starteddatetime":
		return a.single(dst, archived["starteddatetime"], text)
	case "pages.title":
		return a.single(dst, archived["request.url"], text)
	case "pages.pagetimings.oncontentload", "pages.pagetimings.onload":
		return a.single(dst, archived["time"], text)
	}
	return a.decided(dst, raw.LogField, []byte(name), text)
}

// programField is that of what tells of programs: log.app.
var programField = capture.Member("app")

// single writes a member, and keeps what rules may ask of it.
func (a *archive) single(dst []byte, f *capture.Field, text []byte) []byte {
	switch f.Role {
	case capture.Method, capture.Target, capture.Status:
		if a.tells(f, text); a.over {
			return dst
		}
	}
	return a.field(dst, text, &capture.Span{Field: f})
}

// paired writes the name or the value of a pair, or what else there is of a cookie.
func (a *archive) paired(dst []byte, kind raw.Kind, last string, text []byte) []byte {
	switch last {
	case "name":
		a.pair = append(a.pair[:0], text...)
		return a.cleaner.Name(dst, kind, text)
	case "value":
		name := a.pair
		a.pair = a.pair[:0]
		if kind == raw.RequestHeader || kind == raw.ResponseHeader {
			f := headerField(kind, name)
			if a.tells(f, text); a.over {
				return dst
			}
			return a.field(dst, text, &capture.Span{Field: f})
		}
		return a.decided(dst, kind, name, text)
	case "httponly", "secure", "expires", "samesite":
		if string(text) == "true" || string(text) == "false" {
			return append(dst, text...)
		}
	}
	return a.decided(dst, raw.LogField, []byte("cookie."+last), text)
}

// headerField is the field of a header.
func headerField(kind raw.Kind, name []byte) *capture.Field {
	if kind == raw.ResponseHeader {
		return capture.Member("response.headers." + string(name))
	}
	return capture.Member("request.headers." + string(name))
}

// decided has a value written by the policy.
func (a *archive) decided(dst []byte, kind raw.Kind, name, text []byte) []byte {
	dst = a.cleaner.Value(dst, kind, name, text, record.Bare)
	a.cleaner.Done(a.count)
	return dst
}

// content writes a body, by the media type before it; nothing where it can not be
// walked.
func (a *archive) content(dst []byte, kind raw.Kind, text []byte) []byte {
	a.part.Reset()
	values := &bodyValues{lines: a.lines}
	a.inner.Begin(&walk.BodyConfig{Kind: kind, ContentType: a.mime, Values: values, Out: &a.part, Limits: walk.Limits{Body: maxValue}})
	_, _ = a.inner.Write(text)
	if a.inner.Close() != walk.Scanned {
		a.counts.Broken++
		return dst
	}
	return append(dst, a.part.Bytes()...)
}

// bodyValues writes the values of bodies.
type bodyValues struct {
	*lines
	text []byte
}

func (b *bodyValues) Value(v *walk.Value) (put []byte, change bool) {
	b.text = b.cleaner.Value(b.text[:0], v.Kind, v.Name, v.Text, record.Bare)
	b.cleaner.Done(b.count)
	return b.text, !bytes.Equal(b.text, v.Text)
}

// tells keeps a field of the entry at hand.
func (a *archive) tells(f *capture.Field, text []byte) {
	if len(a.bytes)+len(text) > maxHead || len(a.seen) == maxHeaders {
		if !a.over {
			a.counts.Broken++
		}
		a.over = true
		return
	}
	start := len(a.bytes)
	a.bytes = append(a.bytes, text...)
	a.seen = append(a.seen, seen{f, start, len(a.bytes)})
	a.cleaner.Tell(func(x *raw.Exchange) { a.tell(x, &x.Request, f, text) }) // so that rules see it
}

// exchange tells what the entry at hand said so far.
func (a *archive) exchange(x *raw.Exchange) {
	for _, s := range a.seen {
		a.tell(x, &x.Request, s.Field, a.bytes[s.start:s.end])
	}
}
