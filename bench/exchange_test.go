package bench

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"weir/policy"
	"weir/proxy/accesslog"
	"weir/proxy/http1"
	"weir/redact"
	"weir/redact/category"
	"weir/redact/keys"
	"weir/redact/raw"
	"weir/redact/record"
)

// typical has 12 header fields, 3 cookies and 4 query keys.
const typical = "GET /device/7f3a9c?email=anna%40example.dk&page=2&q=vinter%20jakke&ref=newsletter HTTP/1.1\n" +
	"Host: www.nordhost.example\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0\n" +
	"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\n" +
	"Accept-Language: da,en-US;q=0.7,en;q=0.3\n" +
	"Accept-Encoding: gzip, deflate, br, zstd\n" +
	"Referer: https://www.nordhost.example/pricing?page=1\n" +
	"Cookie: sid=4f9a7b3c2d1e0f98a7b6c5d4e3f20191; theme=dark; _ga=GA1.2.1234567890.1690000000\n" +
	"X-Forwarded-For: 198.51.100.23\n" +
	"Connection: keep-alive\n" +
	"Upgrade-Insecure-Requests: 1\n" +
	"Sec-Fetch-Site: same-origin\n" +
	"Cache-Control: max-age=0\n\n"

// small is what a tool sends: four header fields.
const small = "GET /device/7f3a9c HTTP/1.1\nHost: www.nordhost.example\nUser-Agent: curl/8.14.1\nAccept: */*\n" +
	"Connection: keep-alive\n\n"

const answer = "HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8\nContent-Length: 0\nCache-Control: no-store\n" +
	"Date: Sun, 22 Nov 2026 10:00:00 GMT\nServer: nginx\n\n"

// parsed is an exchange as the codec gives it.
func parsed(tb testing.TB, head string) *raw.Exchange {
	tb.Helper()
	x := &raw.Exchange{Started: time.Now(), FirstByte: 900 * time.Microsecond, Duration: 1200 * time.Microsecond, Attempts: 1}
	x.Request.Reset()
	x.Response.Reset()
	visitor := raw.AddressOf(netip.MustParseAddrPort("203.0.113.77:51234"))
	x.Peer, x.Client = visitor, visitor
	sweeper, limits := http1.NewSweeper(), http1.Default()
	tb.Cleanup(sweeper.Close)

	client, server := loopback(tb)
	go io.WriteString(client, strings.ReplaceAll(head, "\n", "\r\n"))
	if err := http1.NewServerConn(server, &limits, sweeper).ReadRequest(&x.Request); err != nil {
		tb.Fatal(err)
	}
	x.Request.Scheme = raw.HTTPS
	readAnswer(tb, x, &limits, sweeper)
	return x
}

func readAnswer(tb testing.TB, x *raw.Exchange, limits *http1.Limits, sweeper *http1.Sweeper) {
	tb.Helper()
	near, far := loopback(tb)
	go func() {
		buf := make([]byte, 4096)
		for got := []byte(nil); !bytes.Contains(got, []byte("\r\n\r\n")); {
			n, err := far.Read(buf)
			if err != nil {
				return
			}
			got = append(got, buf[:n]...)
		}
		io.WriteString(far, strings.ReplaceAll(answer, "\n", "\r\n"))
	}()
	dialed := func() (net.Conn, error) { return near, nil }
	up := upstream(tb, dialed, limits, sweeper)
	host := raw.Pair{Name: x.Request.AppendString("Host"), Value: x.Request.AppendString("www.nordhost.example")}
	head := &raw.Head{From: &x.Request, Method: x.Request.Method, Target: x.Request.Target, Header: []raw.Pair{host}}
	if err := up.WriteHead(head); err != nil {
		tb.Fatal(err)
	}
	if err := up.FinishRequest(nil); err != nil {
		tb.Fatal(err)
	}
	if err := up.ReadHead(&x.Response); err != nil {
		tb.Fatal(err)
	}
}

// decider is the policy of six rules.
func decider(tb testing.TB) *policy.Policy {
	tb.Helper()
	p, err := policy.Load("testdata/policy.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	return p.For("www")
}

// ring is a key ring on disk that knows the policy's class.
func ring(tb testing.TB, p *policy.Policy) *keys.Ring {
	tb.Helper()
	ring, err := keys.Open(keys.Config{Dir: filepath.Join(tb.TempDir(), "keys")})
	if err != nil {
		tb.Fatal(err)
	}
	if err := ring.Class(p.Retain()); err != nil {
		tb.Fatal(err)
	}
	return ring
}

// folder is a log on disk.
func folder(tb testing.TB) *accesslog.Log {
	tb.Helper()
	log, err := accesslog.Open(accesslog.Config{Dir: filepath.Join(tb.TempDir(), "log"), Service: "www", MaxSize: 8 << 20})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { log.Close() })
	return log
}

