package walk

import (
	"bytes"
	"io"
	"testing"

	"weir/redact/raw"
)

// unmoved is Values that neither changes nor allocates.
type unmoved struct{}

func (unmoved) Value(*Value) ([]byte, bool) { return nil, false }

func benchmarkBody(b *testing.B, c BodyConfig, body []byte) {
	c.Kind, c.Values = raw.RequestBody, unmoved{}
	var w Body
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		w.Begin(&c)
		_, _ = w.Write(body)
		if why := w.Close(); why != Scanned {
			b.Fatal(why)
		}
	}
}

func BenchmarkBody(b *testing.B) {
	line := []byte(`{"time":"2026-11-22T10:00:00Z","user":{"email":"anna@example.dk","id":4512},"path":"/orders/7f3c","ok":true}`)
	large := append([]byte{'['}, bytes.Repeat(append(line, ','), 500)...)
	large[len(large)-1] = ']'
	json := BodyConfig{ContentType: []byte("application/json")}
	b.Run("line", func(b *testing.B) { benchmarkBody(b, json, line) })
	json.Out = io.Discard
	b.Run("rewritten line", func(b *testing.B) { benchmarkBody(b, json, line) })
	b.Run("rewritten", func(b *testing.B) { benchmarkBody(b, json, large) })
	json.Out = nil
	b.Run("large", func(b *testing.B) { benchmarkBody(b, json, large) })
	for _, coding := range allCodings[1:] {
		c := codedBody(coding)
		c.Limits.Ratio = 1000
		b.Run(coding, func(b *testing.B) { benchmarkBody(b, c, coded(b, coding, large)) })
	}
	parts := BodyConfig{ContentType: []byte("multipart/form-data; boundary=b")}
	b.Run("parts", func(b *testing.B) {
		benchmarkBody(b, parts, append(append([]byte("--b\r\nContent-Type: application/json\r\n\r\n"), large...), "\r\n--b--"...))
	})
	message := messageBody(b)
	b.Run("message", func(b *testing.B) { benchmarkBody(b, message, order(b)) })
}
