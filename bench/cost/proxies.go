package main

import (
	"fmt"
	"os"
	"strings"
)

// nginx masks by a map, as its administrators do, and buffers its log.
var nginx = proxy{name: "nginx", version: []string{"nginx", "-v"}, log: "access.log",
	said: []string{masked}, hides: []string{visitor},
	launch: func(s *stand) (launch, error) {
		err := s.write("nginx.conf", `daemon off; worker_processes {workers}; pid {dir}/nginx.pid; error_log {dir}/error.log warn; worker_rlimit_nofile 65536;
{user}events { worker_connections 16384; }
http {
  sendfile on; tcp_nodelay on; keepalive_requests 1000000000; keepalive_timeout 10m; proxy_max_temp_file_size 0;
  proxy_buffer_size 16k; proxy_buffers 16 64k; proxy_busy_buffers_size 256k;
  set_real_ip_from 127.0.0.0/8; real_ip_header X-Forwarded-For;
  map $remote_addr $client {
    "~^(?P<v4>\d+\.\d+\.\d+)\."            $v4.0;
    "~^(?P<v6>[0-9a-f]*:[0-9a-f]*:[0-9a-f]*):" $v6::;
    default                                "";
  }
  log_format masked escape=json '{"time":"$time_iso8601","client":"$client","method":"$request_method","host":"$host","path":"$uri",'
    '"status":$status,"size":$body_bytes_sent,"duration":$request_time,"upstream":"$upstream_response_time",'
    '"protocol":"$server_protocol","agent":"$http_user_agent"}';
  access_log {dir}/access.log masked buffer=64k flush=1s;
  upstream service { server {upstream}; keepalive 64; keepalive_requests 1000000000; keepalive_timeout 10m; }
  server {
    listen {listen}{secure} backlog=16384;
    {tls}
    location / {
      proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }
}
`, "{user}", asRoot("user root;\n"), "{secure}", when(s.secure, " ssl"), "{tls}", when(s.secure,
			"ssl_certificate "+s.cert+"; ssl_certificate_key "+s.key+"; ssl_protocols TLSv1.3; ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;"))
		return launch{name: "nginx", argv: []string{"nginx", "-p", s.dir, "-e", s.file("error.log"), "-c", s.file("nginx.conf")}, dir: s.dir}, err
	}}

// haproxy masks by ipmask and writes its log to standard output, here a file:
// cheaper for it than a syslog socket.
var haproxy = proxy{name: "HAProxy", version: []string{"haproxy", "-v"}, log: "access.log",
	said: []string{masked}, hides: []string{visitor},
	launch: func(s *stand) (launch, error) {
		err := s.write("haproxy.cfg", `global
  maxconn 20000
  no strict-limits
  nbthread {workers}
  log stdout format raw local0 info
  tune.ssl.default-dh-param 2048
defaults
  mode http
  log global
  option forwardfor
  option splice-response
  http-reuse always
  timeout connect 5s
  timeout client 10m
  timeout server 10m
  timeout http-keep-alive 10m
frontend www
  bind {listen} backlog 16384{tls}
  http-request capture req.hdr(user-agent) len 128
  http-request set-src hdr(x-forwarded-for) if { src 127.0.0.0/8 }
  log-format '{"time":"%tr","client":"%[src,ipmask(24,48)]","method":"%HM","path":"%[var(txn.path),json(utf8s)]","status":%ST,"size":%B,"duration":%Ta,"upstream":%Tr,"protocol":"%HV","agent":"%[capture.req.hdr(0),json(utf8s)]"}'
  http-request set-var(txn.path) path
  default_backend service
backend service
  server app {upstream} pool-max-conn 1000
`, "{tls}", when(s.secure, " ssl crt "+s.file("both.pem")+" ssl-min-ver TLSv1.3 ciphersuites TLS_AES_128_GCM_SHA256"))
		if err == nil && s.secure {
			err = s.bothPEM()
		}
		return launch{name: "haproxy", argv: []string{"haproxy", "-db", "-f", s.file("haproxy.cfg")}, dir: s.dir, out: s.file("access.log")}, err
	}}

