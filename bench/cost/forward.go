package main

// squid logs what it is asked by its own buffered writer, clients masked, and
// caches nothing.
var squid = proxy{name: "Squid", version: []string{"squid", "-v"}, log: "access.log",
	said: []string{masked}, hides: []string{visitor, mail},
	launch: func(s *stand) (launch, error) {
		err := s.write("squid.conf", `http_port {listen}
http_access allow all
cache deny all
cache_mem 8 MB
follow_x_forwarded_for allow all
acl_uses_indirect_client off
log_uses_indirect_client on
client_netmask 255.255.255.0
logformat masked {"time":"%tg","client":"%>a","method":"%rm","url":"%ru","status":%>Hs,"size":%<st,"duration":%tr,"agent":"%#{User-Agent}>h"}
access_log stdio:{dir}/access.log logformat=masked
buffered_logs on
cache_log {dir}/cache.log
cache_store_log none
pid_filename {dir}/squid.pid
coredump_dir {dir}
max_filedescriptors 16384
client_idle_pconn_timeout 10 minutes
server_idle_pconn_timeout 10 minutes
shutdown_lifetime 0 seconds
via off
visible_hostname cost
pinger_enable off
`)
		if err == nil {
			err = s.open() // it gives its rights up
		}
		return launch{name: "squid", argv: []string{"squid", "-N", "-f", s.file("squid.conf")}, dir: s.dir}, err
	}}

// bare is goproxy alone: it logs nothing.
func bare(binary string) proxy {
	return proxy{name: "goproxy", launch: func(s *stand) (launch, error) {
		return launch{name: "goproxy", argv: []string{binary, s.listen}, dir: s.dir}, nil
	}}
}

// forwarding is weir with a forward listener.
func forwarding(p proxy) proxy {
	p.said = []string{masked, `"flow.direction":"outbound"`, "sid=h1.", "email=&"}
	return p
}
