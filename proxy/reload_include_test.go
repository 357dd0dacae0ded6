package proxy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a policy includes may stand in another folder, also one that it comes to name later.
func TestIncludedFilesAreReadAgainWhenTheyChange(t *testing.T) {
	up := says(t, "hello")
	dir := t.TempDir()
	for _, folder := range []string{"first", "later"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, folder, "base.yaml"), []byte("routes: [{at: /a}]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in := startIn(t, dir, head+"listen: [{reverse: \"127.0.0.1:0\", to: \""+up.URL+"\"}]\n", policy+"include: [first/base.yaml]\n")
	reloaded := func(n int) {
		t.Helper()
		eventually(t, "reloaded", func() bool { return strings.Count(in.said.String(), "policy_reloaded") == n })
	}
	in.write("first/base.yaml", "routes: [{at: /b}]\n")
	reloaded(1)
	in.write("policy.yaml", policy+"include: [later/base.yaml]\n")
	reloaded(2)
	in.write("later/base.yaml", "routes: [{at: b}]\n")
	eventually(t, "refused", func() bool { return strings.Contains(in.said.String(), "later/base.yaml:1:15: ") })
	in.write("later/base.yaml", "routes: [{at: /c}]\n")
	reloaded(3)
}
