package rewrite

import "testing"

func TestAKeyThatIsNoIdentifierIsNotWritten(t *testing.T) {
	e, _ := engine(t, own(t))
	for line, want := range map[string]string{
		`{"Anna Hansen, Storegade 4":{"size":1},"status":200}`: `{"*":{"size":null},"status":200}`,
		`{"Anna Hansen":"x","size":1}`:                         `{"*":"","size":1}`,
	} {
		if out, c := copied(t, e, "jsonl", line, 1); out != want || c.Broken > 0 {
			t.Errorf("%s became %s", line, out)
		}
	}
}
