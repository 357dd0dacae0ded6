package redact

import (
	"fmt"
	"strings"
	"testing"

	"weir/redact/category"
	"weir/redact/raw"
)

// BenchmarkBodies is an exchange of which both bodies are walked, by size of the
// response's.
func BenchmarkBodies(b *testing.B) {
	ask := `{"user":{"email":"anna@example.dk","name":"Anna Jensen","address":{"street":"Åboulevard 3","city":"Aarhus"}},"items":[{"sku":"A-100","n":2,"price":129.5}]}`
	for _, n := range []int{1, 10, 100} {
		var answer strings.Builder
		for i := range n * 8 {
			fmt.Fprintf(&answer, `{"id":%d,"title":"A pair of shoes, number %d","price":129.50,"tags":["new","red"],"seller":"s%d"},`, i, i, i%7)
		}
		body := []byte(`{"items":[` + strings.TrimSuffix(answer.String(), ",") + `]}`)
		b.Run(fmt.Sprintf("%d KiB", len(body)>>10), func(b *testing.B) {
			p := seeking(category.Email)
			e, err := New(Config{Decider: func() Decider { return p }, Service: "www", Keys: testKeys{}, Sinks: []Sink{none{}}})
			if err != nil {
				b.Fatal(err)
			}
			x := post("")
			x.Request.Framing, x.Request.Whole, x.Request.BodyBytes = raw.Length, true, int64(len(ask))
			x.Response.Whole, x.Response.BodyBytes = true, int64(len(body))
			b.SetBytes(int64(len(ask) + len(body)))
			b.ReportAllocs()
			for b.Loop() {
				_, o := e.Begin(x)
				o.(raw.Taps).RequestBody([]byte(ask))
				o.(raw.Taps).ResponseBody(body)
				o.Observe(x)
			}
		})
	}
}
