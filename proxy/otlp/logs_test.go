package otlp

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	logspb "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	wire "go.opentelemetry.io/proto/slim/otlp/logs/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
)

const (
	plainLine = `{"time":"2026-11-22T10:00:00.123Z","service":"www","client.address":"203.0.113.0","http.request.method":"GET","url.path":"/a \"b\"/{id}",` +
		`"http.request.header.cookie":["a=1","b=2"],"http.response.status_code":200,"duration":0.0123,` +
		`"redacted":[{"field":"client.address","transform":"truncate"}],"retain":"30d"}` + "\n"
	failedLine = `{"time":"2026-11-22T10:00:01Z","service":"www","duration":1,"error.type":"client_gone","trace_id":"0102030405060708090a0b0c0d0e0f10","span_id":"0102030405060708"}` + "\n"
	faultLine  = `{"time":"2026-11-22T10:00:02Z","service":"www","duration":1,"error.type":"panicked","weir.fault":"redaction"}` + "\n"
	gapLine    = `{"time":"2026-11-22T10:00:03Z","service":"www","gap":{"entries":3,"first":"2026-11-22T09:00:00Z","last":"2026-11-22T09:59:00Z"}}` + "\n"
)

func TestEntriesArriveAsRecordsWithTheirTypes(t *testing.T) {
	for _, c := range []struct {
		name   string
		p      Protocol
		secure bool
	}{{"gRPC", GRPC, false}, {"HTTP", HTTP, false}, {"gRPC over TLS", GRPC, true}, {"HTTP over TLS", HTTP, true}} {
		t.Run(c.name, func(t *testing.T) {
			r := receive(t, c.p, c.secure)
			l := newLogs(t, r.config())
			lines := plainLine + failedLine + faultLine + gapLine
			if n, err := l.Write([]byte(lines)); n != len(lines) || err != nil {
				t.Fatal(n, err)
			}
			got := requests[*logspb.ExportLogsServiceRequest](r)
			if len(got) != 1 {
				t.Fatalf("%d requests", len(got))
			}
			of := got[0].ResourceLogs[0]
			for k, want := range map[string]string{"service.name": "www", "service.version": "1.2.3", "service.instance.id": "i7"} {
				if v := find(of.Resource.Attributes, k); v.GetStringValue() != want {
					t.Errorf("%s is %v", k, v)
				}
			}
			records(t, of.ScopeLogs[0].LogRecords)
		})
	}
}

func records(t *testing.T, all []*wire.LogRecord) {
	t.Helper()
	if len(all) != 4 {
		t.Fatalf("%d records", len(all))
	}
	r := all[0]
	a := r.Attributes
	if want := time.Date(2026, 11, 22, 10, 0, 0, 123e6, time.UTC); r.TimeUnixNano != uint64(want.UnixNano()) || r.ObservedTimeUnixNano == 0 {
		t.Errorf("time %d", r.TimeUnixNano)
	}
	if find(a, "client.address").GetStringValue() != "203.0.113.0" || find(a, "url.path").GetStringValue() != `/a "b"/{id}` ||
		find(a, "http.response.status_code").GetIntValue() != 200 || find(a, "duration").GetDoubleValue() != 0.0123 ||
		len(find(a, "http.request.header.cookie").GetArrayValue().GetValues()) != 2 || find(a, "time") != nil ||
		find(a, "redacted").GetArrayValue().GetValues()[0].GetKvlistValue().GetValues()[1].GetValue().GetStringValue() != "truncate" {
		t.Errorf("attributes %v", a)
	}
	uids := map[string]bool{}
	for i, r := range all[:3] {
		if uids[find(r.Attributes, "log.record.uid").GetStringValue()] = true; len(uids) != i+1 || r.EventName != "weir.entry" || r.Body != nil {
			t.Errorf("record %d: %v", i, r)
		}
	}
	if all[1].SeverityText != "WARN" || all[2].SeverityText != "ERROR" || r.SeverityNumber != wire.SeverityNumber_SEVERITY_NUMBER_INFO {
		t.Errorf("severities %s %s %s", r.SeverityText, all[1].SeverityText, all[2].SeverityText)
	}
	if len(all[1].TraceId) != 16 || all[1].SpanId[7] != 8 || find(all[1].Attributes, "trace_id") != nil || r.TraceId != nil {
		t.Errorf("trace %x %x", all[1].TraceId, all[1].SpanId)
	}
	if g := all[3]; g.EventName != "weir.gap" || find(g.Attributes, "gap.entries").GetIntValue() != 3 || find(g.Attributes, "gap.first").GetStringValue() == "" {
		t.Errorf("gap %v", g)
	}
}

