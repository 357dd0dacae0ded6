package redact

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"strings"
	"testing"
	"time"

	"weir/redact/category"
	"weir/redact/keys"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
)

var began = time.Date(2026, 11, 22, 10, 0, 0, 123e6, time.UTC)

// testKeys is a ring with one key, or with none.
type testKeys struct{ fail bool }

func (k testKeys) Key(string, time.Time, string, category.Key) (keys.Key, error) {
	if k.fail {
		return keys.Key{}, errGone
	}
	return keys.Key{}, nil
}

func (k testKeys) Encryption(class string, start time.Time, domain string, _ keys.Way) (keys.Key, error) {
	return k.Key(class, start, domain, "")
}

func (testKeys) Epoch(start time.Time) string { return start.Format(time.DateOnly) }
func (testKeys) Version() uint64              { return 0 }

// lines is a sink that keeps copies.
type lines struct {
	format record.Format
	got    []string
	sealed []record.Sealed
}

func (l *lines) Format() record.Format { return l.format }
func (l *lines) Append(s record.Sealed) {
	l.got = append(l.got, string(s.Line))
	s.Line = nil
	l.sealed = append(l.sealed, s)
}

// counts is a Metrics.
type counts struct {
	entries, guarded int
	faults           [StageCount]int
	found            map[category.Key]int
}

func (c *counts) Entry()              { c.entries++ }
func (c *counts) Fault(s Stage)       { c.faults[s]++ }
func (c *counts) Guarded(n int)       { c.guarded += n }
func (c *counts) Matched(string, int) {}

func (c *counts) Found(key category.Key, n int) {
	if c.found == nil {
		c.found = map[category.Key]int{}
	}
	c.found[key] += n
}

// bed is an engine under test with a sink for each format.
type bed struct {
	*Engine
	sinks  [record.FormatCount]*lines
	counts *counts
	echo   *bed // is given each exchange again and again: what it remembers makes no difference
}

func newBed(t testing.TB, p Decider, hosts ...string) *bed {
	t.Helper()
	b := newSingleBed(t, p, hosts)
	b.echo = newSingleBed(t, p, hosts)
	return b
}

func newSingleBed(t testing.TB, p Decider, hosts []string) *bed {
	t.Helper()
	b := &bed{counts: &counts{}}
	cfg := Config{Decider: func() Decider { return p }, Service: "www", Hosts: hosts, Keys: testKeys{}, Metrics: b.counts}
	for f := range b.sinks {
		b.sinks[f] = &lines{format: record.Format(f)}
		cfg.Sinks = append(cfg.Sinks, b.sinks[f])
	}
	var err error
	if b.Engine, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	return b
}

// run redacts x, overwrites what it held, and returns the JSON entry.
func (b *bed) run(t testing.TB, x *raw.Exchange) map[string]any {
	t.Helper()
	_, o := b.Begin(x)
	o.Observe(x)
	b.repeat(t, x)
	x.Request.Overwrite('!')
	x.Response.Overwrite('!')
	return b.last(t)
}

// echoes is how often an exchange is redacted again.
const echoes = 3

// repeat has another engine make the entry again: once as new, then as one that was
// seen, then by what is remembered of it. All are the same.
func (b *bed) repeat(t testing.TB, x *raw.Exchange) {
	t.Helper()
	if b.echo == nil {
		return
	}
	for range echoes {
		_, o := b.echo.Begin(x)
		o.Observe(x)
		for f := range b.sinks {
			if got, want := b.echo.line(record.Format(f)), b.line(record.Format(f)); got != want {
				t.Fatalf("what is remembered makes a difference:\n%s\n%s", got, want)
			}
		}
	}
	if b.echo.counts.guarded != echoes*b.counts.guarded || b.echo.counts.faults[Redacting] != echoes*b.counts.faults[Redacting] {
		t.Fatalf("guarded %d, %d faults beside %d, %d", b.echo.counts.guarded, b.echo.counts.faults[Redacting], b.counts.guarded, b.counts.faults[Redacting])
	}
}

