package main

import (
	"os"
	"strings"
	"testing"

	"weir/policy"
	instance "weir/proxy"
)

func TestWeirTakesEverySetUpItIsMeasuredWith(t *testing.T) {
	cert, key, err := certificate(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*stand{
		"reverse": {}, "tls": {secure: true}, "forward": {forward: true}, "rules": {rules: 100},
	} {
		s.dir, s.listen, s.upstream, s.cert, s.key, s.workers = t.TempDir(), "127.0.0.1:18080", "127.0.0.1:18081", cert, key, 1
		p := weir("weir", "/bin/weir")
		if _, err := p.launch(s); err != nil {
			t.Fatal(err)
		}
		c, err := instance.ReadConfig(s.file("weir.yaml"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if (c.Listen[0].TLS != nil) != s.secure || (c.Listen[0].Forward != "") != s.forward {
			t.Errorf("%s: the listener is %+v", name, c.Listen[0])
		}
		if _, err := policy.Load(s.file("policy.yaml")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		text, err := os.ReadFile(s.file("policy.yaml"))
		if err != nil || strings.Count(string(text), "when:") != 3+s.rules {
			t.Errorf("%s: %d rules, %v", name, strings.Count(string(text), "when:"), err)
		}
	}
}

func TestNoSetUpHasAPlaceLeftUnfilled(t *testing.T) {
	for file, p := range map[string]*proxy{"nginx.conf": &nginx, "haproxy.cfg": &haproxy, "Caddyfile": &caddy, "squid.conf": &squid} {
		for _, secure := range []bool{false, true} {
			dir := t.TempDir()
			cert, key, err := certificate(dir)
			if err != nil {
				t.Fatal(err)
			}
			s := &stand{dir: dir, listen: "127.0.0.1:18080", upstream: "127.0.0.1:18081", cert: cert, key: key, secure: secure, workers: 2}
			if _, err := p.launch(s); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(s.file(file))
			if err != nil {
				t.Fatal(err)
			}
			for _, place := range []string{"{dir}", "{listen}", "{upstream}", "{cert}", "{key}", "{workers}", "{user}", "{tls}", "{secure}", "{scheme}", "{port}"} {
				if strings.Contains(string(text), place) {
					t.Errorf("%s has %s left", file, place)
				}
			}
			if !strings.Contains(string(text), "18080") {
				t.Errorf("%s listens nowhere", file)
			}
		}
	}
}
