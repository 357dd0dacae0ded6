package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"weir/policy"
	"weir/policy/policytest"
	"weir/proxy"
)

// laughs is YAML of so many bytes whose anchors would come to more than any memory holds.
func laughs(size int) []byte {
	var b bytes.Buffer
	b.WriteString("controller: {name: N, country: DK, contact: p@n.example}\na0: &a0 [x, x, x, x, x, x, x, x, x]\n")
	for i := 1; b.Len() < size; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), ", "))
	}
	return b.Bytes()[:size]
}

// readers are all that read a file that somebody wrote.
var readers = map[string]func(folder string) error{
	"policy": func(folder string) error { _, err := policy.Load(filepath.Join(folder, "bad.yaml")); return err },
	"include": func(folder string) error {
		_, err := policy.Parse(filepath.Join(folder, "p"), []byte("include: [bad.yaml]\n"))
		return err
	},
	"law": func(folder string) error {
		_, err := policy.Parse(filepath.Join(folder, "p"), []byte("law: bad.yaml\n"))
		return err
	},
	"names": func(folder string) error {
		_, err := policy.Parse(filepath.Join(folder, "p"), []byte("detect: [{names: bad.yaml}]\n"))
		return err
	},
	"document": func(folder string) error {
		_, err := policy.Parse(filepath.Join(folder, "p"), []byte("document: bad.yaml\n"))
		return err
	},
	"cases": func(folder string) error {
		_, err := policytest.ReadCases(filepath.Join(folder, "bad.yaml"))
		return err
	},
	"weir":   func(folder string) error { _, err := proxy.ReadConfig(filepath.Join(folder, "bad.yaml")); return err },
	"folder": func(folder string) error { _, err := policytest.FindPolicies(folder); return err },
}

// hang is far longer than any of it takes.
const hang = time.Minute

func TestNoFileTakesMuchTimeOrMemory(t *testing.T) {
	for name, data := range map[string][]byte{
		"10 MB of anchors":  laughs(10 << 20),
		"10 MB of brackets": bytes.Repeat([]byte("["), 10<<20),
	} {
		for of, read := range readers {
			refuses(t, name+" as "+of, data, read, 8<<20)
		}
	}
	for name, data := range map[string][]byte{
		"1 MB of anchors":  laughs(1 << 20),
		"1 MB of brackets": bytes.Repeat([]byte("["), 1<<20),
		"1 MB of keys":     bytes.Repeat([]byte("a: 1\n"), 1<<18)[:1<<20],
		"1 MB of entries":  bytes.Repeat([]byte("- a: b\n"), 1<<18)[:1<<20],
		"1 MB of tags":     bytes.Repeat([]byte("a: !b\n"), 1<<18)[:1<<20],
	} {
		for _, of := range []string{"policy", "cases"} {
			refuses(t, name+" as "+of, data, readers[of], 512<<20)
		}
	}
}

// refuses reads a file, which must be refused for so many bytes of memory at most, in all.
func refuses(t *testing.T, name string, data []byte, read func(folder string) error, most uint64) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "bad.yaml"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	err := read(folder)
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	if err == nil || len(err.Error()) > 1<<17 {
		t.Errorf("%s: no error, or a long one", name)
	}
	if made := after.TotalAlloc - before.TotalAlloc; made > most || took > hang {
		t.Errorf("%s: took %v and %d bytes", name, took, made)
	}
}
