package main

import (
	"os"
	"path/filepath"
	"strings"
)

// stand is the place in which one proxy is measured: a folder of its own, its
// address, and what it is to do.
type stand struct {
	dir      string
	listen   string // host:port of the proxy
	upstream string // host:port
	secure   bool   // TLS on the client's side
	cert     string // PEM files
	key      string
	rules    int // that weir's policy has besides its own
	workers  int // cores that the proxy has
}

func (s *stand) file(name string) string { return filepath.Join(s.dir, name) }

// write fills a file of the folder from a template: {name} for what the stand
// has, and for what pairs name.
func (s *stand) write(name, template string, pairs ...string) error {
	workers := strings.Repeat("I", s.workers)
	workers = map[string]string{"I": "1", "II": "2"}[workers]
	all := append([]string{"{dir}", s.dir, "{listen}", s.listen, "{upstream}", s.upstream,
		"{cert}", s.cert, "{key}", s.key, "{workers}", workers}, pairs...)
	return os.WriteFile(s.file(name), []byte(strings.NewReplacer(all...).Replace(template)), 0o644)
}

// proxy is one that can be measured.
type proxy struct {
	name string
	// version prints which it is.
	version []string
	// launch writes its configuration to the stand.
	launch func(*stand) (launch, error)
	// log is the pattern of its log files in the stand, "" where it has none.
	log string
	// said must be in the line of the probe; besides, hides must not.
	said, hides []string
}

// body is what the upstream answers, 1 KiB.
var body = strings.Repeat("0123456789abcdefghijklmnopqrstu\n", 32)

// upstream is nginx, which answers every path with the body and serves files.
func upstream(s *stand, cores string) (launch, error) {
	err := s.write("upstream.conf", `daemon off; worker_processes {workers}; pid {dir}/upstream.pid; error_log {dir}/upstream.log crit;
{user}events {worker_connections 16384; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; sendfile on; tcp_nodelay on; tcp_nopush on;
  default_type text/plain; open_file_cache max=16; open_file_cache_valid 1h;
  server {
    listen {listen} reuseport backlog=16384;
    location / { return 200 "{body}"; }
    location /files/ { root {dir}; }
  }
}
`, "{body}", body, "{user}", asRoot("user root;\n"))
	return launch{name: "upstream", argv: []string{"nginx", "-p", s.dir, "-e", s.file("upstream.log"), "-c", s.file("upstream.conf")}, dir: s.dir, cores: cores}, err
}

// asRoot is text where this program runs as root, else "".
func asRoot(text string) string {
	if os.Geteuid() == 0 {
		return text
	}
	return ""
}