func (b *bed) last(t testing.TB) map[string]any {
	t.Helper()
	got := b.sinks[record.JSON].got
	if len(got) == 0 {
		t.Fatal("no entry")
	}
	line := got[len(got)-1]
	var m map[string]any
	if err := json.Unmarshal([]byte(line), &m); err != nil || !strings.HasSuffix(line, "}\n") {
		t.Fatalf("not a JSON line: %v: %s", err, line)
	}
	return m
}

func (b *bed) line(f record.Format) string {
	return b.sinks[f].got[len(b.sinks[f].got)-1]
}

// request makes an exchange of a request head and of a response head, as they
// stand in HTTP/1.1.
func request(head, answer string) *raw.Exchange {
	x := &raw.Exchange{Started: began, Duration: 12345 * time.Microsecond, FirstByte: 5 * time.Millisecond, Attempts: 1}
	x.Reset()
	x.Started, x.Duration, x.FirstByte, x.Attempts = began, 12345*time.Microsecond, 5*time.Millisecond, 1
	x.Client = raw.AddressOf(netip.MustParseAddrPort("203.0.113.77:4711"))
	x.Peer = x.Client
	fill(&x.Request, head)
	fill(&x.Response, answer)
	if answer != "" {
		x.Response.BodyBytes = 1234
	}
	return x
}

func fill(m *raw.Message, head string) {
	first, rest, _ := strings.Cut(head, "\n")
	m.Proto, m.Scheme = raw.HTTP11, raw.HTTPS
	if status, ok := strings.CutPrefix(first, "HTTP/1.1 "); ok {
		m.Status = int(status[0]-'0')*100 + int(status[1]-'0')*10 + int(status[2]-'0')
	} else if method, target, ok := strings.Cut(strings.TrimSuffix(first, " HTTP"), " "); ok {
		m.Method, m.Target = m.AppendString(method), m.AppendString(target)
		if info, after, ok := strings.Cut(strings.TrimPrefix(target, "http://"), "@"); ok && strings.HasPrefix(target, "http://") {
			m.Userinfo = m.AppendString(info)
			target = after[strings.IndexByte(after, '/'):]
		}
		path, query, has := strings.Cut(target, "?")
		m.Path, m.Query, m.HasQuery = m.AppendString(path), m.AppendString(query), has
	}
	for line := range strings.SplitSeq(rest, "\n") {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		if value = strings.TrimSpace(value); strings.HasPrefix(name, "~") {
			m.AddTrailer([]byte(name[1:]), []byte(value))
			continue
		}
		m.Add([]byte(name), []byte(value))
		if strings.EqualFold(name, "host") {
			m.Authority = m.AppendString(value)
		}
	}
}

func without(t testing.TB, b *bed, secrets ...string) {
	t.Helper()
	for f, sink := range b.sinks {
		for _, line := range sink.got {
			for _, secret := range secrets {
				if bytes.Contains([]byte(line), []byte(secret)) {
					t.Errorf("%s in the %s log: %s", secret, record.Format(f), line)
				}
			}
		}
	}
}

func expect(t testing.TB, entry map[string]any, want map[string]any) {
	t.Helper()
	for key, value := range want {
		got, ok := entry[key]
		if value == nil && !ok {
			continue
		}
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(value)
		if !bytes.Equal(a, b) {
			t.Errorf("%s is %s, want %s", key, a, b)
		}
	}
}

// addresses truncated, people hashed: the policy of most tests.
func typical(extra ...testRule) *testPolicy {
	p := newPolicy(map[string]category.Key{"url.query.email": category.Email, "request.header.user-agent": "user.device"}, append(extra,
		finding("visitors' addresses", category.IPAddress, must(transform.Truncate(24, 48))),
		finding("people", "user.contact", transform.Hash()),
		finding("people", "user.unique_id", transform.Hash()),
		rest("pages", "url.query.page", transform.Keep()),
	)...)
	p.route("/device/{id}")
	p.route("/u/{who:user.unique_id}")
	return p
}
