package rewrite

import (
	"testing"
	"time"
)

func TestATimeWithoutAYearIsTheLatestThatIsNotAhead(t *testing.T) {
	e, _ := engine(t, own(t))
	for _, c := range []struct{ now, line, want string }{
		{"2026-01-02T10:00:00Z", "<13>Dec 31 23:00:00 web su: x", "2025-12-31T23:00:00Z"},
		{"2026-12-31T23:30:00Z", "<13>Jan  1 00:10:00 web su: x", "2027-01-01T00:10:00Z"},
		{"2026-11-22T10:00:00Z", "<13>Nov 22 09:00:00 web su: x", "2026-11-22T09:00:00Z"},
		{"2026-11-22T10:00:00Z", "<13>Feb 29 09:00:00 web su: x", "2024-02-29T09:00:00Z"},
		{"2026-11-22T10:00:00Z", `{"time":"09:00:00"}`, "2026-11-22T09:00:00Z"},
	} {
		at, _ := time.Parse(time.RFC3339, c.now)
		format := "syslog"
		if c.line[0] == '{' {
			format = "jsonl"
		}
		f, err := Named(format)
		if err != nil {
			t.Fatal(err)
		}
		w := newLines(e, f, at)
		w.rewrite(nil, []byte(c.line))
		if got := w.began.Format(time.RFC3339); got != c.want || w.counts.Broken > 0 {
			t.Errorf("%s is of %s, want %s", c.line, got, c.want)
		}
		w.forget()
	}
}
