package main

import (
	"fmt"
	"strconv"
	"strings"
)

// What the probe sends, which is looked for in the log.
const (
	visitor = "203.0.113.77"
	masked  = "203.0.113.0"
	session = "4f9a7b3c2d1e0f98a7b6c5d4e3f20191"
	mail    = "anna.jensen"
	site    = "www.nordhost.example"
)

// request is one as a browser sends it: from is its address as a trusted hop
// tells it, sid its session. It is in absolute form where authority is not "".
func request(authority, path, from, sid, who string) string {
	target, host := path, site
	if authority != "" {
		target, host = "http://"+authority+path, authority
	}
	return "GET " + target + "?email=" + who + "%40example.dk&page=2&sort=price HTTP/1.1\r\n" +
		"Host: " + host + "\r\n" +
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0\r\n" +
		"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n" +
		"Accept-Language: da,en-US;q=0.7,en;q=0.3\r\n" +
		"Accept-Encoding: gzip, deflate, br, zstd\r\n" +
		"Referer: https://" + site + "/pricing\r\n" +
		"Cookie: sid=" + sid + "; theme=dark\r\n" +
		"X-Forwarded-For: " + from + "\r\n" +
		"Sec-Fetch-Site: same-origin\r\n\r\n"
}

// probe is the request whose traces in answer and log are checked.
func probe(authority, path string) string {
	return request(authority, path, visitor, session, mail)
}

// visitors are 256 requests of as many addresses and sessions.
func visitors(authority, path string) []string {
	all := make([]string, 256)
	for i := range all {
		n := uint32(i+1) * 2654435761 // spread over the numbers (Knuth's multiplicative hash)
		from := fmt.Sprintf("198.%d.%d.%d", 18+n>>31, n>>8&255, 1+n>>16&127)
		sid := fmt.Sprintf("%08x%08x%08x%08x", n, ^n, n*3, n*5)
		all[i] = request(authority, path, from, sid, "visitor"+strconv.Itoa(i))
	}
	return all
}

// script is the Lua by which wrk sends the requests in turn and tells what it
// counted in one line that parseTally reads.
func script(requests []string) string {
	var b strings.Builder
	b.WriteString("local requests = {\n")
	for _, r := range requests {
		b.WriteString(strconv.Quote(r) + ",\n")
	}
	b.WriteString(`}
local i = 0
function request()
  i = i % #requests + 1
  return requests[i]
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format("tally requests=%d micros=%d bytes=%d p50=%d p99=%d failed=%d\n",
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
`)
	return b.String()
}

// tally is what a load counted. Times are in µs.
type tally struct {
	requests, micros, bytes float64
	p50, p99                float64
	failed                  float64 // connections and answers that were not as they should be
}

// parseTally finds the tally in what a load printed.
func parseTally(out string) (tally, error) {
	var t tally
	into := map[string]*float64{"requests": &t.requests, "micros": &t.micros, "bytes": &t.bytes, "p50": &t.p50, "p99": &t.p99, "failed": &t.failed}
	for line := range strings.Lines(out) {
		rest, ok := strings.CutPrefix(line, "tally ")
		if !ok {
			continue
		}
		seen := 0
		for _, f := range strings.Fields(rest) {
			key, value, _ := strings.Cut(f, "=")
			n, err := strconv.ParseFloat(value, 64)
			if into[key] == nil || err != nil {
				return t, fmt.Errorf("the load's tally has an odd field %q", f)
			}
			*into[key] = n
			seen++
		}
		if seen != len(into) || t.requests == 0 || t.micros == 0 {
			return t, fmt.Errorf("the load counted nothing: %s", strings.TrimSpace(line))
		}
		return t, nil
	}
	return t, fmt.Errorf("the load told no tally; it said: %s", strings.TrimSpace(out))
}
