package redact

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"weir/redact/category"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
)

// hunt makes exchanges with a distinct canary in each place.
type hunt struct {
	n        int
	style    func(n int) string // the canary, as a value
	form     func(string) string
	canaries map[string]string // by the place that it was put in
}

func (h *hunt) put(place string) string {
	h.n++
	c := h.style(h.n)
	h.canaries[place] = c
	return h.form(c)
}

// name is a canary that can stand as a name.
func (h *hunt) name(place string) string {
	h.n++
	c := fmt.Sprintf("kanari%03dnavn", h.n)
	h.canaries["name of "+place] = c
	return c
}

// styles are the kinds of canary: a word, a mail address, two kinds of IP address.
var styles = map[string]func(n int) string{
	"word": func(n int) string { return fmt.Sprintf("kanari%03dtekst", n) },
	"mail": func(n int) string { return fmt.Sprintf("kanari%03d@person.example", n) },
	"ipv4": func(n int) string {
		return netip.AddrFrom4([4]byte{198, byte(18 + n/200), byte(100 + n%100), byte(101 + n%150)}).String()
	},
	"ipv6":  func(n int) string { return fmt.Sprintf("2001:db8:%x:%x::%x:77", 0x1000+n, 0x2000+n, 0x3000+n) },
	"+mail": func(n int) string { return fmt.Sprintf("kanari%03d+a@person.example", n) },
}

var forms = map[string]func(string) string{
	"plain":   func(s string) string { return s },
	"percent": func(s string) string { return percentAll(s) },
	"double":  func(s string) string { return strings.ReplaceAll(percentAll(s), "%", "%25") },
	"escaped": url.QueryEscape,
	"base64":  func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"url64":   func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"mixed": func(s string) string {
		b := []byte(s)
		for i := range b {
			if i%2 == 0 && 'a' <= b[i] && b[i] <= 'z' {
				b[i] -= 32
			}
		}
		return string(b)
	},
}

func percentAll(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02X", s[i])
	}
	return b.String()
}

// exchange has a canary in each place of a request and a response.
func (h *hunt) exchange() *raw.Exchange {
	v, n := h.put, h.name
	head := fmt.Sprintf("GET http://%s@/users/%s/x/%s/device/%s?email=%s&page=%s&token=%s&%s=%s&%s&q=%s&note=%s&=%s&redirect=https://h.example/?a=%s HTTP\n",
		v("userinfo"), v("path 2"), v("path 4"), v("path 6"), v("query email"), v("query page"), v("query token"), n("query"), v("query unknown"),
		v("query bare"), v("query q"), v("query note"), v("query without name"), v("query redirect"))
	header := func(name string) { head += name + ": " + v("header "+name) + "\n" }
	for _, name := range []string{"Authorization", "Proxy-Authorization", "User-Agent", "Accept", "X-Request-Id", "X-Real-IP", "X-Forwarded-For", "True-Client-IP",
		"Via", "From", "X-Note", "Origin", "If-None-Match", "X-Forwarded-Host", "Content-Type", "Range", "Sec-CH-UA", "Traceparent", "DNT", "X-Api-Key"} {
		header(name)
	}
	header(n("header"))
	head += fmt.Sprintf("Host: %s.example\nX-Forwarded-For: %s, %s\n", n("host"), v("xff 1"), v("xff 2"))
	head += fmt.Sprintf("Forwarded: for=\"%s\";by=%s;host=%s\n", v("forwarded for"), v("forwarded by"), v("forwarded host"))
	head += fmt.Sprintf("Cookie: sid=%s; theme=%s; %s=%s; %s; _ga=%s\n", v("cookie sid"), v("cookie theme"), n("cookie"), v("cookie unknown"), v("cookie bare"), v("cookie ga"))
	head += fmt.Sprintf("Referer: https://%s:%s@%s.forum.example/users/%s?email=%s&%s=%s&%s#%s\n", v("referer user"), v("referer password"), n("referer host"), v("referer path"),
		v("referer email"), n("referer key"), v("referer unknown"), v("referer bare"), v("referer fragment"))
	head += fmt.Sprintf("~%s: %s\n~X-Checksum: %s", n("trailer"), v("trailer unknown"), v("trailer"))
	answer := fmt.Sprintf("HTTP/1.1 302 %s\nServer: %s\nETag: %s\nX-Note: %s\n%s: %s\n", v("reason"), v("server"), v("etag"), v("response note"), n("response header"), v("response unknown"))
	answer += fmt.Sprintf("Set-Cookie: sid=%s; Path=/%s; Domain=%s\nSet-Cookie: %s=%s\n", v("set-cookie"), v("set-cookie path"), v("set-cookie domain"), n("set-cookie"), v("set-cookie unknown"))
	answer += fmt.Sprintf("Location: https://auth.example/%s?login_hint=%s&code=%s&%s=%s#%s\n", v("location path"), v("location hint"), v("location code"), n("location key"), v("location unknown"), v("location fragment"))
	answer += fmt.Sprintf("Link: <https://cdn.example/%s>; title=\"%s\"\nRefresh: 5; url=/%s?x=%s\nContent-Location: /%s\nWWW-Authenticate: Basic realm=\"%s\"\n",
		v("link"), v("link title"), v("refresh path"), v("refresh query"), v("content-location"), v("realm"))
	answer += fmt.Sprintf("~%s: %s", n("response trailer"), v("response trailer"))
	x := request(head, answer)
	x.ServerName = x.Request.AppendString(n("server name") + ".example")
	return x
}