// bothPEM is the form in which HAProxy takes a certificate: with its key.
func (s *stand) bothPEM() error {
	cert, err := os.ReadFile(s.cert)
	if err != nil {
		return err
	}
	key, err := os.ReadFile(s.key)
	if err != nil {
		return err
	}
	return os.WriteFile(s.file("both.pem"), append(cert, key...), 0o600)
}

// caddy uses its own log filters, the nearest that a peer has to weir's rules.
// What it calls a hash is the first four bytes of SHA-256.
var caddy = proxy{name: "Caddy", version: []string{"caddy", "version"}, log: "access.log",
	said: []string{masked, "sid=cd39865f"}, hides: []string{visitor, session, mail},
	launch: func(s *stand) (launch, error) {
		err := s.write("Caddyfile", `{
	admin off
	auto_https off
	default_sni www.nordhost.example
	servers {
		log_credentials
		protocols h1
		timeouts {
			idle 10m
		}
	}
	log default {
		output file {dir}/caddy.log
		level ERROR
	}
}
{scheme}:{port} {
	bind 127.0.0.1
	{tls}
	log {
		output file {dir}/access.log {
			roll_disabled
		}
		format filter {
			wrap json
			fields {
				request>remote_ip ip_mask {
					ipv4 24
					ipv6 48
				}
				request>headers>X-Forwarded-For ip_mask {
					ipv4 24
					ipv6 48
				}
				request>headers>Cookie cookie {
					hash sid
				}
				request>uri query {
					delete email
				}
			}
		}
	}
	reverse_proxy {upstream} {
		trusted_proxies 127.0.0.0/8
		transport http {
			keepalive_idle_conns_per_host 64
		}
	}
}
`, "{scheme}", when(!s.secure, "http://")+when(s.secure, "https://"), "{port}", port(s.listen), "{tls}", when(s.secure, fmt.Sprintf("tls %s %s {\n\t\tprotocols tls1.3\n\t}", s.cert, s.key)))
		home := []string{"HOME=" + s.dir, "XDG_DATA_HOME=" + s.dir, "XDG_CONFIG_HOME=" + s.dir}
		return launch{name: "caddy", argv: []string{"caddy", "run", "--adapter", "caddyfile", "--config", s.file("Caddyfile")}, env: home, dir: s.dir}, err
	}}

// weir at a path, under a name.
func weir(name, binary string) proxy {
	return proxy{name: name, log: "log/*/*.jsonl*",
		said: []string{masked, "sid=h1.", "email=&"}, hides: []string{visitor, session, mail},
		launch: func(s *stand) (launch, error) {
			if err := s.write("policy.yaml", weirPolicy+weirRules(s.rules)); err != nil {
				return launch{}, err
			}
			err := s.write("weir.yaml", `service: www
policy: policy.yaml
listen:
{entry}trust: [127.0.0.0/8]
log: [{file: log/}]
keys: keys/
limits: {connections: 40000, idle: 10m}
`, "{entry}", when(s.forward, "  - forward: "+s.listen+"\n")+
				when(!s.forward, "  - reverse: "+s.listen+"\n    to: {www.nordhost.example: \"http://"+s.upstream+"\"}\n")+
				when(s.secure, "    tls: {cert: "+s.cert+", key: "+s.key+", min: \"1.3\"}\n"))
			return launch{name: "weir", argv: []string{binary, "run"}, dir: s.dir}, err
		}}
}

const weirPolicy = `controller: {name: Nordhost ApS, country: DK, contact: privacy@nordhost.example}
defaults: {retain: 30d}
routes:
  - at: /device/{id}
redact:
  - name: addresses are truncated
    when: field.category.within("user.device.ip_address")
    then: truncate(24, 48)
  - name: sessions are counted, not followed
    when: field.category.within("user.device.cookie_id")
    then: hash()
  - name: what was looked at
    when: field.place in ["url.query.page", "url.query.sort"]
    then: keep()
`

// weirRules are n rules more, for places that the requests don't have.
func weirRules(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "  - name: rule %d\n    when: field.place == \"url.query.k%d\" && field.category == \"\"\n    then: keep()\n", i, i)
	}
	return b.String()
}

func when(yes bool, text string) string {
	if yes {
		return text
	}
	return ""
}
