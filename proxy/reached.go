package proxy

import (
	"time"

	"weir/proxy/relay"
	"weir/proxy/telemetry"
)

// reached is an upstream of a listener, and its addresses as they are named in
// weir.yaml.
type reached struct {
	listener string
	target   *relay.Target
	names    map[string]string // by host:port
}

// reaches lists the upstreams of all listeners, for who looks at them later.
func (p *Proxy) reaches() (all []reached) {
	for i, s := range p.posts {
		l := &p.cfg.Listen[i]
		for j, t := range s.targets {
			r := reached{l.Address(), t, make(map[string]string)}
			for _, to := range l.To[j].URLs {
				r.names[address(to)] = name(to)
			}
			all = append(all, r)
		}
	}
	return all
}

// watch has the metrics tell what upstreams are like at the moment.
func watch(m *telemetry.Metrics, all []reached) {
	m.Watch(func(visit func(telemetry.Endpoint)) {
		for _, r := range all {
			for _, s := range r.target.State() {
				visit(telemetry.Endpoint{Upstream: r.names[s.Upstream], Open: s.Open, Idle: s.Idle, Waiting: s.Waiting,
					Ejected: s.Ejected > 0, Ejections: s.Ejections})
			}
		}
	})
}

// look is what /upstreams tells.
func look(all []reached) (out []seen) {
	for _, r := range all {
		for _, s := range r.target.State() {
			out = append(out, seen{r.listener, r.names[s.Upstream], s.Address, s.Open, s.Idle, s.Waiting, s.Failures, s.Ejections,
				s.Ejected.Round(time.Millisecond).Seconds()})
		}
	}
	return out
}
