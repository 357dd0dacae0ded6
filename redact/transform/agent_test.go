package transform

import (
	"fmt"
	"testing"
)

func TestAgentsAreRememberedInFixedSpace(t *testing.T) {
	a := NewAgents()
	for i := range 3 * agentSlots {
		a.Find(fmt.Appendf(nil, "curl/%d.0", i%9000))
	}
	if len(a.slots) != agentSlots {
		t.Errorf("%d slots", len(a.slots))
	}
	for i := range 1000 {
		header := fmt.Appendf(nil, "curl/%d.0", i)
		one, two := a.Find(header), a.Find(header)
		if v, ok := one.Version(); one != two || !ok || v != i || one.Family().String() != "curl" {
			t.Fatalf("%s: %v, %v", header, one, two)
		}
	}
}

func FuzzOnlyTheListIsWrittenOfAUserAgent(f *testing.F) {
	for _, seed := range []string{"curl/8", "Mozilla/5.0 (X11) Firefox/1", "Mozilla/5.0 (a;b) Version/18 Safari/1", "(", "a/b/c (;;)", "\xff/\x00", `"Chromium";v="1", "Brave";v="2"`, "Firefox 7"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, header []byte) {
		found := parseAgent(header)
		if v, ok := found.Version(); int(found.family) >= len(families) || v > 9999 || ok && found.family == 0 {
			t.Fatalf("%v", found)
		}
		if text, ok := found.append(nil); ok && parseAgent(text) != found && families[found.family].written != "Safari" {
			t.Fatalf("%s is read as %v", text, parseAgent(text))
		}
	})
}
