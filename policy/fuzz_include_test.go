package policy_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/policy"
	"weir/policy/source"
)

// FuzzInclude: whatever three files say of one another, they are a policy or all their
// errors, each in one of the files, and no other file is opened.
func FuzzInclude(f *testing.F) {
	f.Add(controller+"include: [a.yaml, b.yaml]\n", "include: [b.yaml]\nroutes: [{at: /}]\n", "fields: {url.query.x: user.name}\n")
	f.Add(controller+"include: [a.yaml]\n", "include: [b.yaml]\n", "include: [policy.yaml, ../a.yaml, ./b.yaml]\n")
	f.Add("include: a.yaml\n", "controller: {name: N}\nfields: {x: 1", "tenant: x\ninclude: [a.yaml, b.yaml, /etc/passwd, c/../a.yaml]\n")
	f.Add(controller+"law: a.yaml\ndocument: b.yaml\ndetect: [{names: a.yaml}]\n", "eea: [DK]\n", "some words\n")
	f.Fuzz(func(t *testing.T, own, a, b string) {
		if len(own)+len(a)+len(b) > 1<<13 {
			return
		}
		folder := t.TempDir()
		path := filepath.Join(folder, "policy.yaml")
		for name, text := range map[string]string{path: own, filepath.Join(folder, "a.yaml"): a, filepath.Join(folder, "b.yaml"): b} {
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, beside := range policy.Files(path, []byte(own)) {
			if !filepath.IsAbs(beside) {
				t.Errorf("%q is no file beside this one", beside)
			}
		}
		p, err := policy.Load(path)
		if err == nil {
			p.Lint()
			return
		}
		var all source.Errors
		if p != nil || !errors.As(err, &all) || len(all) == 0 || len(all) > 200 {
			t.Fatalf("neither a policy nor errors: %v", err)
		}
		for _, e := range all {
			if !strings.HasPrefix(e.File, folder) {
				t.Errorf("an error of no file: %v", e)
			}
		}
	})
}
