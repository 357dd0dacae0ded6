package http2

import (
	"context"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	health "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// newGRPC is a gRPC service behind a Server, and a client of it. The service
// answers each message with one, and ends with a status in its trailers.
func newGRPC(t *testing.T) (*grpc.ClientConn, *carry) {
	t.Helper()
	origin, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	service := grpc.NewServer(grpc.UnknownServiceHandler(func(_ any, s grpc.ServerStream) error {
		_ = s.SendHeader(metadata.Pairs("x-head", "1"))
		for {
			m := new(health.HealthCheckRequest)
			if err := s.RecvMsg(m); err == io.EOF {
				s.SetTrailer(metadata.Pairs("x-trail", "2", "x-bin", "\x00\xff"))
				return status.Error(codes.DataLoss, "as said: 100% æ")
			} else if err != nil {
				return err
			}
			if err := s.SendMsg(m); err != nil {
				return err
			}
		}
	}))
	go func() { _ = service.Serve(origin) }()
	t.Cleanup(service.Stop)
	up, err := NewClient(ClientConfig{Dial: func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", origin.Addr().String())
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(up.Close)
	c := &carry{t: t, up: up, seen: make(chan string, 16)}
	_, addr := newServer(t, Config{Serve: c.serve})
	cc, err := grpc.NewClient("passthrough:///"+addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cc.Close() })
	return cc, c
}

var echoing = &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}

func TestGRPCPassesMessageByMessageWithItsStatus(t *testing.T) {
	cc, c := newGRPC(t)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	s, err := cc.NewStream(ctx, echoing, "/weir.Echo/Talk")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		sent := &health.HealthCheckRequest{Service: fmt.Sprint("message ", i)}
		if err := s.SendMsg(sent); err != nil {
			t.Fatal(err)
		}
		got := new(health.HealthCheckRequest)
		if err := s.RecvMsg(got); err != nil || got.Service != sent.Service {
			t.Fatalf("%q %v", got.Service, err)
		}
	}
	_ = s.CloseSend()
	err = s.RecvMsg(new(health.HealthCheckRequest))
	if st := status.Convert(err); st.Code() != codes.DataLoss || st.Message() != "as said: 100% æ" {
		t.Error(err)
	}
	if h, err := s.Header(); err != nil || len(h.Get("x-head")) != 1 {
		t.Error(h, err)
	}
	if tr := s.Trailer(); fmt.Sprintf("%q", tr.Get("x-trail")) != `["2"]` || fmt.Sprintf("%q", tr.Get("x-bin")) != `["\x00\xff"]` {
		t.Error(tr)
	}
	if o := <-c.seen; o != "complete" {
		t.Error(o)
	}
}

func TestAGRPCCallThatIsCancelledEndsUpstream(t *testing.T) {
	cc, c := newGRPC(t)
	ctx, cancel := context.WithCancel(context.Background())
	s, err := cc.NewStream(ctx, echoing, "/weir.Echo/Talk")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SendMsg(&health.HealthCheckRequest{}); err != nil {
		t.Fatal(err)
	}
	if err := s.RecvMsg(new(health.HealthCheckRequest)); err != nil {
		t.Fatal(err)
	}
	cancel()
	select {
	case o := <-c.seen:
		if o == "complete" {
			t.Error(o)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("goes on")
	}
}
