package keys

import (
	"testing"
	"time"

	"weir/redact/category"
)

func TestAFleetingRingHasAKeyForEachDay(t *testing.T) {
	f, other := NewFleeting(), NewFleeting()
	key := func(f *Fleeting, class string, start time.Time, domain string, c category.Key) Key {
		k, err := f.Key(class, start, domain, c)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	day := time.Date(1969, 12, 30, 23, 59, 59, 0, time.UTC)
	first := key(f, "30d", day, "www", category.Email)
	if first != key(f, "30d", day.Add(-23*time.Hour), "www", category.Email) {
		t.Error("one day has two keys")
	}
	for what, k := range map[string]Key{
		"day": key(f, "30d", day.Add(time.Second), "www", category.Email), "class": key(f, "7d", day, "www", category.Email),
		"domain": key(f, "30d", day, "api", category.Email), "category": key(f, "30d", day, "www", category.UniqueID),
		"ring": key(other, "30d", day, "www", category.Email), "nothing": {},
	} {
		if k == first {
			t.Errorf("another %s has the same key", what)
		}
	}
	if k, err := f.Encryption("30d", day, "www", Prefix); err != nil || k == first {
		t.Errorf("the key of a way of encrypting is that of pseudonyms (%v)", err)
	}
	if got := f.Epoch(day); got != "1969-12-30" || f.Epoch(day.Add(time.Second)) != "1969-12-31" {
		t.Errorf("the day is named %s", got)
	}
}
