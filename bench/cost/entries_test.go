package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func TestLinesAreCountedInPlainAndCompressedFilesOnce(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) {
		data := []byte(text)
		if strings.HasSuffix(name, ".zst") {
			z, err := zstd.NewWriter(nil)
			if err != nil {
				t.Fatal(err)
			}
			data = z.EncodeAll(data, nil)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file("1.jsonl", "a\nb\n")
	file("2.jsonl.zst", strings.Repeat("line\n", 100000))
	file("3.jsonl", "a\n")
	file("3.jsonl.zst", "a\n")
	file("class.json", "x\n")
	if n, err := countLines(filepath.Join(dir, "*.jsonl*")); err != nil || n != 100003 {
		t.Errorf("%v lines, %v", n, err)
	}
	c := &contest{stand: &stand{dir: dir}, proxy: &proxy{log: "*.jsonl*"}, sent: 200006}
	if gone, err := c.lost(); err != nil || gone != .5 {
		t.Errorf("%v of the lines are missing, %v", gone, err)
	}
}

func TestLogIsRightOnceItSaysAndHidesWhatItShould(t *testing.T) {
	dir := t.TempDir()
	c := &contest{stand: &stand{dir: dir}, proxy: &proxy{log: "a.log", said: []string{masked}, hides: []string{visitor}}}
	for text, right := range map[string]bool{
		"": false, "198.51.100.0\n": false, masked + "\n": true, masked + " " + visitor + "\n": false,
	} {
		if err := os.WriteFile(filepath.Join(dir, "a.log"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if wrong, _ := c.logged(); (wrong == "") != right {
			t.Errorf("%q: %q", text, wrong)
		}
	}
}
