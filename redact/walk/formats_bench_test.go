package walk

import (
	"bytes"
	"fmt"
	"testing"

	"weir/redact/raw"
)

// orders is a body as services send them: 64 KiB of records with short values, a
// text, and JSON in a string.
func orders() []byte {
	var b bytes.Buffer
	b.WriteString(`{"orders":[`)
	for i := 0; b.Len() < 64<<10; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%d,"customer":{"name":"Anna Jensen","email":"anna%d@example.dk","phone":"+45 12 34 56 78"},`, 100000+i, i)
		fmt.Fprintf(&b, `"lines":[{"sku":"A-%d","count":2,"price":129.95,"gift":false},{"sku":"B-%d","count":1,"price":9,"gift":true}],`, i, i)
		b.WriteString(`"note":"Please leave it with the neighbours, the green door on the left\nThank you","meta":"{\"source\":\"web\",\"v\":3}"}`)
	}
	b.WriteString("]}")
	return b.Bytes()
}

// idle is a Values that changes what it is told to.
type idle struct{ put []byte }

func (v *idle) Value(*Value) ([]byte, bool) { return v.put, v.put != nil }

// BenchmarkFormats walks 64 KiB in pieces of 16 KiB. The allocations are those of
// one body, not of its values.
func BenchmarkFormats(b *testing.B) {
	records := orders()
	for _, c := range []struct {
		name string
		f    format
		body []byte
	}{
		{"json", newJSON, records},
		{"ndjson", newNDJSON, bytes.Repeat([]byte(`{"level":"info","user":{"email":"anna@example.dk"},"took":0.0123}`+"\n"), 1000)},
		{"form", newForm, bytes.Repeat([]byte("email=anna%40example.dk&name=Anna+Jensen&page=2&"), 1400)},
		{"graphql", newGraphQL, bytes.Repeat([]byte("query Q($id: ID!) {\n  user(id: $id, email: \"anna@example.dk\") {\n    name\n    orders(first: 10) { id price }\n  }\n}\n"), 600)},
		{"events", newEvents, bytes.Repeat([]byte("id: 7\nevent: token\ndata: {\"delta\":\"anna\"}\n\n"), 1500)},
		{"text", newText, bytes.Repeat([]byte("Please leave it with the neighbours, the green door on the left\n"), 1000)},
	} {
		for _, mode := range []string{"read", "write", "change"} {
			b.Run(c.name+"/"+mode, func(b *testing.B) {
				v := &idle{}
				if mode == "change" {
					v.put = []byte("<email>")
				}
				o := &outlet{kind: raw.RequestBody, values: v, limits: defaults}
				n := 0
				if mode != "read" {
					o.out = func(p []byte) { n += len(p) }
				}
				b.SetBytes(int64(len(c.body)))
				b.ReportAllocs()
				for b.Loop() {
					o.count = 0
					p := c.f(o)
					for rest := c.body; len(rest) > 0; rest = rest[min(16<<10, len(rest)):] {
						if why := p.write(rest[:min(16<<10, len(rest))]); why != Scanned {
							b.Fatal(why)
						}
					}
					if why := p.close(); why != Scanned {
						b.Fatal(why)
					}
				}
			})
		}
	}
}
