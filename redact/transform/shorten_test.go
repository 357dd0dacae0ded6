package transform

import (
	"strings"
	"testing"

	"weir/redact/category"
)

// truncate(16) where truncate(24, 48) was meant must not write whole addresses.
func TestFirstCharactersOfAnAddressAreDropped(t *testing.T) {
	shorten, err := TruncateText(16)
	if err != nil {
		t.Fatal(err)
	}
	hosts, err := NewHosts(nil)
	if err != nil {
		t.Fatal(err)
	}
	m := NewMaker(Config{Service: "www", Hosts: hosts})
	for key, want := range map[category.Key]string{category.IPAddress: "", category.Key("user.name"): "203.0.113.77", "": "203.0.113.77"} {
		m.Open(Plain)
		done := m.Apply(shorten, &Value{Category: key, Text: []byte("203.0.113.77")})
		got := m.Close().String()
		if got != want || (want == "") != (done.Kind() == KindDrop) {
			t.Errorf("%q: %q by %s", key, strings.ToValidUTF8(got, "?"), done)
		}
	}
}
