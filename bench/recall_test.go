package bench

import (
	"testing"
	"time"

	"weir/redact"
	"weir/redact/raw"
	"weir/redact/record"
)

// copies is a sink that keeps the last line.
type copies struct{ last string }

func (*copies) Format() record.Format    { return record.JSON }
func (c *copies) Append(s record.Sealed) { c.last = string(s.Line) }

func lineOf(e *redact.Engine, c *copies, x *raw.Exchange) string {
	_, o := e.Begin(x)
	o.Observe(x)
	return c.last
}

// What is remembered of a value is never written where an engine that remembers
// nothing would write something else: of the next day's pseudonyms, and of the same
// values in other places.
func TestWhatIsRememberedOfAValueHoldsForItsEpochAlone(t *testing.T) {
	p := decider(t)
	keys := ring(t, p)
	make := func(c *copies) *redact.Engine {
		e, err := redact.New(redact.Config{Decider: func() redact.Decider { return p }, Service: "www",
			Hosts: []string{"www.nordhost.example"}, Keys: keys, Sinks: []redact.Sink{c}, Metrics: uncounted{}})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	var old copies
	e, x := make(&old), parsed(t, typical)
	began := x.Started
	days := map[string]bool{}
	for _, day := range []int{0, 0, 0, 1, 1, 0, 1} {
		x.Started = began.Add(time.Duration(day) * 24 * time.Hour)
		var fresh copies
		got, want := lineOf(e, &old, x), lineOf(make(&fresh), &fresh, x)
		if got != want {
			t.Errorf("day %d: remembered\n%s, anew\n%s", day, got, want)
		}
		days[got] = true
	}
	if len(days) != 2 {
		t.Errorf("%d unlike lines of two days", len(days))
	}
}
