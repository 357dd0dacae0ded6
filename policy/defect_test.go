package policy

import (
	"errors"
	"strings"
	"testing"
)

// What a panic holds may be of the file, or of what a file beside it names.
func TestPanicOverAPolicyIsAnErrorThatNamesTheFileAlone(t *testing.T) {
	for _, ends := range []func(){
		func() { panic("vanna@zq7.example") },
		func() { _ = []string{}[len("vanna")] },
		func() { var e *environment; _ = e.example() },
	} {
		p, err := guarded("policy.yaml", func() (*Policy, error) {
			ends()
			return &Policy{}, nil
		})
		var d *Defect
		if p != nil || !errors.As(err, &d) || d.File != "policy.yaml" {
			t.Fatalf("%v, %v", p, err)
		}
		if text := err.Error(); strings.Contains(text, "vanna") || !strings.HasPrefix(text, "policy.yaml: ") || !strings.Contains(text, "policy.") || !strings.Contains(text, ".go:") {
			t.Error(text)
		}
	}
}
