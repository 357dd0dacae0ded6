package rewrite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/redact/raw"
)

// heard are the exchanges of a log, one a line.
func heard(t *testing.T, format, log string) ([]string, Counts) {
	t.Helper()
	f, err := Named(format)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	counts, err := Exchanges(context.Background(), strings.NewReader(log), f, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), func(line int64, tell func(*raw.Exchange)) error {
		var x raw.Exchange
		tell(&x)
		m := &x.Request
		agent, _ := m.Lookup("user-agent")
		all = append(all, fmt.Sprint(line, " ", x.Started.Format("02T15:04"), " ", x.Client.Peek().Addr(), " ", string(m.Peek(m.Method)), " ", string(m.Peek(m.Authority)),
			string(m.Peek(m.Path)), "?", string(m.Peek(m.Query)), " ", x.Response.Status, " ", string(m.Peek(agent)), " ", x.Direction))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, counts
}

func TestLinesTellTheirExchanges(t *testing.T) {
	for _, test := range []struct {
		format, log string
		want        []string
		broken      int64
	}{
		{"combined", "203.0.113.7 - anna [21/Nov/2026:10:00:01 +0000] \"GET /a?b=c HTTP/1.1\" 200 12 \"-\" \"A \\\"B\\\"\"\r\n\nanna\n203.0.113.7 - - [21/Nov/2026:10:00:01 +0000] \"-\" 408 0\n" +
			"203.0.113.7 - - [21/Nov/2026:10:00:01 +0000] \"HEAD /b HTTP/1.1\" 204 -",
			[]string{`1 21T10:00 203.0.113.7 GET /a?b=c 200 A "B" inbound`, `5 21T10:00 203.0.113.7 HEAD /b? 204  inbound`}, 3},
		{"jsonl", `{"time":"2026-11-21T10:00:00Z","remote_ip":"203.0.113.7","request":{"method":"GET","host":"a.example","uri":"/a?b=c","headers":{"User-Agent":["X"]}},"status":200}` + "\n" +
			`{"msg":"anna"}` + "\n" + `{"method":"GET","url.path":"/a","url.query":"b=c","server.address":"a.example","flow.direction":"outbound"}` + "\n" + `{"method":"GET","uri":"/`,
			[]string{`1 21T10:00 203.0.113.7 GET a.example/a?b=c 200 X inbound`, `3 22T12:00 invalid IP GET a.example/a?b=c 0  outbound`}, 2},
	} {
		got, counts := heard(t, test.format, test.log)
		if !slices.Equal(got, test.want) || counts.Broken != test.broken {
			t.Errorf("%s: %q, %d are broken", test.format, got, counts.Broken)
		}
	}
}

func TestFormatsWithoutExchangesAreRefused(t *testing.T) {
	for _, name := range []string{"text", "syslog", "har", "http"} {
		f, err := Named(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Exchanges(context.Background(), strings.NewReader("a\n"), f, time.Now(), nil); !errors.Is(err, ErrNoExchanges) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
