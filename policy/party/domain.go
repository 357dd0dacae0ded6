package party

import (
	"hash/maphash"
	"sync/atomic"

	"golang.org/x/net/publicsuffix"
)

// domains remembers the registrable domains of hosts that nobody declared, which the list
// of public suffixes tells only with an allocation. It has a fixed size, and what is
// asked for last takes the place of what was there.
type domains struct {
	seed  maphash.Seed
	slots [512]atomic.Pointer[domain]
}

type domain struct{ host, registrable string }

func newDomains() *domains { return &domains{seed: maphash.MakeSeed()} }

// undeclared is who has a host that nobody declared: its registrable domain, where there
// is one. Name is as lower gives it.
func (d *domains) undeclared(name []byte) Recipient {
	slot := &d.slots[maphash.Bytes(d.seed, name)%uint64(len(d.slots))]
	known := slot.Load()
	if known == nil || known.host != string(name) {
		host := string(name)
		known = &domain{host, registrable(host)}
		slot.Store(known)
	}
	if known.registrable == "" {
		return Recipient{Source: Unknown}
	}
	return Recipient{Source: Registrable, Host: known.registrable}
}

// registrable is a host's public suffix with the label before it, "" where there is none.
func registrable(host string) string {
	suffix, _ := publicsuffix.PublicSuffix(host)
	at := len(host) - len(suffix) - 1
	if at <= 0 {
		return ""
	}
	for at > 0 && host[at-1] != '.' {
		at--
	}
	return host[at:]
}
