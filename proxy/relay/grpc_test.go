package relay

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	health "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"weir/redact/raw"
)

// greeter answers gRPC calls in every shape that there is.
type greeter struct {
	health.UnimplementedHealthServer
}

func (greeter) Check(ctx context.Context, q *health.HealthCheckRequest) (*health.HealthCheckResponse, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	if _, ok := ctx.Deadline(); !ok {
		return nil, status.Error(codes.InvalidArgument, "no deadline")
	}
	_ = grpc.SetHeader(ctx, metadata.Pairs("x-head", fmt.Sprint(md["x-ask"]), "x-bin", string(md["x-bin"][0])))
	_ = grpc.SetTrailer(ctx, metadata.Pairs("x-tail", "t"))
	if q.Service == "unknown" {
		return nil, status.Error(codes.NotFound, "nobody: æ%")
	}
	return &health.HealthCheckResponse{Status: health.HealthCheckResponse_SERVING}, nil
}

// echo is a call with a stream in each direction. It ends when it is told to,
// whether its client has ended or not.
var echo = grpc.ServiceDesc{ServiceName: "test.Echo", HandlerType: (*any)(nil), Streams: []grpc.StreamDesc{{
	StreamName: "Talk", ServerStreams: true, ClientStreams: true,
	Handler: func(_ any, st grpc.ServerStream) error {
		for {
			var m health.HealthCheckRequest
			switch err := st.RecvMsg(&m); {
			case err == io.EOF:
				return nil
			case err != nil:
				return err
			case m.Service == "enough":
				return status.Error(codes.ResourceExhausted, "enough")
			}
			if err := st.SendMsg(&m); err != nil {
				return err
			}
		}
	},
}}}

func serveGRPC(t *testing.T, opts ...grpc.ServerOption) string {
	srv := grpc.NewServer(opts...)
	health.RegisterHealthServer(srv, greeter{})
	srv.RegisterService(&echo, nil)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(ln) }()
	t.Cleanup(srv.Stop)
	return ln.Addr().String()
}

func TestGRPCWorksInEveryShape(t *testing.T) {
	donor := httptest.NewUnstartedServer(nil) // for its certificate
	donor.StartTLS()
	defer donor.Close()
	certs := donor.TLS.Certificates
	roots := x509.NewCertPool()
	roots.AddCert(donor.Certificate())
	for _, secure := range []bool{false, true} {
		t.Run(fmt.Sprintf("TLS %v", secure), func(t *testing.T) {
			var s *station
			var addr string
			creds := insecure.NewCredentials()
			if secure {
				up := serveGRPC(t, grpc.Creds(credentials.NewServerTLSFromCert(&certs[0])))
				s = start(t, Config{Router: &Hosts{Default: target(t, TargetConfig{Scheme: "https", Addresses: []string{up}, TLS: &tls.Config{RootCAs: roots}})}})
				addr = s.streams(t, &tls.Config{Certificates: certs, NextProtos: []string{"h2"}})
				creds = credentials.NewClientTLSFromCert(roots, "example.com")
			} else {
				s = start(t, Config{Router: &Hosts{Default: target(t, TargetConfig{Scheme: "h2c", Addresses: []string{serveGRPC(t)}})}})
				addr = s.streams(t, nil)
			}
			conn, err := grpc.NewClient("passthrough:///"+addr, grpc.WithTransportCredentials(creds))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			unary(t, s, conn)
			talking(t, s, conn)
		})
	}
}

func unary(t *testing.T, s *station, conn *grpc.ClientConn) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "x-ask", "1", "x-ask", "2", "x-bin", "a b")
	var h, tail metadata.MD
	resp, err := health.NewHealthClient(conn).Check(ctx, &health.HealthCheckRequest{}, grpc.Header(&h), grpc.Trailer(&tail))
	if err != nil || resp.Status != health.HealthCheckResponse_SERVING || h.Get("x-head")[0] != "[1 2]" || tail.Get("x-tail")[0] != "t" {
		t.Errorf("%v %v %v %v", resp, err, h, tail)
	}
	if e := s.gate.next(t); e.outcome != raw.Complete || e.status != 200 || e.target != "/grpc.health.v1.Health/Check" || e.responseTrailers == 0 {
		t.Errorf("%+v", e)
	}
	_, err = health.NewHealthClient(conn).Check(ctx, &health.HealthCheckRequest{Service: "unknown"}, grpc.Trailer(&tail))
	if st, _ := status.FromError(err); st.Code() != codes.NotFound || st.Message() != "nobody: æ%" || tail.Get("x-tail")[0] != "t" {
		t.Errorf("%v %v", err, tail)
	}
	s.gate.next(t)
}

func talking(t *testing.T, s *station, conn *grpc.ClientConn) {
	for _, end := range []string{"client", "server"} {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		st, err := conn.NewStream(ctx, &echo.Streams[0], "/test.Echo/Talk")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 50 {
			m := health.HealthCheckRequest{Service: fmt.Sprint(i)}
			if err := st.SendMsg(&m); err != nil {
				t.Fatal(err)
			}
			m.Service = ""
			if err := st.RecvMsg(&m); err != nil || m.Service != fmt.Sprint(i) {
				t.Fatalf("message %d: %q, %v", i, m.Service, err)
			}
		}
		var m health.HealthCheckRequest
		if end == "client" {
			_ = st.CloseSend()
			if err := st.RecvMsg(&m); err != io.EOF {
				t.Errorf("end: %v", err)
			}
		} else {
			_ = st.SendMsg(&health.HealthCheckRequest{Service: "enough"})
			if err := st.RecvMsg(&m); status.Code(err) != codes.ResourceExhausted {
				t.Errorf("end by the server: %v", err)
			}
		}
		if e := s.gate.next(t); e.outcome != raw.Complete || e.requestBody == 0 || e.responseBody == 0 {
			t.Errorf("%+v", e)
		}
	}
}
