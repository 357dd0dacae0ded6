package otlp

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
)

// FuzzAnswersOfGRPC reads what a collector, or something before it, can answer.
func FuzzAnswersOfGRPC(f *testing.F) {
	f.Add(200, "0", "", framed([]byte("x")))
	f.Add(200, "8", base64.RawStdEncoding.EncodeToString([]byte("\x08\x08\x1a\x30\x0a\x28type.googleapis.com/google.rpc.RetryInfo\x12\x04\x0a\x02\x08\x3c")), []byte{})
	f.Add(502, "", "", []byte("<html>"))
	f.Add(204, "", "", []byte{})
	f.Add(200, "0", "", []byte{0, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, status int, code, details string, body []byte) {
		r := &http.Response{StatusCode: status, Header: http.Header{}, Trailer: http.Header{"Grpc-Status": {code}, "Grpc-Status-Details-Bin": {details}}}
		b, err := unframed(r, body)
		if err == nil && (strings.Trim(code, "+-0") != "" || len(b) != len(body)-5) {
			t.Errorf("%d bytes of %d for status %q", len(b), len(body), code)
		}
		if err != nil && b != nil {
			t.Errorf("a message beside %v", err)
		}
	})
}

// FuzzLinesBecomeRecords reads lines as they could be in a log.
func FuzzLinesBecomeRecords(f *testing.F) {
	for _, s := range []string{plainLine, gapLine, tracedLine, `{`, `[]`, `{"time":1}`, `{"time":"x"}`, `{"a":9223372036854775808}`, `{"a":1}{`, strings.Repeat(`{"a":`, 50)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		if r, err := recordOf(line); err == nil && (r.EventName == "" || r.SeverityNumber == 0) {
			t.Errorf("%q: %v", line, r)
		}
		if spans, err := spansOf(line); err == nil {
			for _, s := range spans {
				if len(s.TraceId) != 16 || len(s.SpanId) != 8 || s.Name == "" {
					t.Errorf("%q: %v", line, s)
				}
			}
		}
	})
}
