package proxy_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// nginx runs the real one, and returns its address and its access log, which
// has the number of each request's connection and its serial there.
func nginx(t testing.TB) (address, accessLog string) {
	t.Helper()
	path, err := exec.LookPath("nginx")
	if err != nil {
		if path, err = exec.LookPath("/usr/sbin/nginx"); err != nil {
			t.Fatal("nginx is needed: `make test` installs it when root") // no skip: what is not run proves nothing
		}
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	address = "127.0.0.1:" + free(t)
	accessLog = filepath.Join(dir, "access.log")
	files := map[string]string{
		"nginx.conf": fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log;
events {}
http {
	log_format connections '$connection $connection_requests $request_method $uri $status $http_connection';
	access_log %[1]s/access.log connections;
	client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
	server {
		listen %[2]s;
		root %[1]s/www;
		gzip on; gzip_min_length 1; gzip_types text/plain;
		location = /empty { return 204; }
		location = /moved { return 301 /small.txt; }
	}
}
`, dir, address),
		"www/small.txt": "small\n",
		"www/large.txt": strings.Repeat("0123456789abcde\n", 1<<16),
	}
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(path, "-c", filepath.Join(dir, "nginx.conf"), "-p", dir)
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for began := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
			return address, accessLog
		}
		if time.Since(began) > patience {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			t.Fatalf("nginx does not listen: %s", said.String())
		}
	}
}

func TestCurlKeepsItsConnectionAndSoDoesWeirToNginx(t *testing.T) {
	address, accessLog := nginx(t)
	in := start(t, fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: \"http://%s\"}]\n", address))
	base := "http://" + in.Addr(0)
	out, err := curl(t, "--compressed", "-w", "%{http_code} %{num_connects} %{size_download}\n", "-o", "/dev/null",
		base+"/small.txt", "-o", "/dev/null", base+"/large.txt", "-o", "/dev/null", base+"/empty", "-o", "/dev/null", base+"/moved", "-o", "/dev/null", base+"/none")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	for i, want := range []string{"200 1 ", "200 0 ", "204 0 0", "301 0 ", "404 0 "} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], want) {
			t.Errorf("%d: %q, want %q", i, lines, want)
		}
		in.next()
	}
	in.none()
	b, err := os.ReadFile(accessLog)
	if err != nil {
		t.Fatal(err)
	}
	connections := map[string]bool{}
	for line := range strings.Lines(string(b)) {
		connections[strings.Fields(line)[0]] = true
		if strings.HasSuffix(strings.TrimSpace(line), "close") {
			t.Errorf("nginx was told to close: %q", line)
		}
	}
	if len(connections) != 1 {
		t.Errorf("connections to nginx:\n%s", b)
	}
	// What curl gets through weir is what it gets without.
	for _, path := range []string{"/small.txt", "/large.txt", "/none"} {
		direct, err := curl(t, "-i", "-H", "Accept-Encoding: gzip", "http://"+address+path)
		if err != nil {
			t.Fatal(err)
		}
		through, err := curl(t, "-i", "-H", "Accept-Encoding: gzip", base+path)
		if err != nil {
			t.Fatal(err)
		}
		if undated(direct) != undated(through) {
			t.Errorf("%s:\n%.600q\nis through weir\n%.600q", path, direct, through)
		}
	}
}

// undated leaves out the time, which goes on between two requests, and what
// is each hop's own.
func undated(answer string) string {
	head, body, _ := strings.Cut(answer, "\r\n\r\n")
	var kept []string
	for line := range strings.SplitSeq(head, "\r\n") {
		if name, _, _ := strings.Cut(line, ":"); name != "Date" && name != "Connection" && name != "Transfer-Encoding" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\r\n") + "\r\n\r\n" + body
}
