package proxy_test

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// fingerprint names a policy by its file.
func fingerprint(text string) string { return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(text))) }

const (
	keeps  = policy + "redact: [{name: pages, when: 'field.place == \"url.query.page\"', then: keep()}]\n"
	masks  = policy + "redact: [{name: pages, when: 'field.place == \"url.query.page\"', then: 'replace(\"a-page\")'}]\n"
	weekly = "controller: {name: N, country: DK, contact: p@n.example}\ndefaults: {retain: 7d}\n"
)

// Under load each entry is wholly of one of the two policies.
func TestPolicyIsSwappedWholeUnderLoad(t *testing.T) {
	up := says(t, "hello")
	in := startWith(t, head+fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: %q}]\n", up.URL), keeps)
	const clients = 4
	var wg sync.WaitGroup
	var sent atomic.Int64
	done := make(chan struct{})
	for range clients {
		wg.Go(func() {
			c, err := net.Dial("tcp", in.Addr(0))
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			r := bufio.NewReader(c)
			for {
				select {
				case <-done:
					return
				default:
				}
				if _, err := io.WriteString(c, "GET /?page=seventeen HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
					t.Error(err)
					return
				}
				resp, err := http.ReadResponse(r, nil)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				sent.Add(1)
			}
		})
	}
	for i := range 20 {
		before := sent.Load()
		eventually(t, "load", func() bool { return sent.Load() > before+20 })
		next := masks
		if i%2 == 1 {
			next = keeps
		}
		// As deployments do: another file takes the place.
		in.write("next", next)
		if err := os.Rename(filepath.Join(in.dir, "next"), filepath.Join(in.dir, "policy.yaml")); err != nil {
			t.Fatal(err)
		}
		in.Reload()
	}
	close(done)
	wg.Wait()
	seen := map[string]int{}
	want := map[string]string{fingerprint(keeps): "page=seventeen", fingerprint(masks): "page=a-page"}
	for range sent.Load() {
		e := in.next()
		p, q := e.text("policy"), e.text("url.query")
		seen[p]++
		if want[p] != q {
			t.Fatalf("policy %s wrote %q", p, q)
		}
	}
	in.none()
	if len(seen) != 2 {
		t.Errorf("entries by policy: %v", seen)
	}
}

// An exchange keeps the policy that it began with, retention included.
func TestExchangeKeepsThePolicyItBeganWith(t *testing.T) {
	up := newHolding(t)
	in := startWith(t, head+fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: %q}]\n", up.URL), keeps)
	early, late := in.dial(0), in.dial(0)
	send(t, early, "/held?page=seventeen")
	up.await(t, "/held")
	in.write("policy.yaml", weekly)
	in.Reload()
	send(t, late, "/now?page=seventeen")
	up.await(t, "/now")
	answer(t, bufio.NewReader(late))
	if e := in.next(); e.text("policy") != fingerprint(weekly) || e.text("url.query") != "page=" || e.text("retain") != "7d" {
		t.Errorf("late: %v", e)
	}
	close(up.release)
	answer(t, bufio.NewReader(early))
	if e := in.next(); e.text("policy") != fingerprint(keeps) || e.text("url.query") != "page=seventeen" || e.text("retain") != "30d" {
		t.Errorf("early: %v", e)
	}
	in.end()
	for _, class := range []string{"30d", "7d"} {
		if segments, _ := filepath.Glob(filepath.Join(in.dir, "log", class, "*.jsonl")); len(segments) != 1 {
			t.Errorf("%s: %v", class, segments)
		}
	}
}

func TestPolicyThatDoesNotLoadChangesNothing(t *testing.T) {
	up := says(t, "hello")
	in := startWith(t, head+fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: %q}]\n", up.URL), keeps)
	for name, change := range map[string]func() error{
		"unknown key": func() error {
			return os.WriteFile(filepath.Join(in.dir, "policy.yaml"), []byte(policy+"redcat: []\n"), 0o600)
		},
		"without retain": func() error {
			return os.WriteFile(filepath.Join(in.dir, "policy.yaml"), []byte(strings.Split(policy, "\n")[0]), 0o600)
		},
		"empty": func() error { return os.WriteFile(filepath.Join(in.dir, "policy.yaml"), nil, 0o600) },
		"gone":  func() error { return os.Remove(filepath.Join(in.dir, "policy.yaml")) },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		in.Reload()
		in.get(0, "x")
		if e := in.next(); e.text("policy") != fingerprint(keeps) || e.text("retain") != "30d" {
			t.Errorf("%s: %v", name, e)
		}
	}
	if in.ready() != 200 {
		t.Error("unready with its last good policy")
	}
	if said := in.said.String(); strings.Count(said, "policy_refused") < 4 || !strings.Contains(said, "policy.yaml:3:1: unknown key") || !strings.Contains(said, "cannot be read") {
		t.Error(said)
	}
	_, m := in.admin("/metrics")
	if !strings.Contains(m, `weir_policy_info{fingerprint="`+fingerprint(keeps)[:len("sha256:")+12]) || !strings.Contains(m, `weir_policy_reloads_total{result="ok"} 0`) {
		t.Errorf("%s", m)
	}
	in.write("policy.yaml", masks)
	in.Reload()
	in.get(0, "x")
	if e := in.next(); e.text("policy") != fingerprint(masks) {
		t.Errorf("%v", e)
	}
}

// What else happens in the policy's folder is not told as if it were a reload.
func TestOtherFilesBesideThePolicyAreNothingToIt(t *testing.T) {
	up := says(t, "hello")
	in := startWith(t, head+fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: %q}]\n", up.URL), keeps)
	in.write("policy.yaml", "nonsense: 1\n")
	eventually(t, "told", func() bool { return strings.Contains(in.said.String(), "policy_refused") })
	for i := range 3 {
		in.write(fmt.Sprintf("beside-%d", i), "x")
		<-time.After(200 * time.Millisecond) // changes are looked at when they have settled
	}
	in.write("policy.yaml", masks)
	eventually(t, "reloaded", func() bool { return strings.Contains(in.said.String(), "policy_reloaded") })
	if n := strings.Count(in.said.String(), "policy_refused"); n != 1 {
		t.Errorf("told %d times", n)
	}
}

// A policy that is a link, as a mounted secret is, changes with what it leads to.
func TestPolicyBehindALinkIsWatched(t *testing.T) {
	up, dir := says(t, "hello"), t.TempDir()
	for name, text := range map[string]string{"v1": keeps, "v2": masks} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name, "policy.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := func(to, name string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	link("v1", "..data")
	link("..data/policy.yaml", "mounted.yaml")
	in := startIn(t, dir, strings.Replace(head, "policy.yaml", "mounted.yaml", 1)+fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: %q}]\n", up.URL), "")
	in.get(0, "x")
	if e := in.next(); e.text("policy") != fingerprint(keeps) {
		t.Errorf("%v", e)
	}
	link("v2", "..next")
	if err := os.Rename(filepath.Join(dir, "..next"), filepath.Join(dir, "..data")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "reloaded", func() bool { return strings.Contains(in.said.String(), "policy_reloaded") })
	in.get(0, "x")
	if e := in.next(); e.text("policy") != fingerprint(masks) {
		t.Errorf("%v", e)
	}
}
