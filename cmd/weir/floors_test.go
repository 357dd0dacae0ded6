package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// room is one row of the house table in README.md.
type room struct {
	floor   int
	imports []string
	all     bool
}

var row = regexp.MustCompile("(?m)^\\| (\\d) \\| `([a-z0-9/]+)` \\| [^|]* \\| ([^|]*) \\|$")
var quoted = regexp.MustCompile("`([^`]+)`")

func house(t *testing.T) map[string]room {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	rooms := map[string]room{}
	for _, m := range row.FindAllStringSubmatch(string(readme), -1) {
		floor, _ := strconv.Atoi(m[1])
		r := room{floor: floor, all: strings.HasPrefix(m[3], "all above")}
		for _, q := range quoted.FindAllStringSubmatch(m[3], -1) {
			r.imports = append(r.imports, q[1])
		}
		rooms[m[2]] = r
	}
	if len(rooms) < 15 {
		t.Fatalf("only %d rooms read from README.md: the table has changed its form", len(rooms))
	}
	return rooms
}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []listed {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "weir/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p listed
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// wrong says what is wrong with one import, or "".
func wrong(rooms map[string]room, from, to string) string {
	f, t := rooms[from], rooms[to]
	switch {
	case to == "redact/category", to == "proxy/telemetry" && strings.HasPrefix(from, "proxy"):
		return ""
	case t.floor >= f.floor:
		return from + " imports " + to + ", which is not on a lower floor"
	case !f.all && !slices.Contains(f.imports, to):
		return from + " imports " + to + ", which its row in README.md does not list"
	}
	return ""
}

func TestFloorsHoldTheImports(t *testing.T) {
	rooms := house(t)
	seen := map[string]bool{}
	for _, p := range packages(t) {
		from := strings.TrimPrefix(p.ImportPath, "weir/")
		if strings.HasPrefix(from, "bench") {
			continue
		}
		if _, known := rooms[from]; !known {
			t.Errorf("%s has no row in README.md", from)
			continue
		}
		seen[from] = true
		for _, imp := range p.Imports {
			to, ours := strings.CutPrefix(imp, "weir/")
			if !ours {
				continue
			}
			if w := wrong(rooms, from, to); w != "" {
				t.Error(w)
			}
		}
	}
	for name := range rooms {
		if !seen[name] {
			t.Errorf("%s has a row in README.md but no code", name)
		}
	}
}

// The types that hold what passed by are out of reach for whoever writes.
func TestFloorsKeepRawFromTheWriters(t *testing.T) {
	writers := []string{"weir/redact/record", "weir/proxy/accesslog", "weir/proxy/otlp", "weir/proxy/telemetry", "weir/redact/transform", "weir/redact/keys"}
	for _, w := range writers {
		out, err := exec.Command("go", "list", "-deps", w).Output()
		if err != nil {
			t.Fatalf("go list %s: %v", w, err)
		}
		if slices.Contains(strings.Fields(string(out)), "weir/redact/raw") {
			t.Errorf("%s can reach redact/raw", w)
		}
	}
}

func TestFloorsRefuseAnUpwardImport(t *testing.T) {
	rooms := house(t)
	for _, c := range [][2]string{{"redact/raw", "redact"}, {"redact/record", "redact/raw"}, {"proxy/http1", "proxy/relay"}, {"redact/keys", "proxy/telemetry"}} {
		if wrong(rooms, c[0], c[1]) == "" {
			t.Errorf("%s may import %s", c[0], c[1])
		}
	}
}