// visitors are exchanges of as many visitors: one request in all but the address, the
// mail address and the cookies.
func visitors(tb testing.TB, n int) []*raw.Exchange {
	tb.Helper()
	first := parsed(tb, typical)
	from, all := &first.Request, make([]*raw.Exchange, n)
	for i := range all {
		own := strings.NewReplacer("anna", fmt.Sprintf("anna%d", i), "4f9a7b3c", fmt.Sprintf("%08x", i*2654435761%(1<<32)),
			"1234567890", fmt.Sprint(1234567890+i*7919), "198.51.100.23", fmt.Sprintf("198.18.%d.%d", i>>8, i%256))
		x := *first
		to := &x.Request
		*to = raw.Message{Proto: from.Proto, Scheme: from.Scheme, HasQuery: true, ContentLength: from.ContentLength}
		text := func(s raw.Span) raw.Span { return to.AppendString(own.Replace(string(from.Peek(s)))) }
		to.Method, to.Authority, to.Path, to.Query = text(from.Method), text(from.Authority), text(from.Path), text(from.Query)
		for _, p := range from.Header {
			to.Header = append(to.Header, raw.Pair{Name: text(p.Name), Value: text(p.Value)})
		}
		visitor := raw.AddressOf(netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 18, byte(i >> 8), byte(i)}), 51234))
		x.Peer, x.Client = visitor, visitor
		all[i] = &x
	}
	return all
}

// nowhere is a sink that keeps nothing.
type nowhere struct{}

func (nowhere) Format() record.Format { return record.JSON }
func (nowhere) Append(record.Sealed)  {}

// engine is the whole of what redacts, and hands over to sink.
func engine(tb testing.TB, sink redact.Sink) *redact.Engine {
	tb.Helper()
	return engineOf(tb, decider(tb), sink)
}

func engineOf(tb testing.TB, p *policy.Policy, sink redact.Sink) *redact.Engine {
	tb.Helper()
	e, err := redact.New(redact.Config{Decider: func() redact.Decider { return p }, Service: "www",
		Hosts: []string{"www.nordhost.example"}, Keys: ring(tb, p), Sinks: []redact.Sink{sink}, Metrics: uncounted{}})
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

type uncounted struct{}

func (uncounted) Entry()                  {}
func (uncounted) Fault(redact.Stage)      {}
func (uncounted) Guarded(int)             {}
func (uncounted) Found(category.Key, int) {}
func (uncounted) Matched(string, int)     {}

// BenchmarkExchange is one exchange: walked, recognised, decided by a policy of six
// rules, transformed, encoded and guarded. "redacted" ends there; "logged" gives
// the line to a log on disk, which writes and compresses at the same time. cpu-ns/op
// is what the whole process took of the processor, writing and compressing
// included of all lines but the last segment's. "typical" is a browser's request,
// "small" that of a tool.
func BenchmarkExchange(b *testing.B) {
	for name, head := range map[string]string{"typical": typical, "small": small} {
		b.Run(name+"/redacted", func(b *testing.B) { measure(b, engine(b, nowhere{}), head, func() {}) })
		b.Run(name+"/logged", func(b *testing.B) {
			log := folder(b)
			measure(b, engine(b, log), head, func() { log.Close() })
		})
	}
}

// BenchmarkVisitors is BenchmarkExchange of visitors who come in turn: few, of whom
// all that is theirs is remembered, and more than that.
func BenchmarkVisitors(b *testing.B) {
	for _, n := range []int{1 << 8, 1 << 14} {
		all := visitors(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) { measureAll(b, engine(b, nowhere{}), all, func() {}) })
	}
}

func measure(b *testing.B, e *redact.Engine, head string, end func()) {
	b.Helper()
	measureAll(b, e, []*raw.Exchange{parsed(b, head)}, end)
}

func measureAll(b *testing.B, e *redact.Engine, all []*raw.Exchange, end func()) {
	b.Helper()
	b.ReportAllocs()
	before := used(b)
	for i := 0; b.Loop(); i++ {
		x := all[i%len(all)]
		_, o := e.Begin(x)
		o.Observe(x)
	}
	end()
	b.ReportMetric(float64(used(b)-before)/float64(b.N), "cpu-ns/op")
}

// used is the processor's time that the process took.
func used(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
