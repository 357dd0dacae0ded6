package rewrite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// access is a log of n lines that can be told apart by their sizes.
func access(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "203.0.113.%d - - [22/Nov/2026:10:00:%02d +0000] \"GET /login?email=a%d%%40example.dk&page=%d HTTP/1.1\" 200 %d \"-\" \"curl/8.5.%d\"\n", i%250, i%60, i%900, i, i, i%7)
	}
	return b.String()
}

func TestOrderIsKeptWithSeveralJobs(t *testing.T) {
	e, _ := engine(t, own(t))
	log := access(30000) // of several chunks
	one, alone := copied(t, e, "combined", log, 1)
	several, together := copied(t, e, "combined", log, 4)
	if one != several {
		t.Error("what several jobs write is not what one writes")
	}
	for i, line := range strings.SplitAfter(several, "\n")[:30000] {
		if !strings.Contains(line, fmt.Sprintf(" 200 %d ", i)) {
			t.Fatalf("line %d is %s", i, line)
		}
	}
	if fmt.Sprint(alone.Found()) != fmt.Sprint(together.Found()) || alone.Lines != 30000 || together.Lines != 30000 {
		t.Errorf("counted %v and %v", alone, together)
	}
	for _, f := range alone.Found() {
		if f.Category == "user.contact.email" && f.Count != 30000 {
			t.Errorf("%d mail addresses of 30000 counted", f.Count)
		}
	}
}

func TestPiecesOfAnySizeAreTheSameLog(t *testing.T) {
	e, _ := engine(t, own(t))
	for format, log := range map[string]string{
		"combined": access(20), "jsonl": "{\"msg\":\"a@b.dk\"}\r\n\r\n{\"a\":\"x\"}", "text": "a\n\nb a@b.dk",
		"http": "GET / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
		"har":  `{"log":{"entries":[{"request":{"headers":[{"name":"Cookie","value":"sid=1"}]}}]}}`,
	} {
		want, _ := copied(t, e, format, log, 1)
		f, err := Named(format)
		if err != nil {
			t.Fatal(err)
		}
		for _, jobs := range []int{1, 2} {
			var out bytes.Buffer
			if _, _, err := Copy(context.Background(), &out, iotest.OneByteReader(strings.NewReader(log)), Config{Engine: e, Format: f, Jobs: jobs, Now: now}); err != nil {
				t.Fatal(err)
			}
			if out.String() != want {
				t.Errorf("%s: %q is not %q", format, out.String(), want)
			}
		}
	}
}

// broken fails after some bytes.
type broken struct{ left int }

var errBroken = errors.New("no more room")

func (b *broken) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

func TestAFailureOfEitherSideEndsTheCopy(t *testing.T) {
	e, _ := engine(t, own(t))
	log := access(40000)
	for _, format := range []string{"combined", "text", "http", "har"} {
		f, err := Named(format)
		if err != nil {
			t.Fatal(err)
		}
		in := log
		if format == "har" {
			in = `{"log":{"x":[` + strings.Repeat(`"x",`, 1<<15) + `1]}}`
		}
		for _, jobs := range []int{1, 3} {
			cfg := Config{Engine: e, Format: f, Jobs: jobs, Now: now}
			if _, _, err := Copy(context.Background(), &broken{10}, strings.NewReader(in), cfg); !errors.Is(err, errBroken) && format != "http" {
				t.Errorf("%s: writing failed and Copy says %v", format, err)
			}
			if _, _, err := Copy(context.Background(), io.Discard, io.MultiReader(strings.NewReader(in[:5]), iotest.ErrReader(errBroken)), cfg); !errors.Is(err, errBroken) {
				t.Errorf("%s: reading failed and Copy says %v", format, err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			if _, _, err := Copy(ctx, io.Discard, strings.NewReader(in), cfg); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: cancelled and Copy says %v", format, err)
			}
		}
	}
}

func TestFormatsAreRecognised(t *testing.T) {
	for log, want := range map[string]string{
		access(3): "combined", "x\n" + access(6): "combined",
		`10.0.0.1 - - [22/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1` + "\n":                     "combined",
		`www:80 10.0.0.1 - - [22/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "a"` + "\n":      "combined",
		`www.example 10.0.0.1 - - [22/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1 "-" "a"` + "\n": "combined",
		"{\"a\":1}\n{\"b\":": "jsonl", "<13>1 2026-11-22T10:00:00Z h a - - - x\n": "syslog", "Nov  2 10:00:00 h su[7]: x\n": "syslog",
		"{\"a\":1}\nTraceback:\n  File\nError\n": "jsonl", "{\"a\":1}\na\nb\nc\nd\n": "text",
		"{\n \"log\" : {\n": "har", `{"log":{"version":"1.2"`: "har", `{"log":"said"}` + "\n": "jsonl",
		"POST /a HTTP/1.1\r\nHost: x\r\n": "http", "HTTP/1.1 200 OK\n": "http",
		"[core:error] AH00126: Invalid URI in request GET /x HTTP/1.1\nnext\n": "text", "x INFO GET /users/anna HTTP/1.1\n": "text",
		"GET /users/anna HTTP/1.1\nGET /users/bo HTTP/1.1\n": "text", "GET /a HTTP/1.1\n\n": "http", "CONNECT a:443 HTTP/1.1\nHost: a\n": "http",
		"hello\n": "text", "": "text", "\n\n": "text",
	} {
		if got := Recognise([]byte(log)).Name(); got != want {
			t.Errorf("%q is taken for %s, not %s", log[:min(len(log), 40)], got, want)
		}
	}
}

func TestALineSeenBeforeCostsNoAllocation(t *testing.T) {
	e, _ := engine(t, own(t))
	f, err := Named("combined")
	if err != nil {
		t.Fatal(err)
	}
	w, log := newLines(e, f, now), []byte(access(200))
	dst := w.rewrite(nil, log)
	if n := testing.AllocsPerRun(5, func() { dst = w.rewrite(dst[:0], log) }); n > 0 {
		t.Errorf("%v allocations for 200 lines", n)
	}
}
