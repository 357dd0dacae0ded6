package rewrite

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"weir/redact"
)

// twiceOver copies a log, and what came out of it: what was written anew is of its
// format. Of one that is made of lines no line is lost; another may be no whole one.
func twiceOver(t *testing.T, e *redact.Engine, name string, log []byte) {
	f, err := Named(name)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Engine: e, Format: f, Jobs: 1, Now: now}
	var once, twice bytes.Buffer
	switch _, c, err := Copy(context.Background(), &once, bytes.NewReader(log), cfg); {
	case f.whole != nil && (err != nil || c.Broken > 0):
		return
	case err != nil:
		t.Fatal(err)
	}
	if a, b := bytes.Count(log, []byte{'\n'}), bytes.Count(once.Bytes(), []byte{'\n'}); f.whole == nil && a != b {
		t.Fatalf("%d line feeds became %d: %q", a, b, once.Bytes())
	}
	if _, c, err := Copy(context.Background(), &twice, bytes.NewReader(once.Bytes()), cfg); err != nil || c.Broken > 0 {
		t.Fatalf("%d lines of what was written cannot be read (%v): %q", c.Broken, err, once.Bytes())
	}
}

// fuzz holds a format to that, from its sample and from what else is given.
func fuzz(f *testing.F, format string, more ...string) {
	e, _ := engine(f, own(f))
	seeds(f, format)
	for _, log := range more {
		f.Add([]byte(log))
	}
	f.Fuzz(func(t *testing.T, log []byte) { twiceOver(t, e, format, log) })
}

func seeds(f *testing.F, format string) {
	f.Add([]byte(strings.ReplaceAll(samples[format], "§", "7") + "\n"))
	f.Add([]byte(strings.ReplaceAll(samples[format], "§", `a \"b\" %41 anna@example.dk`)))
	f.Add([]byte("-\n\r\n \"\\\n"))
}

func FuzzCombined(f *testing.F) { fuzz(f, "combined") }
func FuzzObjects(f *testing.F)  { fuzz(f, "jsonl") }
func FuzzSyslog(f *testing.F)   { fuzz(f, "syslog", "Nov 22 10:00:00 web1 sshd[123]: x\n") }
func FuzzWords(f *testing.F)    { fuzz(f, "text") }
func FuzzArchive(f *testing.F)  { fuzz(f, "har") }

func FuzzMessages(f *testing.F) {
	fuzz(f, "http", "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
		"HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 3\n\nabc\n",
		"HEAD / HTTP/1.1\n\nGET / HTTP/1.1\n\nHTTP/1.1 200 OK\nContent-Length: 3\n\nHTTP/1.1 200 OK\nContent-Length: 3\n\nabc")
}
