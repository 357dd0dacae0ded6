package rewrite

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"weir/redact"
)

// again copies what came out of a log once more: a line that was written anew is of
// its format.
func again(t *testing.T, e *redact.Engine, name string, log []byte) {
	f, err := Named(name)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Engine: e, Format: f, Jobs: 1, Now: now}
	var once, twice bytes.Buffer
	_, c, err := Copy(context.Background(), &once, bytes.NewReader(log), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := bytes.Count(log, []byte{'\n'}), bytes.Count(once.Bytes(), []byte{'\n'}); a != b {
		t.Fatalf("%d line feeds became %d: %q", a, b, once.Bytes())
	}
	_, c, err = Copy(context.Background(), &twice, bytes.NewReader(once.Bytes()), cfg)
	if err != nil || c.Broken > 0 {
		t.Fatalf("%d lines of what was written cannot be read (%v): %q", c.Broken, err, once.Bytes())
	}
}

func seeds(f *testing.F, format string) {
	f.Add([]byte(strings.ReplaceAll(samples[format], "§", "7") + "\n"))
	f.Add([]byte(strings.ReplaceAll(samples[format], "§", `a \"b\" %41 anna@example.dk`)))
	f.Add([]byte("-\n\r\n \"\\\n"))
}

func FuzzCombined(f *testing.F) {
	e, _ := engine(f, own(f))
	seeds(f, "combined")
	f.Fuzz(func(t *testing.T, log []byte) { again(t, e, "combined", log) })
}

func FuzzObjects(f *testing.F) {
	e, _ := engine(f, own(f))
	seeds(f, "jsonl")
	f.Fuzz(func(t *testing.T, log []byte) { again(t, e, "jsonl", log) })
}

func FuzzSyslog(f *testing.F) {
	e, _ := engine(f, own(f))
	seeds(f, "syslog")
	f.Add([]byte("Nov 22 10:00:00 web1 sshd[123]: x\n"))
	f.Fuzz(func(t *testing.T, log []byte) { again(t, e, "syslog", log) })
}

func FuzzWords(f *testing.F) {
	e, _ := engine(f, own(f))
	seeds(f, "text")
	f.Fuzz(func(t *testing.T, log []byte) { again(t, e, "text", log) })
}

// wholly copies a log that is not made of lines, and what came out of it.
func wholly(t *testing.T, e *redact.Engine, name string, log []byte) {
	f, err := Named(name)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Engine: e, Format: f, Jobs: 1, Now: now}
	var once, twice bytes.Buffer
	if _, c, err := Copy(context.Background(), &once, bytes.NewReader(log), cfg); err != nil || c.Broken > 0 {
		return
	}
	if _, c, err := Copy(context.Background(), &twice, bytes.NewReader(once.Bytes()), cfg); err != nil || c.Broken > 0 {
		t.Fatalf("what was written cannot be read (%d, %v): %q", c.Broken, err, once.Bytes())
	}
}

func FuzzArchive(f *testing.F) {
	e, _ := engine(f, own(f))
	seeds(f, "har")
	f.Fuzz(func(t *testing.T, log []byte) { wholly(t, e, "har", log) })
}

func FuzzMessages(f *testing.F) {
	e, _ := engine(f, own(f))
	seeds(f, "http")
	f.Add([]byte("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n3\r\nabc\r\n0\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 3\n\nabc\n"))
	f.Fuzz(func(t *testing.T, log []byte) { wholly(t, e, "http", log) })
}
