package source_test

import (
	"strings"
	"testing"
	"time"

	"weir/policy/source"
)

func TestDaysAreReadQuotedOrNot(t *testing.T) {
	f := source.Parse("f", []byte("a: 2027-02-03\nb: \"2027-02-03\"\n"))
	m := f.Root().Map(source.Keys{Known: []string{"a", "b"}})
	want := time.Date(2027, 2, 3, 0, 0, 0, 0, time.UTC)
	if a, b := m.Get("a").Date(), m.Get("b").Date(); !a.Equal(want) || !b.Equal(want) || f.Err() != nil {
		t.Error(a, b, f.Err())
	}
}

func TestWhatIsNoDayIsToldAsOne(t *testing.T) {
	for text, want := range map[string]string{
		"31.12.2027":           "2027-12-31",
		"31/12/2027":           "2027-12-31",
		"2027-1-2":             "2027-01-02",
		"2027-01-02T10:00:00Z": "2027-01-02",
		"2/1/2027":             "year, month and day",
		"2027-02-30":           "year, month and day",
		"20270101":             "year, month and day",
		"0027-01-01":           "year, month and day",
		"soon":                 "year, month and day",
		"[2027-01-01]":         "expected text, found a list",
	} {
		f := source.Parse("f", []byte("a: "+text+"\n"))
		if got := f.Root().Map(source.Keys{Known: []string{"a"}}).Get("a").Date(); !got.IsZero() {
			t.Errorf("%s: %v", text, got)
		}
		if got := problems(f); !strings.HasPrefix(got, "f:1:4: ") || !strings.Contains(got, want) {
			t.Errorf("%s: %s", text, got)
		}
	}
}
