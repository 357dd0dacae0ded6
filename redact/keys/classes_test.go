package keys

import (
	"slices"
	"testing"
	"time"
)

func TestClassesOfEarlierPoliciesStayKnown(t *testing.T) {
	dir := t.TempDir() + "/keys"
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	r, err := Open(Config{Dir: dir, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	for class, days := range map[string]int{"30d": 30, "7d": 7} {
		if err := r.Class(class, time.Duration(days)*24*time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if r, err = Open(Config{Dir: dir, Now: clock}); err != nil {
		t.Fatal(err)
	}
	if got := r.Classes(); !slices.Equal(got, []string{"30d", "7d"}) {
		t.Errorf("classes %v", got)
	}
	if got := r.Alive(); got != 4 { // yesterday and today, twice
		t.Errorf("%d epochs alive", got)
	}
	if got, want := r.From(), time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("keys from %v", got)
	}
	now = now.Add(10 * 24 * time.Hour)
	if err := r.Class("7d", 7*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := r.Retire("7d", now); err != nil {
		t.Fatal(err)
	}
	if got := r.Alive(); got != 12+8 {
		t.Errorf("%d epochs alive after a week's class was retired", got)
	}
}
