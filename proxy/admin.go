package proxy

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"weir/proxy/listen"
	"weir/proxy/telemetry"
)

// admin serves health and metrics to everybody, and the rest to who has the
// token or may open the socket.
type admin struct {
	servers []*http.Server
	sockets []net.Listener
	serving sync.WaitGroup
}

// newAdmin answers at the listener and the socket that there are; each may be nil.
func newAdmin(cfg *Admin, l *listen.Listener, socket net.Listener, free http.Handler, more *desk, log *telemetry.Log) *admin {
	a := new(admin)
	if l != nil {
		h := http.Handler(free)
		if cfg.Token != "" {
			h = more.beside(free, (&key{cfg.Token}).opens)
		}
		a.add(accepting{l}, sameSite(named(cfg.Hosts, h)), log)
	}
	if socket != nil {
		a.add(socket, sameSite(more.beside(free, func(*http.Request) bool { return true })), log)
	}
	return a
}

func (a *admin) add(l net.Listener, h http.Handler, log *telemetry.Log) {
	a.sockets = append(a.sockets, l)
	a.servers = append(a.servers, &http.Server{
		Handler:           h,
		ErrorLog:          log.Foreign("admin").Logger(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	})
}

// accepting is a listener as net/http wants one.
type accepting struct{ l *listen.Listener }

func (a accepting) Accept() (net.Conn, error) { return a.l.Accept() }
func (a accepting) Close() error              { return a.l.Close() }
func (a accepting) Addr() net.Addr            { return net.TCPAddrFromAddrPort(a.l.Addr()) }

func (a *admin) serve() {
	for i, s := range a.servers {
		a.serving.Go(func() { _ = s.Serve(a.sockets[i]) })
	}
}

func (a *admin) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for _, s := range a.servers {
		if s.Shutdown(ctx) != nil {
			_ = s.Close()
		}
	}
	a.serving.Wait()
}

// named refuses requests that name a host that weir is not. A page can have a
// name of its own lead here, and would then read what it is not meant to (DNS
// rebinding). An address can not be made to lead elsewhere, so each will do; who
// names none is no browser.
func named(hosts []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := (&url.URL{Host: r.Host}).Hostname()
		_, err := netip.ParseAddr(host)
		if r.Host != "" && err != nil && !strings.EqualFold(host, "localhost") && !slices.Contains(hosts, strings.ToLower(host)) {
			reply(w, http.StatusMisdirectedRequest, "no such host is here; admin: {hosts: […]} names those that are")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// sameSite refuses what a page elsewhere has a browser ask for.
func sameSite(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		site := r.Header.Get("Sec-Fetch-Site")
		if site != "" && site != "same-origin" && site != "none" {
			reply(w, http.StatusForbidden, "no page elsewhere may ask here")
			return
		}
		for _, o := range r.Header.Values("Origin") {
			if u, err := url.Parse(o); err != nil || u.Host == "" || u.Host != r.Host {
				reply(w, http.StatusForbidden, "no page elsewhere may ask here")
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// reply answers with a line of text.
func reply(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // the asker left: nobody to tell
}

// openSocket listens on a path for weir's own user alone. The socket is made in
// a folder that nobody else can enter and then put in its place, so that at no
// moment another can open it. What a killed process left is replaced.
func openSocket(path string) (net.Listener, error) {
	if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
		_ = c.Close()
		return nil, errors.New("cannot listen on " + path + ": another process does")
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSocket == 0 {
		return nil, errors.New("cannot listen on " + path + ": there is a file that is no socket")
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".weir")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: dir + "/s", Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false)
	if err = os.Chmod(dir+"/s", 0o600); err == nil {
		err = os.Rename(dir+"/s", path)
	}
	if err != nil {
		_ = l.Close()
		return nil, err
	}
	return &unixSocket{l, path}, nil
}

// unixSocket takes its path away when it is closed.
type unixSocket struct {
	*net.UnixListener
	path string
}

func (s *unixSocket) Close() error {
	err := s.UnixListener.Close()
	if !errors.Is(err, net.ErrClosed) {
		_ = os.Remove(s.path)
	}
	return err
}
