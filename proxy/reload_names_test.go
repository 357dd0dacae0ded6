package proxy_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A policy is made of its file and of the names beside it.
func TestNamesBesideThePolicyAreReadAgainWhenTheyChange(t *testing.T) {
	up := says(t, "hello")
	const named = policy + "detect: [{names: names.txt}]\nredact:\n" +
		"  - {name: seats, when: 'field.category == \"x.seat\"', then: keep()}\n"
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "names.txt"), []byte("x.seat = plads\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in := startIn(t, dir, head+fmt.Sprintf("listen: [{reverse: \"127.0.0.1:0\", to: %q}]\n", up.URL), named)
	ask := func() string {
		t.Helper()
		resp, err := http.Get("http://" + in.Addr(0) + "/?plads=A7&stol=B8")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		return in.next().text("url.query")
	}
	if got := ask(); got != "plads=A7&*=" {
		t.Error(got)
	}
	in.write("names.txt", "x.seat = plads Stol\n")
	eventually(t, "told", func() bool { return strings.Contains(in.said.String(), "policy_refused") })
	if said := in.said.String(); !strings.Contains(said, "names.txt:1:16: names are in lower case here") {
		t.Error(said)
	}
	in.write("names.txt", "x.seat = plads stol\n")
	eventually(t, "reloaded", func() bool { return strings.Contains(in.said.String(), "policy_reloaded") })
	if got := ask(); got != "plads=A7&stol=B8" {
		t.Error(got)
	}
}