// layers are a line as it is and below its percent-encoding, in lower case.
func layers(line string) []string {
	out := []string{strings.ToLower(line)}
	for range 4 {
		last := out[len(out)-1]
		next, err := url.PathUnescape(last)
		if err != nil || next == last {
			break
		}
		out = append(out, next)
	}
	return out
}

// found reports in which form a canary stands in a line.
func found(line string, layers []string, canary string) string {
	lower := strings.ToLower(canary)
	for _, l := range layers {
		if strings.Contains(l, lower) {
			return "plain or percent-encoded"
		}
	}
	for offset := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", offset) + canary))
		cut := encoded[(offset*8+5)/6 : len(encoded)-2]
		if strings.Contains(line, cut) || strings.Contains(line, strings.NewReplacer("+", "-", "/", "_").Replace(cut)) {
			return "base64"
		}
	}
	if strings.Contains(layers[0], hex.EncodeToString([]byte(lower))) {
		return "hexadecimal"
	}
	return ""
}

// catch runs the hunt and reports every canary that is in a line; allowed says
// which places the policy keeps.
func catch(t *testing.T, p Decider, style, form string, direction raw.Direction, allowed func(place string) bool) {
	t.Helper()
	for _, what := range caught(t, p, style, form, direction, allowed) {
		t.Errorf("%s, %s: %s", style, form, what)
	}
}

func caught(t *testing.T, p Decider, style, form string, direction raw.Direction, allowed func(place string) bool) (all []string) {
	t.Helper()
	h := &hunt{style: styles[style], form: forms[form], canaries: map[string]string{}}
	b := newBed(t, p, "www.nordhost.example")
	x := h.exchange()
	x.Direction = direction
	e := b.run(t, x)
	if e["weir.fault"] != nil || e["http.request.method"] != "GET" || len(h.canaries) < 80 {
		t.Fatalf("the hunt is not on: %d canaries, %v", len(h.canaries), e)
	}
	if b.counts.guarded > 0 {
		all = append(all, fmt.Sprintf("it took the guard %d times", b.counts.guarded))
	}
	var below [record.FormatCount][]string
	for f := range b.sinks {
		below[f] = layers(b.line(record.Format(f)))
	}
	for place, canary := range h.canaries {
		if allowed != nil && allowed(place) {
			continue
		}
		for f := range b.sinks {
			if how := found(b.line(record.Format(f)), below[f], canary); how != "" {
				all = append(all, fmt.Sprintf("canary of %s is in the %s line, %s:\n%s", place, record.Format(f), how, b.line(record.Format(f))))
			}
		}
	}
	return all
}

func TestTheHuntFindsWhatIsWritten(t *testing.T) {
	p := newPolicy(known, at("k", "url.query.note", transform.Keep()))
	for form := range forms {
		if all := caught(t, p, "word", form, raw.Inbound, nil); len(all) != record.FormatCount {
			t.Errorf("%s: %v", form, all)
		}
	}
}

func TestNoCanaryIsWrittenUnderAnyPolicy(t *testing.T) {
	keepNamed := newPolicy(known,
		finding("addresses", category.IPAddress, must(transform.Truncate(24, 48))), finding("people", "user.contact", transform.Hash()),
		rest("k", "url.query.note", transform.Keep()), rest("k", "request.header.x-note", transform.Keep()), rest("k", "response.header.x-note", transform.Keep()),
		rest("k", "request.cookie.theme", transform.Keep()), at("k", "request.header.referer", transform.Keep()), at("k", "response.header.location", transform.Keep()))
	keepRest := newPolicy(known, testRule{"all", func(q *raw.Question) bool { return q.Category == "" }, transform.Keep()},
		finding("addresses", category.IPAddress, must(transform.Truncate(24, 48))), finding("people", "user.contact", transform.Hash()))
	for form := range forms {
		for style := range styles {
			for _, direction := range []raw.Direction{raw.Inbound, raw.Outbound} {
				catch(t, newPolicy(nil), style, form, direction, outboundHost(direction))
				catch(t, typical(), style, form, direction, func(place string) bool {
					return outboundHost(direction)(place) || style == "word" && place == "query page"
				})
				catch(t, keepNamed, style, form, direction, func(place string) bool {
					return outboundHost(direction)(place) || style == "word" &&
						(place == "query note" || place == "header X-Note" || place == "response note" || place == "cookie theme")
				})
				if style != "word" && form != "double" {
					// Everything that is not a finding is kept: what is recognised must still not be.
					catch(t, keepRest, style, form, direction, func(place string) bool {
						return outboundHost(direction)(place) || strings.HasPrefix(place, "name of")
					})
				}
			}
		}
	}
}

// outboundHost allows the domains that an outbound exchange went to.
func outboundHost(d raw.Direction) func(string) bool {
	return func(place string) bool {
		return d == raw.Outbound && (place == "name of host" || place == "name of server name")
	}
}