func TestWhatIsSentAgainIsTheSame(t *testing.T) {
	both(t, func(t *testing.T, r *receiver) {
		r.answer = func(n int, _ proto.Message) (int, http.Header, error) {
			if n == 2 {
				return 503, nil, status.Error(codes.Unavailable, "canary")
			}
			return 200, nil, nil
		}
		l := newLogs(t, r.config())
		if _, err := l.Write([]byte(plainLine)); err != nil {
			t.Fatal(err)
		}
		if n, err := l.Write([]byte(failedLine)); n != 0 || err == nil || strings.Contains(err.Error(), "canary") {
			t.Fatal(n, err)
		}
		if n, err := l.Write([]byte(failedLine + plainLine)); n != len(failedLine+plainLine) || err != nil {
			t.Fatal(n, err)
		}
		got := requests[*logspb.ExportLogsServiceRequest](r)
		uid := func(i, j int) string {
			return find(got[i].ResourceLogs[0].ScopeLogs[0].LogRecords[j].Attributes, "log.record.uid").GetStringValue()
		}
		if uid(0, 0) == uid(1, 0) || uid(1, 0) != uid(2, 0) || uid(2, 0) == uid(2, 1) {
			t.Errorf("%s, %s, %s, %s", uid(0, 0), uid(1, 0), uid(2, 0), uid(2, 1))
		}
	})
}

func TestWhatACollectorRejectsIsCounted(t *testing.T) {
	for name, c := range map[string]struct {
		answer   func(int, proto.Message) (int, http.Header, error)
		taken    bool
		rejected int
	}{
		"some of them": {func(_ int, m proto.Message) (int, http.Header, error) {
			m.(*logspb.ExportLogsServiceResponse).PartialSuccess = &logspb.ExportLogsPartialSuccess{RejectedLogRecords: 2, ErrorMessage: "canary"}
			return 200, nil, nil
		}, true, 2},
		"more than there are": {func(_ int, m proto.Message) (int, http.Header, error) {
			m.(*logspb.ExportLogsServiceResponse).PartialSuccess = &logspb.ExportLogsPartialSuccess{RejectedLogRecords: 1 << 60}
			return 200, nil, nil
		}, true, 3},
		"only a warning": {func(_ int, m proto.Message) (int, http.Header, error) {
			m.(*logspb.ExportLogsServiceResponse).PartialSuccess = &logspb.ExportLogsPartialSuccess{ErrorMessage: "canary"}
			return 200, nil, nil
		}, true, 0},
		"all for good": {func(int, proto.Message) (int, http.Header, error) {
			return 400, nil, status.Error(codes.InvalidArgument, "canary")
		}, true, 3},
		"without a time to come back": {func(int, proto.Message) (int, http.Header, error) {
			return 500, nil, status.Error(codes.ResourceExhausted, "canary")
		}, true, 3},
		"with a time to come back": {func(int, proto.Message) (int, http.Header, error) {
			s, _ := status.New(codes.ResourceExhausted, "canary").WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(time.Minute)})
			return 429, http.Header{"Retry-After": {"60"}}, s.Err()
		}, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, r *receiver) {
				r.answer = c.answer
				l := newLogs(t, r.config())
				lines := plainLine + failedLine + faultLine
				n, err := l.Write([]byte(lines))
				var rejected *Rejected
				errors.As(err, &rejected)
				switch {
				case !c.taken && (n != 0 || err == nil || rejected != nil):
					t.Errorf("%d bytes taken, %v", n, err)
				case !c.taken && time.Until(l.client.until) < 50*time.Second:
					t.Errorf("asked again in %v", time.Until(l.client.until))
				case c.taken && n != len(lines), c.taken && c.rejected == 0 && err != nil, c.rejected > 0 && (rejected == nil || rejected.Entries != c.rejected):
					t.Errorf("%d bytes taken, %v", n, err)
				case err != nil && strings.Contains(err.Error(), "canary"):
					t.Error("the error quotes the collector")
				}
			})
		})
	}
}

