package walk

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"weir/redact/raw"
)

// FuzzAnyBody walks any bytes as any type under any coding: pieces make no difference, what
// is unchanged stays, and a walk ends.
func FuzzAnyBody(f *testing.F) {
	for contentType := range types {
		f.Add(contentType, "", []byte(annaText))
	}
	for _, coding := range allCodings {
		f.Add("application/json; charset=utf-16", strings.TrimSuffix(coding, "-bare"), coded(f, coding, []byte(annaText)))
	}
	f.Add("multipart/mixed; boundary=b", "", []byte("--b\r\nContent-Type: application/grpc\r\n\r\n\x00\x00\x00\x00\x00\r\n--b--"))
	f.Add("text/html; charset=windows-1252", "gzip, br", []byte("&#64;"))
	f.Fuzz(func(t *testing.T, contentType, encoding string, body []byte) {
		c := BodyConfig{Kind: raw.ResponseBody, ContentType: []byte(contentType), ContentEncoding: []byte(encoding), MessageEncoding: []byte("zstd"),
			Limits: Limits{Body: 1 << 18, Message: 1 << 16}, Out: io.Discard}
		l, out, why := through(c, body, 0)
		single, outSingle, whySingle := through(c, body, 1)
		// A decoder may tell of an error before it gives what stands in front of it.
		same := why == whySingle || encoding != "" && why != Scanned && whySingle != Scanned
		if !same || why == Scanned && (l.String() != single.String() || encoding == "" && !bytes.Equal(out, outSingle)) {
			t.Fatalf("%q %v whole, %q %v in single bytes", why, l, whySingle, single)
		}
		carried := bytes.Contains(bytes.ToLower(body), []byte("content-transfer"))
		if why == Scanned && encoding == "" && !carried && contentType != "application/grpc" && !bytes.Equal(out, body) {
			t.Fatalf("%q became %q", body, out)
		}
	})
}
