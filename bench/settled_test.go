package bench

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"weir/policy"
	"weir/redact"
	"weir/redact/category"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
)

// asked is a policy that is asked each question anew.
type asked struct{ *policy.Policy }

func (asked) Settled(*raw.Place, category.Key, uint8) (transform.Decision, bool) {
	return transform.Decision{}, false
}

// kept is a sink that keeps the last line.
type kept struct{ line *bytes.Buffer }

func (kept) Format() record.Format { return record.JSON }

func (k kept) Append(s record.Sealed) {
	k.line.Reset()
	k.line.Write(s.Line)
}

// What is remembered of a policy's answers changes no entry, the first time and later.
func TestEntriesAreTheSameWhereEachQuestionIsAskedAnew(t *testing.T) {
	p := decider(t)
	keys := ring(t, p)
	lines := map[bool]*bytes.Buffer{true: {}, false: {}}
	engines := map[bool]*redact.Engine{}
	for anew, d := range map[bool]redact.Decider{true: asked{p}, false: p} {
		e, err := redact.New(redact.Config{Decider: func() redact.Decider { return d }, Service: "www",
			Hosts: []string{"www.nordhost.example"}, Keys: keys, Sinks: []redact.Sink{kept{lines[anew]}}})
		if err != nil {
			t.Fatal(err)
		}
		engines[anew] = e
	}
	values := []string{"1", "anna@example.dk", "198.51.100.23", "https://a.example/x?email=anna%40example.dk", "a b", "%zz", "dark; sid=4f9a7b; x@y.dk"}
	for i, value := range values {
		for _, name := range []string{"email", "page", "q", "X-Real-IP", "Referer", "Cookie", "X-Email", "X-What", "Location", "Content-Type"} {
			head := strings.Replace(small, "\n\n", fmt.Sprintf("\n%s: %s\n\n", name, value), 1)
			head = strings.Replace(head, "7f3a9c", fmt.Sprintf("7?%s=%s", name, strings.ReplaceAll(value, " ", "%20")), 1)
			x := parsed(t, head)
			for range 2 {
				for _, e := range engines {
					_, o := e.Begin(x)
					o.Observe(x)
				}
				if a, b := lines[true].String(), lines[false].String(); a != b || a == "" {
					t.Fatalf("value %d at %s:\n%s%s", i, name, a, b)
				}
			}
		}
	}
}
