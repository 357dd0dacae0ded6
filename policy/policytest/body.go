package policytest

import (
	"bytes"

	"weir/policy"
	"weir/redact/detect"
	"weir/redact/raw"
	"weir/redact/walk"
)

// bodyScan looks for everything that the policy can name in a body. The engine
// itself looks only for those whose pseudonyms are asked for.
type bodyScan struct {
	body    walk.Body
	scanner detect.Scanner
	policy  *policy.Policy
	set     *detect.Set
	found   []Found
	cut     bool
}

// maxNameScanned bounds the bytes of a name in which words are looked for, its
// last ones, as in the engine.
const maxNameScanned = 512

// scan says what is in a body, and whether all of it was looked at.
func (b *bodyScan) scan(p *policy.Policy, x *raw.Exchange, kind raw.Kind, body []byte) ([]Found, bool) {
	m := &x.Request
	if kind == raw.ResponseBody {
		m = &x.Response
	}
	if int64(len(body)) != m.BodyBytes {
		return nil, false // which was not given
	}
	b.policy, b.set, b.found, b.cut = p, p.Detect(), nil, false
	b.scanner.Use(b.set)
	b.body.Begin(&walk.BodyConfig{Kind: kind, ContentType: joined(m, "content-type"), ContentEncoding: joined(m, "content-encoding"),
		MessageEncoding: joined(m, "grpc-encoding"), Path: x.Request.Peek(x.Request.Path), Values: b})
	_, _ = b.body.Write(body)
	why := b.body.Close()
	b.scanner.Forget()
	return b.found, why == walk.Scanned && !b.cut
}

// joined is the value of all field lines of a name, divided by commas.
func joined(m *raw.Message, name string) []byte {
	var all [][]byte
	for _, p := range m.Header {
		if m.Is(p, name) {
			all = append(all, m.Peek(p.Value))
		}
	}
	return bytes.Join(all, []byte(", "))
}

// Value is walk.Values'.
func (b *bodyScan) Value(v *walk.Value) (put []byte, change bool) {
	place := b.policy.Place(v.Kind, v.Name)
	name := ""
	if place.Name == "*" {
		name = PlainName(v.Name)
	}
	if place.Category != "" && !b.set.Allows(place.Category, v.Text) {
		b.note(Found{Place: place.Text, Category: place.Category, Confidence: place.Confidence, Kind: v.Kind, Named: true, Name: name})
	}
	b.scanner.In(v.Name[max(0, len(v.Name)-maxNameScanned):])
	findings, complete := b.scanner.Scan(v.Text)
	for i := range findings {
		f := &findings[i]
		b.note(Found{Place: place.Text, Category: f.Category, Confidence: f.Confidence, Kind: v.Kind, Scanned: true, Name: name})
	}
	b.cut = b.cut || !complete
	return nil, false
}

// note adds what was found, once.
func (b *bodyScan) note(f Found) {
	for i := range b.found {
		if g := &b.found[i]; g.Place == f.Place && g.Category == f.Category && g.Name == f.Name {
			g.Confidence = max(g.Confidence, f.Confidence)
			g.Named, g.Scanned = g.Named || f.Named, g.Scanned || f.Scanned
			return
		}
	}
	b.found = append(b.found, f)
}
