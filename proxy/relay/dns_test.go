package relay

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// zone is a name server on a loopback port.
type zone struct {
	*net.Resolver
	mu    sync.Mutex
	names map[string][][]netip.Addr // by host: an answer for each time of asking, the last for ever
	dumb  bool                      // it answers nothing but SERVFAIL
	asked map[string]int            // for an A record
}

// serveNames starts a name server.
func serveNames(t testing.TB) *zone {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.Close() })
	z := &zone{names: map[string][][]netip.Addr{}, asked: map[string]int{}}
	z.Resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", pc.LocalAddr().String())
	}}
	go func() {
		b := make([]byte, 4096)
		for {
			n, from, err := pc.ReadFrom(b)
			if err != nil {
				return
			}
			if a := z.answer(b[:n]); a != nil {
				_, _ = pc.WriteTo(a, from)
			}
		}
	}()
	return z
}

// set has host lead to each of answers in turn, and to the last for ever; with
// none it is no name.
func (z *zone) set(host string, answers ...[]netip.Addr) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.names[host] = answers
	if len(answers) == 0 {
		delete(z.names, host)
	}
}

// fail has every question answered by a failure, or no longer.
func (z *zone) fail(dumb bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.dumb = dumb
}

func (z *zone) times(host string) int {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.asked[host]
}

func (z *zone) answer(question []byte) []byte {
	z.mu.Lock()
	defer z.mu.Unlock()
	var p dnsmessage.Parser
	h, err := p.Start(question)
	if err != nil {
		return nil
	}
	q, err := p.Question()
	if err != nil {
		return nil
	}
	host := strings.TrimSuffix(q.Name.String(), ".")
	answers, known := z.names[host]
	h.Response, h.RecursionAvailable, h.Authoritative = true, true, true
	switch {
	case z.dumb:
		h.RCode = dnsmessage.RCodeServerFailure
	case !known:
		h.RCode = dnsmessage.RCodeNameError
	}
	b := dnsmessage.NewBuilder(nil, h)
	_ = b.StartQuestions()
	_ = b.Question(q)
	_ = b.StartAnswers()
	if q.Type == dnsmessage.TypeA {
		z.asked[host]++
	}
	var ips []netip.Addr
	if known && !z.dumb {
		ips = answers[0]
		// Both families are asked for; A ends the turn.
		if q.Type == dnsmessage.TypeA && len(answers) > 1 {
			z.names[host] = answers[1:]
		}
	}
	head := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, TTL: 0}
	for _, ip := range ips {
		switch {
		case q.Type == dnsmessage.TypeA && ip.Is4():
			_ = b.AResource(head, dnsmessage.AResource{A: ip.As4()})
		case q.Type == dnsmessage.TypeAAAA && !ip.Is4():
			_ = b.AAAAResource(head, dnsmessage.AAAAResource{AAAA: ip.As16()})
		}
	}
	out, err := b.Finish()
	if err != nil {
		return nil
	}
	return out
}

// addrs are addresses written out.
func addrs(list ...string) []netip.Addr {
	var all []netip.Addr
	for _, a := range list {
		all = append(all, netip.MustParseAddr(a))
	}
	return all
}
