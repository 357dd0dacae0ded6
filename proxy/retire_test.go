package proxy

import (
	"testing"
	"time"

	"weir/redact/category"
	"weir/redact/keys"
)

func TestAClockThatIsAheadForAWhileDestroysNoKey(t *testing.T) {
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	now := noon
	ring, err := keys.Open(keys.Config{Dir: t.TempDir() + "/keys", Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	p, seen := &Proxy{ring: ring}, make(gone)
	if err := ring.Class("30d", 30*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	for _, round := range []struct {
		at    time.Time
		alive bool
	}{
		{noon.AddDate(1, 0, 0), true}, // a jump, before there was another look
		{noon, true},
		{noon.AddDate(1, 0, 0), true}, // and after one
		{noon.Add(RetireInterval), true},
		{noon.AddDate(0, 0, 29), true},
		{noon.AddDate(0, 0, 32), true},
		{noon.AddDate(0, 0, 32).Add(RetireInterval), false},
	} {
		now = round.at
		if err := p.retireClass("30d", now, seen); err != nil {
			t.Fatal(err)
		}
		if _, err := ring.Key("30d", noon, "www", category.Email); (err == nil) != round.alive {
			t.Errorf("%s: %v", now, err)
		}
	}
}
