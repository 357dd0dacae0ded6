package otlp

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	logspb "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	metricspb "go.opentelemetry.io/proto/slim/otlp/collector/metrics/v1"
	tracepb "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

const patience = 10 * time.Second

// receiver is a collector: gRPC's own server, or net/http's.
type receiver struct {
	url  *url.URL
	ca   string // path, where it speaks TLS
	http bool

	mu      sync.Mutex
	got     []proto.Message
	headers []http.Header
	// answer says what becomes of a request; nil takes it. status is of HTTP.
	answer func(n int, resp proto.Message) (status int, header http.Header, err error)
}

func (r *receiver) take(req proto.Message, h http.Header, resp proto.Message) (int, http.Header, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got, r.headers = append(r.got, req), append(r.headers, h)
	if r.answer == nil {
		return 200, nil, nil
	}
	return r.answer(len(r.got), resp)
}

// requests are those received so far.
func requests[M proto.Message](r *receiver) (all []M) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.got {
		if m, ok := m.(M); ok {
			all = append(all, m)
		}
	}
	return all
}

type exports struct {
	signal    signal
	req, resp func() proto.Message
}

var services = []exports{
	{logs, func() proto.Message { return new(logspb.ExportLogsServiceRequest) }, func() proto.Message { return new(logspb.ExportLogsServiceResponse) }},
	{traces, func() proto.Message { return new(tracepb.ExportTraceServiceRequest) }, func() proto.Message { return new(tracepb.ExportTraceServiceResponse) }},
	{metrics, func() proto.Message { return new(metricspb.ExportMetricsServiceRequest) }, func() proto.Message { return new(metricspb.ExportMetricsServiceResponse) }},
}

// receive starts a collector that speaks p, over TLS where secure.
func receive(t *testing.T, p Protocol, secure bool) *receiver {
	t.Helper()
	r := &receiver{http: p == HTTP}
	var cert *tls.Certificate
	scheme := "http"
	if secure {
		scheme = "https"
		c := r.certificate(t)
		cert = &c
	}
	if p == HTTP {
		mux := http.NewServeMux()
		for _, s := range services {
			mux.HandleFunc("POST "+s.signal.path, func(w http.ResponseWriter, q *http.Request) { r.post(w, q, s) })
		}
		srv := httptest.NewUnstartedServer(mux)
		if secure {
			srv.TLS = &tls.Config{Certificates: []tls.Certificate{*cert}}
			srv.StartTLS()
		} else {
			srv.Start()
		}
		t.Cleanup(srv.Close)
		r.url = &url.URL{Scheme: scheme, Host: srv.Listener.Addr().String()}
		return r
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.url = &url.URL{Scheme: scheme, Host: l.Addr().String()}
	r.serveGRPC(t, l, cert)
	return r
}

func (r *receiver) post(w http.ResponseWriter, q *http.Request, s exports) {
	b, err := io.ReadAll(q.Body)
	req, resp := s.req(), s.resp()
	if err != nil || proto.Unmarshal(b, req) != nil || q.Header.Get("Content-Type") != "application/x-protobuf" {
		w.WriteHeader(400)
		return
	}
	status, header, _ := r.take(req, q.Header, resp)
	for k, v := range header {
		w.Header()[k] = v
	}
	b, _ = proto.Marshal(resp)
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

func (r *receiver) serveGRPC(t *testing.T, l net.Listener, cert *tls.Certificate) {
	var opts []grpc.ServerOption
	if cert != nil {
		opts = append(opts, grpc.Creds(credentials.NewServerTLSFromCert(cert)))
	}
	srv := grpc.NewServer(opts...)
	for _, s := range services {
		name := filepath.Dir(s.signal.method)[1:]
		srv.RegisterService(&grpc.ServiceDesc{ServiceName: name, HandlerType: (*any)(nil), Methods: []grpc.MethodDesc{{MethodName: "Export",
			Handler: func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
				req, resp := s.req(), s.resp()
				if err := decode(req); err != nil {
					return nil, err
				}
				h := http.Header{}
				md, _ := metadata.FromIncomingContext(ctx)
				for k, v := range md {
					h[http.CanonicalHeaderKey(k)] = v
				}
				_, _, err := r.take(req, h, resp)
				return resp, err
			}}}}, nil)
	}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(srv.Stop)
}

// certificate makes one for 127.0.0.1 that signs itself, and writes its path to ca.
func (r *receiver) certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "collector"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	r.ca = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(r.ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// config reaches r.
func (r *receiver) config() Config {
	c := Config{Endpoint: r.url, CA: r.ca, Resource: Resource{"www", "1.2.3", "i7"}}
	if r.http {
		c.Protocol = HTTP
	}
	return c
}

func newLogs(t *testing.T, cfg Config) *Logs {
	t.Helper()
	l, err := NewLogs(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// both runs f with a collector of each protocol.
func both(t *testing.T, f func(t *testing.T, r *receiver)) {
	for name, p := range map[string]Protocol{"gRPC": GRPC, "HTTP": HTTP} {
		t.Run(name, func(t *testing.T) { f(t, receive(t, p, false)) })
	}
}

// find is the value of an attribute; nil where there is none.
func find(all []*common.KeyValue, key string) *common.AnyValue {
	for _, kv := range all {
		if kv.Key == key {
			return kv.Value
		}
	}
	return nil
}
