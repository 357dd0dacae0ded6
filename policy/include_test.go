package policy_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"weir/policy"
)

// inFolder writes files, by their path in a new folder, and loads policy.yaml there.
func inFolder(t *testing.T, files map[string]string) (*policy.Policy, string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, err := policy.Load(filepath.Join(dir, "policy.yaml"))
	if err != nil {
		return p, strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")
	}
	return p, ""
}

const controller = "controller: {name: N, country: DK, contact: p@n.example}\n"

func TestRulesOfIncludedFilesComeFirst(t *testing.T) {
	p, wrong := inFolder(t, map[string]string{
		"policy.yaml":        controller + "include: [lib/a.yaml, b.yaml]\ndefaults: {retain: 30d}\nredact: [{name: own, when: 'true', then: drop()}]\nfields: {url.query.x: user.name}\n",
		"lib/a.yaml":         "include: [../b.yaml, names/n.yaml]\nredact: [{name: a, when: 'true', then: drop()}]\nfields: {url.query.y: user.name}\n",
		"b.yaml":             "redact: [{name: b, when: 'true', then: drop()}]\n",
		"lib/names/n.yaml":   "detect: [{names: list.txt}]\n",
		"lib/names/list.txt": "x.seat = plads\n",
	})
	if wrong != "" {
		t.Fatal(wrong)
	}
	if got := p.Rules(); !slices.Equal(got, []string{"b", "a", "own"}) {
		t.Error(got)
	}
}

func TestWhatIsWrongWithAnIncludedFileIsToldThere(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"rule": {map[string]string{"policy.yaml": controller + "include: [lib/a.yaml]\ndefaults: {retain: 30d}\n",
			"lib/a.yaml": "redact:\n  - {name: a, when: 'field.categry == \"\"', then: drop()}\n  - {name: a, when: 'true', then: drop()}\n"},
			"lib/a.yaml:2:22: `when`: there is no field.categry; write instead: field.category\nlib/a.yaml:3:12: the rule in line 2 of lib/a.yaml has the same name, and entries tell rules by their names; write instead: another name"},
		"itself":   {map[string]string{"policy.yaml": controller + "include: [policy.yaml]\n"}, `policy.yaml:2:11: "policy.yaml" includes itself: policy.yaml → policy.yaml`},
		"circle":   {map[string]string{"policy.yaml": controller + "include: [a.yaml]\n", "a.yaml": "include: [lib/b.yaml]\n", "lib/b.yaml": "include: [../a.yaml]\n"}, `lib/b.yaml:1:11: "../a.yaml" includes itself: a.yaml → lib/b.yaml → a.yaml`},
		"missing":  {map[string]string{"policy.yaml": controller + "include: [a.yaml]\n"}, "policy.yaml:2:11: a.yaml: cannot be read: no such file or directory; write instead: the path of a file, from this one's folder on"},
		"absolute": {map[string]string{"policy.yaml": controller + "include: [/etc/passwd]\n"}, "policy.yaml:2:11: a file is named from the folder of this one on, with / between folders; write instead: such as ../shared/base.yaml"},
		"text":     {map[string]string{"policy.yaml": controller + "include: a.yaml\n"}, `policy.yaml:2:10: "include": expected a list, found text; write instead: [a.yaml]`},
		"no YAML":  {map[string]string{"policy.yaml": controller + "include: [a.yaml]\n", "a.yaml": "\xff"}, "a.yaml:1:1: is not UTF-8 from here on; write instead: the file in UTF-8"},
		"two controllers": {map[string]string{"policy.yaml": controller + "include: [a.yaml]\n", "a.yaml": controller},
			"policy.yaml:1:1: the key \"controller\" stands in line 1 of a.yaml as well; write instead: it in one of them\na.yaml:1:1: the key \"controller\" stands in line 1 of policy.yaml as well; write instead: it in one of them"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, got := inFolder(t, c.files); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestAPipeIsNotWaitedFor(t *testing.T) {
	for key, want := range map[string]string{
		"include: [PIPE]":         "policy.yaml:2:11: PIPE: cannot be read: is no regular file; write instead: the path of a file, from this one's folder on",
		"document: PIPE":          "policy.yaml:2:11: PIPE: cannot be read: is no regular file",
		"law: PIPE":               "policy.yaml:2:6: PIPE: cannot be read: is no regular file",
		"detect: [{names: PIPE}]": "policy.yaml:2:18: PIPE: cannot be read: is no regular file",
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "policy.yaml")
		if err := syscall.Mkfifo(filepath.Join(dir, "PIPE"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(controller+key+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := policy.Load(path)
		if got := fmt.Sprint(err); !strings.HasPrefix(strings.ReplaceAll(got, dir+string(filepath.Separator), ""), want) {
			t.Errorf("%s: %s", key, got)
		}
	}
}

func TestIncludesHaveBounds(t *testing.T) {
	deep := map[string]string{"policy.yaml": controller + "include: [1.yaml]\n"}
	for _, i := range "123456789" {
		deep[string(i)+".yaml"] = "include: [" + string(i+1) + ".yaml]\n"
	}
	if _, got := inFolder(t, deep); got != "8.yaml:1:11: files are included deeper than 8 levels" {
		t.Error(got)
	}
	large := strings.Repeat("# "+strings.Repeat("x", 998)+"\n", 1000) + "fields: {}\n"
	if _, got := inFolder(t, map[string]string{"policy.yaml": controller + "include: [a.yaml, b.yaml, c.yaml]\n", "a.yaml": large, "b.yaml": large, "c.yaml": large}); got != "policy.yaml:2:27: what is included is longer than 2097152 bytes in all" {
		t.Error(got)
	}
}

func TestAPolicyIsMadeOfAllFilesThatItNames(t *testing.T) {
	files := map[string]string{
		"policy.yaml": controller + "include: [a.yaml]\ndocument: doc/privacy.md\n",
		"a.yaml":      "include: [lib/b.yaml]\n", "lib/b.yaml": "detect: [{names: n.txt}]\n", "lib/n.txt": "x.a = b\n", "doc/privacy.md": "We promise.\n",
	}
	seen := make(map[string]string)
	for _, changed := range []string{"", "a.yaml", "lib/b.yaml", "lib/n.txt", "doc/privacy.md"} {
		if changed != "" {
			was := files[changed]
			files[changed] += "\n"
			defer func() { files[changed] = was }()
		}
		p, wrong := inFolder(t, files)
		if wrong != "" {
			t.Fatal(wrong)
		}
		if before, again := seen[p.Fingerprint()]; again {
			t.Errorf("with another %q the policy is the one with another %q", changed, before)
		}
		seen[p.Fingerprint()] = changed
	}
	dir := t.TempDir()
	for name, text := range files {
		_ = os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, path := range policy.Files(filepath.Join(dir, "policy.yaml"), []byte(files["policy.yaml"])) {
		got = append(got, strings.TrimPrefix(path, dir+"/"))
	}
	if want := []string{"a.yaml", "doc/privacy.md", "lib/b.yaml", "lib/n.txt"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
