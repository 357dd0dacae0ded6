//go:build peers

package peers

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const grpcVersion = "v1.85.0"

// interop are the cases of gRPC's own interoperability client that need no
// cloud, with how each one's calls end in the log: error.type of all of them,
// "" for those that were complete. Go's client has none of the compression cases,
// and the cases about load balancing (pick_first_unary, orca) fail against Go's
// server without weir too: they need a server and a client configured for them.
var interop = []struct {
	name string
	ends []string
}{
	{"empty_unary", []string{""}},
	{"large_unary", []string{""}},
	{"client_streaming", []string{""}},
	{"server_streaming", []string{""}},
	{"ping_pong", []string{""}},
	{"empty_stream", []string{""}},
	{"timeout_on_sleeping_server", nil}, // a millisecond: it may end before it was sent
	{"cancel_after_begin", []string{"client_gone"}},
	{"cancel_after_first_response", []string{"client_gone"}},
	{"status_code_and_message", []string{"", ""}},
	{"special_status_message", []string{""}},
	{"custom_metadata", []string{"", ""}},
	{"unimplemented_method", []string{""}},
	{"unimplemented_service", []string{""}},
	{"rpc_soak", make([]string, 10)},
	{"channel_soak", make([]string, 10)},
}

func TestGRPCInteropPasses(t *testing.T) {
	client := installed(t, "google.golang.org/grpc/interop/client@"+grpcVersion)
	server := installed(t, "google.golang.org/grpc/interop/server@"+grpcVersion)
	ca := newAuthority(t)
	t.Setenv("SSL_CERT_FILE", ca.file) // weir trusts what the system does
	dir := t.TempDir()
	cert, key := ca.issue(dir, "www", "localhost", "127.0.0.1")

	plain := running(t, server, "-port")
	secure := running(t, server, "-use_tls", "-tls_cert_file", cert, "-tls_key_file", key, "-port")
	in := startIn(t, dir, basics+fmt.Sprintf("listen:\n  - {reverse: \"127.0.0.1:0\", to: \"h2c://%s\"}\n"+
		"  - {reverse: \"127.0.0.1:0\", to: \"https://%s\", tls: {cert: www.pem, key: www.key}}\n", plain, secure), open)

	for i, l := range []struct {
		name string
		args []string
	}{
		{"h2c", nil},
		{"TLS", []string{"-use_tls", "-use_test_ca", "-ca_file", ca.file, "-server_host_override", "localhost"}},
	} {
		_, port, _ := net.SplitHostPort(in.addrs[i])
		for _, c := range interop {
			t.Run(l.name+"/"+c.name, func(t *testing.T) {
				before := len(in.entries())
				ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
				defer cancel()
				args := append([]string{"-server_host", "127.0.0.1", "-server_port", port, "-test_case", c.name}, l.args...)
				if out, err := exec.CommandContext(ctx, client, args...).CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s\n%s", err, out, in.words())
				}
				if c.ends == nil {
					return
				}
				var got []string
				eventually(t, "entries", func() bool {
					got = nil
					for _, e := range in.entries()[before:] {
						got = append(got, e.text("error.type"))
					}
					return len(got) >= len(c.ends)
				})
				if strings.Join(got, "|") != strings.Join(c.ends, "|") {
					t.Errorf("calls ended %q", got)
				}
			})
		}
	}
}

// running starts a server whose last argument is its port, and returns its
// address once it takes connections.
func running(t *testing.T, binary string, args ...string) string {
	t.Helper()
	port := free(t)
	cmd := exec.Command(binary, append(args, port)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	address := net.JoinHostPort("127.0.0.1", port)
	eventually(t, filepath.Base(binary), func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	return address
}
