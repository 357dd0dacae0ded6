package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// world is what stands around weir in the demo: the company's services and the
// third parties they call, all on loopback.
type world struct {
	service string            // address of the company's own services
	hosts   map[string]string // third parties: host name → address
	servers []*http.Server
	sink    net.Listener // a TLS-speaking party, only ever reached by tunnel
}

func newWorld() (*world, error) {
	w := &world{hosts: map[string]string{}}
	var err error
	if w.service, err = w.serve(http.HandlerFunc(nordhost)); err != nil {
		return nil, err
	}
	party, err := w.serve(http.HandlerFunc(thirdParty))
	if err != nil {
		return nil, err
	}
	for _, host := range []string{"api.stripe.com", "anna-jensen.api.tracker.example"} {
		w.hosts[host] = party
	}
	if w.sink, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	go swallow(w.sink)
	w.hosts["nordhost.happyfox.com"] = w.sink.Addr().String()
	w.hosts["us1.api.mailchimp.com"], err = closedPort()
	return w, err
}

func (w *world) serve(h http.Handler) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	w.servers = append(w.servers, s)
	go s.Serve(l)
	return l.Addr().String(), nil
}

// dial reaches the world's hosts by name, whatever port they are called on;
// nothing else can be reached from the demo.
func (w *world) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if at, ok := w.hosts[host]; ok {
		address = at
	} else if address != w.service {
		return nil, &net.DNSError{Err: "no such host", Name: "", IsNotFound: true}
	}
	var d net.Dialer
	return d.DialContext(ctx, network, address)
}

func (w *world) close() {
	for _, s := range w.servers {
		s.Close()
	}
	w.sink.Close()
}

func nordhost(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/login/start":
		w.Header().Set("Location", "https://nordhost.auth0.com/authorize?login_hint=anna%40example.dk&state=st4te-7781")
		w.WriteHeader(http.StatusFound)
	case "/login":
		io.Copy(io.Discard, r.Body)
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: "bmV3LXNlc3Npb24", MaxAge: 3600, HttpOnly: true})
		w.WriteHeader(http.StatusNoContent)
	default:
		io.WriteString(w, "<h1>Nordhost</h1>\n")
	}
}

func thirdParty(w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, `{"ok":true}`)
}

// swallow takes connections, reads what comes and answers a TLS alert, as a
// party would that does not like the hello.
func swallow(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			c.SetDeadline(time.Now().Add(5 * time.Second))
			c.Read(make([]byte, 4096))
			c.Write([]byte{21, 3, 3, 0, 2, 2, 40})
		}()
	}
}

// closedPort is an address at which nobody listens.
func closedPort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func itoa(n int) string { return strconv.Itoa(n) }