func TestCloseEndsAWriteThatWaits(t *testing.T) {
	both(t, func(t *testing.T, r *receiver) {
		release := make(chan struct{})
		asked := make(chan struct{})
		r.answer = func(int, proto.Message) (int, http.Header, error) {
			close(asked)
			<-release
			return 200, nil, nil
		}
		defer close(release)
		l := newLogs(t, r.config())
		done := make(chan error)
		go func() {
			_, err := l.Write([]byte(plainLine))
			done <- err
		}()
		<-asked
		_ = l.Close()
		select {
		case err := <-done:
			if err == nil {
				t.Error("taken")
			}
		case <-time.After(patience):
			t.Fatal("it still waits")
		}
	})
}

func TestHeadersComeFromAFileThatOthersCannotRead(t *testing.T) {
	both(t, func(t *testing.T, r *receiver) {
		cfg := r.config()
		cfg.Headers = filepath.Join(t.TempDir(), "headers")
		write := func(text string, mode os.FileMode) {
			t.Helper()
			if err := errors.Join(os.WriteFile(cfg.Headers, []byte(text), 0o600), os.Chmod(cfg.Headers, mode)); err != nil {
				t.Fatal(err)
			}
		}
		for text, mode := range map[string]os.FileMode{"Authorization: Bearer a\n": 0o644, "secret\n": 0o600} {
			write(text, mode)
			if _, err := NewLogs(cfg); err == nil || strings.Contains(err.Error(), "secret") {
				t.Errorf("%q with mode %o: %v", text, mode, err)
			}
		}
		write("Authorization: Bearer one\nX-Tenant: t\n", 0o640)
		l := newLogs(t, cfg)
		for _, token := range []string{"one", "two"} {
			write("Authorization: Bearer "+token+"\nX-Tenant: t\n", 0o600)
			if _, err := l.Write([]byte(plainLine)); err != nil {
				t.Fatal(err)
			}
			if h := r.headers[len(r.headers)-1]; h.Get("Authorization") != "Bearer "+token || h.Get("X-Tenant") != "t" || !strings.HasPrefix(h.Get("User-Agent"), "weir/") {
				t.Errorf("headers %v", h)
			}
		}
	})
}

func TestACollectorThatIsNotVerifiedIsToldNothing(t *testing.T) {
	for _, p := range []Protocol{GRPC, HTTP} {
		r := receive(t, p, true)
		cfg := r.config()
		cfg.CA = "" // the system's do not know it
		if n, err := newLogs(t, cfg).Write([]byte(plainLine)); n != 0 || err == nil || len(r.got) > 0 {
			t.Errorf("%d bytes taken, %v", n, err)
		}
	}
}

func TestARedirectionIsNotFollowed(t *testing.T) {
	elsewhere := receive(t, HTTP, false)
	r := receive(t, HTTP, false)
	r.answer = func(int, proto.Message) (int, http.Header, error) {
		return 307, http.Header{"Location": {elsewhere.url.String() + "/v1/logs"}}, nil
	}
	var rejected *Rejected
	if _, err := newLogs(t, r.config()).Write([]byte(plainLine)); !errors.As(err, &rejected) || len(elsewhere.got) > 0 {
		t.Errorf("%v; elsewhere received %d", err, len(elsewhere.got))
	}
}
