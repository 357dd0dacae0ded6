package proxy

import (
	"fmt"
	"io"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestHuntInWhatTheRuntimePrints has the runtime give up while exchanges are
// under way, as it does of itself when it is out of memory: it prints what every
// function was called with, and no client is to be among it.
func TestHuntInWhatTheRuntimePrints(t *testing.T) {
	r := newRig(t, huntPolicies[0].text)
	silence := ""
	r.origins.raw.Store(&silence)
	for _, w := range []way{{proxy: 1}, {proxy: 6}, {proxy: 2}, {proxy: 1, tls: true}, {proxy: 6, tls: true}, {proxy: 1, forward: true}, {proxy: 6, forward: true}} {
		c := r.dial(t, &w)
		defer c.Close()
		if w.forward { // a tunnel, in which both ends are silent
			fmt.Fprintf(c, "CONNECT www.echo.hunt.example:443 HTTP/1.1\r\nHost: www.echo.hunt.example:443\r\n\r\n")
			if _, err := io.ReadFull(c, make([]byte, 12)); err != nil {
				t.Fatal(err)
			}
			continue
		}
		_, _ = io.WriteString(c, r.flock.fill("dump", "GET /{t}?{m} HTTP/1.1\r\nHost: http.hunt.example\r\nX-Hang: 1\r\nCookie: sid={t}\r\n\r\n", forms[0]))
		<-r.origins.began
	}
	f := newFrames(r.dial(t, &way{tls: true, client: http2x, proxy: 2}))
	f.fields(1, true, []line{{":method", "GET"}, {":scheme", "https"}, {":authority", "http.hunt.example"}, {":path", r.flock.fill("dump", "/{t}", forms[0])}, {"x-hang", "1"}})
	<-r.origins.began
	_ = r.process.Process.Signal(syscall.SIGQUIT)
	select {
	case <-r.ended:
	case <-time.After(20 * time.Second):
		t.Fatal("the runtime does not give up")
	}
	dump := r.stderr.String()
	if !strings.Contains(dump, "SIGQUIT") || strings.Count(dump, "(*Relay).ServeConn(") < 5 || !strings.Contains(dump, "(*Relay).ServeStream(") {
		t.Fatalf("that is no dump: %.2000s", dump)
	}
	for _, c := range r.flock.all {
		for _, form := range inWords(c.value) {
			if at := strings.Index(dump, form); at >= 0 {
				t.Errorf("%s: %s in … %s …", c.place, c.value, dump[max(0, at-200):at+40])
			}
		}
	}
	for _, hit := range r.flock.hound().found([]byte(dump)) {
		t.Errorf("%s: %s in %s", hit.place, hit.value, hit.around)
	}
}

// inWords is how a word of memory is printed that holds what an address is made of.
func inWords(value string) []string {
	a, err := netip.ParseAddr(value)
	switch {
	case err != nil:
		return nil
	case a.Is4():
		return []string{fmt.Sprintf("0xffff%x", a.AsSlice()), fmt.Sprintf("0x%x,", a.AsSlice())}
	}
	b := a.As16()
	return []string{fmt.Sprintf("0x%x", b[8:])}
}
