//go:build peers

package peers

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// webSockets are real peers: what runs a script of testdata. Debian's packages.
var webSockets = []struct{ name, command, ext string }{
	{"python3-websockets", "/usr/bin/python3", ".py"},
	{"node's ws", "node", ".js"},
}

// Each client walks through what WebSockets do (text and binary up to 16 MiB,
// fragments with control frames between them, pings, close codes both ways,
// permessage-deflate, subprotocols, refusals) with each server, through weir.
func TestWebSocketConformanceWalk(t *testing.T) {
	t.Setenv("NODE_PATH", "/usr/share/nodejs")
	ca := newAuthority(t)
	for _, server := range webSockets {
		script, err := filepath.Abs("testdata/websocket_server" + server.ext)
		if err != nil {
			t.Fatal(err)
		}
		address := running(t, server.command, script)
		dir := t.TempDir()
		ca.issue(dir, "www", "127.0.0.1")
		in := startIn(t, dir, basics+fmt.Sprintf("listen:\n  - {reverse: \"127.0.0.1:0\", to: \"http://%[1]s\"}\n"+
			"  - {reverse: \"127.0.0.1:0\", to: \"http://%[1]s\", tls: {cert: www.pem, key: www.key}}\n", address), open)
		for _, client := range webSockets {
			for i, args := range [][]string{{"ws://" + in.addrs[0]}, {"wss://" + in.addrs[1], ca.file}} {
				scheme, _, _ := strings.Cut(args[0], ":")
				t.Run(fmt.Sprintf("%s to %s by %s", client.name, server.name, scheme), func(t *testing.T) {
					before := len(in.entries())
					ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
					defer cancel()
					cmd := exec.CommandContext(ctx, client.command, append([]string{"testdata/websocket_client" + client.ext}, args...)...)
					cmd.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+ca.file)
					began := time.Now()
					out, err := cmd.CombinedOutput()
					if err != nil {
						t.Fatalf("%v\n%s", err, out)
					}
					lines := strings.Split(strings.TrimSpace(string(out)), "\n")
					if len(lines) < 50 {
						t.Fatalf("only %d cases", len(lines)-1)
					}
					// 2 of echoes, 12 of codes and 6 that ask for them, 3 more, 3 refused.
					const want = 26
					eventually(t, "entries", func() bool { return len(in.entries()) >= before+want })
					counts := map[int]int{}
					for _, e := range in.entries()[before:] {
						counts[e.number("http.response.status_code")]++
						if e.text("error.type") != "" {
							t.Errorf("%v", e)
						}
					}
					if counts[101] != 23 || counts[400] != 1 || counts[403] != 1 || counts[426] != 1 || len(counts) != 4 {
						t.Errorf("entries by status: %v", counts)
					}
					t.Logf("listener %d: %s in %.1f s, weir's memory %d MiB at most", i, lines[len(lines)-1], time.Since(began).Seconds(), in.peak()>>20)
				})
			}
		}
		in.stop()
	}
}
