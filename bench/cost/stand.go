package main

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// stand is the place in which one proxy is measured: a folder of its own, its
// address, and what it is to do.
type stand struct {
	dir      string
	listen   string // host:port of the proxy
	upstream string // host:port
	secure   bool   // TLS on the client's side
	forward  bool   // absolute-form requests and CONNECT
	cert     string // PEM files
	key      string
	rules    int // beyond those that weir's policy has
	workers  int // cores that it may use
}

func (s *stand) file(name string) string { return filepath.Join(s.dir, name) }

// write fills a file of the folder from a template: {name} for what the stand
// has, and for what pairs name.
func (s *stand) write(name, template string, pairs ...string) error {
	all := append([]string{"{dir}", s.dir, "{listen}", s.listen, "{upstream}", s.upstream,
		"{cert}", s.cert, "{key}", s.key, "{workers}", strconv.Itoa(s.workers)}, pairs...)
	return os.WriteFile(s.file(name), []byte(strings.NewReplacer(all...).Replace(template)), 0o644)
}

// open lets everybody write to the folder: for a proxy that gives up root.
func (s *stand) open() error { return os.Chmod(s.dir, 0o777) }

// port is that of an address.
func port(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }

// proxy is one that can be measured.
type proxy struct {
	name string
	// version prints which it is.
	version []string
	// launch writes its configuration to the stand.
	launch func(*stand) (launch, error)
	// log is the pattern of its log files in the stand, "" where it has none.
	log string
	// said must be in the log once the probe is through, hides must not.
	said, hides []string
	// cores that it runs on, load and upstream with it; "" is a core of its own.
	cores string
	rules int // beyond those that weir's policy has
}

// content is text of so many bytes, a multiple of 32.
func content(size int) string { return strings.Repeat("0123456789abcdefghijklmnopqrstu\n", size/32) }

// body is what the upstream answers to all but the files.
var body = content(1 << 10)

// files are those below /files/ and their sizes.
var files = map[string]int{"64k": 64 << 10, "10m": 10 << 20}

// answerTo is what the upstream answers to a path.
func answerTo(path string) string {
	if name, ok := strings.CutPrefix(path, "/files/"); ok {
		return content(files[name])
	}
	return body
}

// upstream is nginx, which answers every path with the body and serves files.
func upstream(s *stand, cores string) (launch, error) {
	err := s.write("upstream.conf", `daemon off; worker_processes {workers}; pid {dir}/upstream.pid; error_log {dir}/upstream.log crit;
{user}events {worker_connections 16384; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; sendfile on; tcp_nodelay on; tcp_nopush on;
  default_type text/plain; open_file_cache max=16; open_file_cache_valid 1h;
  server {
    listen {listen} reuseport backlog=16384;
    {v6}
    location / { return 200 "{body}"; }
    location /files/ { root {dir}; }
  }
}
`, "{body}", body, "{user}", asRoot("user root;\n"), "{v6}", when(hasV6(), "listen [::1]:"+port(s.listen)+" reuseport backlog=16384;"))
	return launch{name: "upstream", argv: []string{"nginx", "-p", s.dir, "-e", s.file("upstream.log"), "-c", s.file("upstream.conf")}, dir: s.dir, cores: cores}, err
}

// hasV6 reports whether there is a loopback address of IPv6: "localhost" may
// mean it then.
func hasV6() bool {
	l, err := net.Listen("tcp", "[::1]:0")
	if err == nil {
		l.Close()
	}
	return err == nil
}

// asRoot is text where this program runs as root, else "".
func asRoot(text string) string {
	if os.Geteuid() == 0 {
		return text
	}
	return ""
}
