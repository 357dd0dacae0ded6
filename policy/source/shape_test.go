package source_test

import (
	"encoding/json"
	"slices"
	"testing"

	"weir/policy/source"
)

func TestTheSchemaIsWhatTheReaderAsks(t *testing.T) {
	shape := &source.Shape{}
	for _, text := range []string{"name: a  # who it is\nhow: fast\nlong: 1d\nlist: [1]\nfree: {x: 7.5}\nany: {sub: true}\n", "name: b\nany: text\n"} {
		f := source.Parse("f", []byte(text))
		f.Record(shape)
		m := f.Root().Map(source.Keys{Known: []string{"name", "how", "long", "list", "free", "any", "never"}})
		m.Require("name", "").Word()
		m.Get("how").Enum("fast", "slow")
		m.Get("long").Duration()
		for _, n := range m.Get("list").List() {
			n.Int(1, 3)
		}
		for _, n := range m.Get("free").Entries().All() {
			n.Plain()
		}
		if n := m.Get("any"); n.Is("text") {
			n.Text()
		} else {
			n.Map(source.Keys{Known: []string{"sub"}}).Require("sub", "").Bool()
		}
		if err := f.Err(); err != nil {
			t.Fatal(err)
		}
	}
	if got := shape.Unread(); !slices.Equal(got, []string{".never"}) {
		t.Errorf("unread: %q", got)
	}
	got, err := json.Marshal(shape.Schema("x"))
	want := `{"$schema":"http://json-schema.org/draft-07/schema#","additionalProperties":false,"properties":{` +
		`"any":{"additionalProperties":false,"properties":{"sub":{"type":"boolean"}},"required":["sub"],"type":["object","string"]},` +
		`"free":{"additionalProperties":{"type":["boolean","null","number","string"]},"type":"object"},` +
		`"how":{"enum":["fast","slow"],"type":"string"},` +
		`"list":{"items":{"maximum":3,"minimum":1,"type":"integer"},"type":"array"},` +
		`"long":{"pattern":"^([0-9]+(d|h|m|s|ms))+$","type":"string"},` +
		`"name":{"description":"who it is","pattern":"^[^\\t\\n]*[^\\s][^\\t\\n]*$","type":"string"},` +
		`"never":{}},"required":["name"],"title":"x","type":"object"}`
	if err != nil || string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
