package relay

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"weir/redact/raw"
)

// TestWhoWaitsForAnotherToConnectWaitsNoLonger has one exchange open a connection
// of HTTP/2 for ever, and another come.
func TestWhoWaitsForAnotherToConnectWaitsNoLonger(t *testing.T) {
	to := target(t, TargetConfig{Scheme: "h2c", Addresses: []string{"127.0.0.1:1"}, Connections: 1, Connect: 20 * time.Millisecond})
	s := start(t, Config{Router: &Hosts{Default: to}})
	e := to.roster.Load().all[0]
	e.asking <- struct{}{}
	if got, x := s.get(t); !strings.HasPrefix(got, "504") || x.outcome != raw.UpstreamTimeout {
		t.Errorf("%q %+v", got, x)
	}
	if err := e.one.Take(t.Context()); err != nil {
		t.Fatal(err)
	}
	failures := to.State()[0].Failures
	if got, x := s.get(t); !strings.HasPrefix(got, "503") || x.outcome != raw.UpstreamFull || to.State()[0].Failures != failures {
		t.Errorf("%q %+v, %+v", got, x, to.State())
	}
}

// secured is an upstream that speaks HTTP/1.1 inside TLS, and counts connections.
func secured(t *testing.T) (address string, roots *x509.CertPool, opened *atomic.Int32) {
	t.Helper()
	opened = new(atomic.Int32)
	up := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	up.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	up.StartTLS()
	t.Cleanup(up.Close)
	roots = x509.NewCertPool()
	roots.AddCert(up.Certificate())
	return up.Listener.Addr().String(), roots, opened
}

func TestConnectionOnWhichHTTP1WasAgreedIsUsed(t *testing.T) {
	up, roots, opened := secured(t)
	to := target(t, TargetConfig{Scheme: "https", Addresses: []string{up}, TLS: &tls.Config{RootCAs: roots}, Connections: 1})
	s := start(t, Config{Router: &Hosts{Default: to}})
	resp, err := plain2(t).Get("http://" + s.streams(t, nil))
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%v, %v", resp, err)
	}
	_ = resp.Body.Close()
	if e := s.gate.next(t); e.outcome != raw.Complete || opened.Load() != 1 {
		t.Errorf("%d connections, %+v", opened.Load(), e)
	}
}

func TestPanicWhileConnectingHoldsNoPlace(t *testing.T) {
	up, roots, _ := secured(t)
	to := target(t, TargetConfig{Scheme: "https", Addresses: []string{up}, TLS: &tls.Config{RootCAs: roots,
		VerifyConnection: func(tls.ConnectionState) error { panic("of nobody") }}})
	s := start(t, Config{Router: &Hosts{Default: to}})
	if got, e := s.get(t); !strings.HasPrefix(got, "500") || e.outcome != raw.Panicked {
		t.Errorf("%q %+v", got, e)
	}
	if st := to.State()[0]; st.Open != 0 {
		t.Errorf("%+v", st)
	}
}

// TestEjectionsGrowToTenTimesTheFirst has an endpoint fail each time it is tried
// again, where the first ejection is so long that many times it have no number.
func TestEjectionsGrowToTenTimesTheFirst(t *testing.T) {
	const first = 3 * 365 * 24 * time.Hour
	to := target(t, TargetConfig{Addresses: []string{"127.0.0.1:1", "127.0.0.1:2"}, EjectAfter: 1, EjectFor: first})
	e := to.roster.Load().all[0]
	for i, want := range []time.Duration{1, 2, 4, 8, 10, 10, 10, 10, 10, 10} {
		if i > 0 {
			e.until.Store(1) // its time is over
		}
		to.failed(e)
		if got := to.State()[0].Ejected; got > want*first || got < want*first-time.Hour {
			t.Errorf("number %d for %v", i+1, got)
		}
	}
}
