package otlp

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"weir/proxy/telemetry"
)

// client gives requests to one collector.
type client struct {
	cfg       Config
	transport *http.Transport
	ctx       context.Context // until Close
	cancel    context.CancelFunc

	// How failures went on; only who exports asks and tells.
	wait  time.Duration
	until time.Time
}

// signal is one of OTLP's three services.
type signal struct{ method, path string }

var (
	logs    = signal{"/opentelemetry.proto.collector.logs.v1.LogsService/Export", "/v1/logs"}
	traces  = signal{"/opentelemetry.proto.collector.trace.v1.TraceService/Export", "/v1/traces"}
	metrics = signal{"/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "/v1/metrics"}
)

func newClient(cfg Config) (*client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	pool, err := cfg.authorities()
	if err != nil {
		return nil, err
	}
	if _, err := cfg.headers(); err != nil {
		return nil, err
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Second
	}
	// One request is under way at a time, so one connection is enough.
	t := &http.Transport{
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    5 * time.Second,
		MaxConnsPerHost:        1,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 16 << 10,
		DisableCompression:     true,
		Protocols:              new(http.Protocols),
	}
	switch {
	case cfg.Protocol == HTTP:
		t.Protocols.SetHTTP1(true)
	case cfg.Endpoint.Scheme == "https":
		t.Protocols.SetHTTP2(true)
	default:
		t.Protocols.SetUnencryptedHTTP2(true)
	}
	c := &client{cfg: cfg, transport: t}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c, nil
}

// Close ends what waits.
func (c *client) Close() error {
	c.cancel()
	c.transport.CloseIdleConnections()
	return nil
}

// failure is an answer that is none.
type failure struct {
	status int           // of HTTP, or gRPC's code
	retry  bool          // the same may be sent again
	after  time.Duration // not before; 0 is not said
}

func (f *failure) Error() string {
	return "the collector answered with status " + strconv.Itoa(f.status)
}

// export sends req once and reads the answer into resp. The error is a *failure
// where there was an answer.
func (c *client) export(ctx context.Context, s signal, req, resp proto.Message) error {
	body, err := proto.Marshal(req)
	if err != nil {
		return fmt.Errorf("encoding for the collector: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	url, kind := *c.cfg.Endpoint, "application/x-protobuf"
	if c.cfg.Protocol == GRPC {
		url.Path, kind, body = s.method, "application/grpc+proto", framed(body)
	} else {
		url.Path = strings.TrimSuffix(url.Path, "/") + s.path
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url.String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("asking the collector: %w", err)
	}
	extra, err := c.cfg.headers()
	if err != nil {
		return err
	}
	for name, values := range extra {
		r.Header[name] = values
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("User-Agent", "weir/"+c.cfg.Resource.Version)
	if c.cfg.Protocol == GRPC {
		r.Header.Set("Te", "trailers")
	}
	if c.wait > 0 {
		// The last attempt failed, perhaps since the collector is gone without a word:
		// over HTTP/2 its connection would be asked again for a quarter of an hour.
		c.transport.CloseIdleConnections()
	}
	// RoundTrip follows no redirection: where the headers go is configured.
	answer, err := c.transport.RoundTrip(r)
	if err != nil {
		return fmt.Errorf("asking the collector: %w", err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil {
		return fmt.Errorf("reading the collector's answer: %w", err)
	}
	if len(b) > maxAnswer {
		return errors.New("the collector's answer is too long")
	}
	if c.cfg.Protocol == GRPC {
		b, err = unframed(answer, b)
	} else {
		err = judged(answer)
	}
	if err != nil {
		return err
	}
	if err := proto.Unmarshal(b, resp); err != nil { // its text may quote the answer
		return errors.New("the collector's answer is not OTLP's")
	}
	return nil
}

// maxAnswer bounds an answer, in bytes: it holds a count and a message.
const maxAnswer = 64 << 10

// judged is the failure that an answer over HTTP is, or nil.
func judged(r *http.Response) error {
	if r.StatusCode/100 == 2 {
		return nil
	}
	f := &failure{status: r.StatusCode}
	switch r.StatusCode {
	case 429, 502, 503, 504:
		f.retry = true
	}
	if n, err := strconv.Atoi(r.Header.Get("Retry-After")); err == nil && n > 0 {
		f.after = time.Duration(n) * time.Second
	}
	return f
}

// again reports whether what failed with err may be sent again.
func again(err error) bool {
	var f *failure
	return !errors.As(err, &f) || f.retry
}

// Rejected is the error for entries that the collector was given and did not keep.
type Rejected struct {
	Entries int
	Err     error // nil where only some were rejected
}

func (r *Rejected) Error() string { return fmt.Sprintf("the collector rejected %d entries", r.Entries) }
func (r *Rejected) Unwrap() error { return r.Err }

// Rejected is how many, for who gives entries to more than collectors.
func (r *Rejected) Rejected() int { return r.Entries }

// taken is what Write returns for the lines of n entries, of which some were
// rejected; err is that of the request.
func taken(lines []byte, n, rejected int, err error) (int, error) {
	switch {
	case err != nil && again(err):
		return 0, err
	case err != nil:
		return len(lines), &Rejected{n, err}
	case rejected > 0:
		return len(lines), &Rejected{min(rejected, n), nil}
	}
	return len(lines), nil
}

// partial is how many of most a collector says that it rejected.
func partial(said int64, most int) int { return int(max(0, min(said, int64(most)))) }

// The time between attempts doubles from minWait to maxWait. A collector may ask
// for more, up to an hour.
const (
	minWait = 500 * time.Millisecond
	maxWait = 30 * time.Second
	patient = 2 * time.Second
)

var errTooSoon = errors.New("the collector failed a moment ago")

// pause waits until the collector may be asked again, some seconds at most; the
// error says that this was not enough.
func (c *client) pause() error {
	left := time.Until(c.until)
	if left <= 0 {
		return nil
	}
	select {
	case <-time.After(min(left, patient)):
	case <-c.ctx.Done():
		return c.ctx.Err()
	}
	if left > patient {
		return errTooSoon
	}
	return nil
}

// told notes how an attempt went, and tells failures.
func (c *client) told(s signal, err error) {
	if err == nil {
		c.wait, c.until = 0, time.Time{}
		return
	}
	c.wait = min(max(2*c.wait, minWait), maxWait)
	wait := c.wait
	attrs := []telemetry.Attr{telemetry.Name("collector", c.cfg.Endpoint.String()), telemetry.Name("signal", s.path), telemetry.Err(err)}
	var f *failure
	if errors.As(err, &f) {
		wait = max(wait, min(f.after, time.Hour))
		attrs = append(attrs, telemetry.Int("status", f.status))
	}
	c.until = time.Now().Add(wait)
	c.cfg.Log.Warn("otlp_failed", attrs...)
}
