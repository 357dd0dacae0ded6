package main

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// facts are what was measured on which machine, for the head of the report.
type facts struct {
	date, machine string
	versions      []string
}

func (b *bench) facts(ctx context.Context, o *options, results []*result, goproxy string) (facts, error) {
	f := facts{date: time.Now().UTC().Format("2006-01-02 15:04") + " UTC"}
	cpu, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return f, err
	}
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return f, err
	}
	f.machine = fmt.Sprintf("%s, %d cores, Linux %s", model(string(cpu)), runtime.NumCPU(), unix.ByteSliceToString(name.Release[:]))
	info, err := buildinfo.ReadFile(o.binary)
	if err != nil {
		return f, err
	}
	weir := o.version
	if weir == "" {
		weir = info.Main.Version
	}
	f.versions = append(f.versions, "weir "+weir+" ("+strings.Replace(info.GoVersion, "go", "Go ", 1)+")")
	if info, err = buildinfo.ReadFile(goproxy); err != nil {
		return f, err
	}
	commands := [][]string{nginx.version} // also the upstream
	for _, r := range results {
		for _, p := range r.measured() {
			if p.version != nil && !slices.ContainsFunc(commands, func(c []string) bool { return c[0] == p.version[0] }) {
				commands = append(commands, p.version)
			}
			if p.name == "goproxy" && !slices.Contains(f.versions, moduleVersion(info.Deps[0].Path, info.Deps[0].Version)) {
				f.versions = append(f.versions, moduleVersion(info.Deps[0].Path, info.Deps[0].Version))
			}
		}
	}
	for _, c := range append(commands, []string{"wrk", "-v"}) {
		out, _ := exec.CommandContext(ctx, c[0], c[1:]...).CombinedOutput() // wrk -v ends with 1
		f.versions = append(f.versions, version(c[0], string(out)))
	}
	return f, ctx.Err()
}

func moduleVersion(path, version string) string {
	return path[strings.LastIndexByte(path, '/')+1:] + " " + version
}

// model is the processor's name in /proc/cpuinfo.
func model(cpuinfo string) string {
	for line := range strings.Lines(cpuinfo) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// version is a program's name and the first word with a number of what it says
// of itself.
func version(name, said string) string {
	for _, word := range strings.FieldsFunc(said, func(r rune) bool { return strings.ContainsRune(" \n/", r) }) {
		if word = strings.TrimLeft(word, "v"); word != "" && word[0] >= '0' && word[0] <= '9' {
			return name + " " + word
		}
	}
	return name
}
