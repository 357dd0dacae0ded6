package raw

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
)

// holders are all types that hold something of an exchange, by value and by
// pointer, filled with what must not be seen.
func holders() map[string]any {
	x := &Exchange{Client: AddressOf(netip.MustParseAddrPort("203.0.113.77:4711")), Reason: "none"}
	x.Peer = x.Client
	m := &x.Request
	m.Method = m.AppendString("GET")
	m.Target = m.AppendString("/anna.jensen")
	m.Add([]byte("X-Secret"), []byte("anna.jensen"))
	m.AddTrailer([]byte("X-Secret"), []byte("anna.jensen"))
	h := &Head{From: m, Method: m.Method, Target: m.Target, Header: m.Header}
	f := &Field{Kind: Query, Name: m.Text(m.Target), Value: m.Text(m.Target)}
	q := &Question{Exchange: x, Field: f}
	return map[string]any{
		"Text": f.Value, "*Text": &f.Value, "Address": x.Client, "*Address": &x.Client,
		"Message": *m, "*Message": m, "Exchange": *x, "*Exchange": x, "Head": *h, "*Head": h,
		"Field": *f, "*Field": f, "Question": *q, "*Question": q,
		"[]Field": []Field{*f}, "map": map[string]Text{"a": f.Value}, "[]any": []any{*m, x, *h},
		"nested": struct{ In Exchange }{*x},
	}
}

// telling are the ways in which the secrets would show, numbers included.
func telling(printed string) bool {
	for _, secret := range []string{"anna", "616e6e61", "616E6E61", "97 110 110 97", "0x61, 0x6e", "YW5uYS", "203.0.113.77", "X-Secret", "cb00714d", "3405803853"} {
		if strings.Contains(printed, secret) {
			return true
		}
	}
	return false
}

func TestWhatPassedByPrintsAsPlaceholder(t *testing.T) {
	for name, v := range holders() {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%c", "%U", "%t", "%e", "% x", "%10.3v"} {
			if out := fmt.Sprintf(verb, v); telling(out) {
				t.Errorf("%s under %s: %s", name, verb, out)
			}
		}
		if out := fmt.Sprint(v); telling(out) {
			t.Errorf("%s under Sprint", name)
		}
		if err := fmt.Errorf("wrapped: %v", v); telling(err.Error()) {
			t.Errorf("%s in an error", name)
		}
	}
}

func TestWhatPassedByIsHiddenFromJSONAndSlog(t *testing.T) {
	for name, v := range holders() {
		if out, _ := json.Marshal(v); telling(string(out)) {
			t.Errorf("%s in JSON: %s", name, out)
		}
		var b bytes.Buffer
		slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v)
		if telling(b.String()) {
			t.Errorf("%s in slog: %s", name, b.String())
		}
	}
}

func TestTellingWouldTell(t *testing.T) {
	for _, out := range []string{"anna", fmt.Sprint([]byte("anna")), fmt.Sprintf("%x", "anna"), fmt.Sprintf("%#v", []byte("anna"))} {
		if !telling(out) {
			t.Errorf("%s is not noticed", out)
		}
	}
}

func TestResetForgetsAndKeepsTheMemory(t *testing.T) {
	var m Message
	m.Add([]byte("Host"), []byte("a.example"))
	m.Status = 200
	m.Reset()
	if m.ArenaLen() != 0 || len(m.Header) != 0 || m.Status != 0 || m.ContentLength != -1 {
		t.Error("something is left")
	}
	if n := testing.AllocsPerRun(10, func() { m.Add([]byte("Host"), []byte("a.example")); m.Reset() }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestLookupIgnoresCaseAndTakesTheFirst(t *testing.T) {
	var m Message
	m.Add([]byte("X-A"), []byte("1"))
	m.Add([]byte("x-a"), []byte("2"))
	if v, ok := m.Lookup("x-a"); !ok || string(m.Peek(v)) != "1" {
		t.Error("not the first of its name")
	}
	if _, ok := m.Lookup("x-b"); ok {
		t.Error("a name that is not there")
	}
}

func TestMappedAddressesAreUnmapped(t *testing.T) {
	a := AddressOf(netip.MustParseAddrPort("[::ffff:203.0.113.7]:80"))
	if !a.Peek().Addr().Is4() || !a.Known() || (Address{}).Known() {
		t.Error("mapped address kept, or knowing what is not known")
	}
}
