package telemetry

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestThirdPartyTextIsNeverRepeated(t *testing.T) {
	l, out, _ := testLog(t, LogConfig{Level: LevelDebug, Burst: 1000})
	f := l.Foreign("goproxy")
	f.Printf("[%03d] WARN: Cannot read from %s: %v\n", 7, canary, errors.New(canary))
	f.Printf("%s", canary)
	f.Printf(canary)
	f.Println(canary, 1)
	f.Printf("read %s: %v", canary, fmt.Errorf("%s: %w", canary, io.ErrUnexpectedEOF))
	f.Logger().Printf("http: TLS handshake error from 203.0.113.77:4711: remote error: %s", canary)
	if _, err := f.Write([]byte("http: panic serving " + canary)); err != nil {
		t.Fatal(err)
	}
	got := out.String()
	if strings.Contains(got, "anna") || strings.Contains(got, "203.0.113") || strings.Contains(got, "4711") {
		t.Errorf("leaked: %s", got)
	}
	if n := strings.Count(got, "third_party component=goproxy topic="); n != 7 {
		t.Errorf("%d of 7 messages were told: %s", n, got)
	}
	for _, topic := range []string{"read", "unexpected_eof", "tls_handshake", "panic", "other"} {
		if !strings.Contains(got, "topic="+topic+"\n") {
			t.Errorf("no topic %s in %s", topic, got)
		}
	}
}

// TestServerErrorsArePassedOn provokes net/http's own messages.
func TestServerErrorsArePassedOn(t *testing.T) {
	l, out, _ := testLog(t, LogConfig{Level: LevelDebug})
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(canary) }))
	srv.Config.ErrorLog = l.Foreign("net_http").Logger()
	srv.Start()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(conn, "GET /%s HTTP/1.1\r\nHost: a\r\n\r\n", canary); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(conn).ReadByte(); err != io.EOF {
		t.Errorf("answered: %v", err)
	}
	srv.Close()
	if got := out.String(); !strings.Contains(got, "component=net_http topic=panic") || strings.Contains(got, "anna") {
		t.Errorf("got %s", got)
	}
}

func FuzzThirdPartyTextIsNeverRepeated(f *testing.F) {
	f.Add("http: TLS handshake error from %s: EOF", canary)
	f.Add("%v %[2]d %!", "x")
	f.Add("\xff\n\x00", "\n")
	f.Fuzz(func(t *testing.T, format, arg string) {
		l, out, _ := testLog(t, LogConfig{Level: LevelDebug, JSON: true})
		foreign := l.Foreign("fuzz")
		foreign.Printf(format, arg, errors.New(arg))
		if _, err := foreign.Write([]byte(format + arg)); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			_, topic, _ := strings.Cut(line, `"topic":"`)
			topic = strings.TrimSuffix(topic, "\"}\n")
			known := topic == other
			for _, c := range topics {
				known = known || c.word == topic
			}
			if !known {
				t.Fatalf("topic %q", topic)
			}
		}
	})
}
