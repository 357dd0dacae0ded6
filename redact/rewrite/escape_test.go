package rewrite

import (
	"strings"
	"testing"

	"weir/redact/capture"
)

// asking is a policy whose rules read the line for one field.
const asking = `controller: {name: Nordhost ApS, country: DK, contact: privacy@nordhost.example}
defaults: {retain: 30d}
redact:
  - {name: people, when: 'request.method == "GET" && field.category.within("user.account.username")', then: keep()}
`

func TestTwoFieldsWithEscapesAreEachDecidedByTheirOwnText(t *testing.T) {
	e, _ := engine(t, parsed(t, asking))
	tpl, err := capture.Apache(`%m "%u" "%{X-Other}i"`)
	if err != nil {
		t.Fatal(err)
	}
	got := templatedAs(t, e, tpl, `GET "blue\"ish and grey and green" "kanarie\"fugl"`)
	if want := `GET "blue\"ish and grey and green" "-"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAQueryWithEscapesKeepsItsFirstName(t *testing.T) {
	e, _ := engine(t, own(t))
	tpl, err := capture.Nginx(`"$args"`)
	if err != nil {
		t.Fatal(err)
	}
	plain, escaped := templatedAs(t, e, tpl, `"page=a"`), templatedAs(t, e, tpl, `"page=a\x22"`)
	if !strings.HasPrefix(plain, `"page=`) || !strings.HasPrefix(escaped, `"page=`) {
		t.Errorf("%s and %s", plain, escaped)
	}
}
