package policy_test

import (
	"fmt"
	"testing"

	"weir/policy"
	"weir/redact/raw"
)

// answered are the texts of what is done to a response that sets these cookies.
func answered(t *testing.T, text string, cookies ...string) string {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte(controller+text))
	if err != nil {
		t.Fatal(err)
	}
	s := leaving("/", "www.nordhost.example")
	s.Exchange.Direction = raw.Inbound
	for _, c := range cookies {
		s.Exchange.Response.Add([]byte("set-cookie"), []byte(c))
	}
	var out []string
	for _, r := range p.Judge(s).Respond {
		out = append(out, describeResponse(&r))
	}
	return fmt.Sprint(out)
}

func TestARuleThatOnlyWatchesDoesNotStandInThePlaceOfTheDefault(t *testing.T) {
	const rules = `
defaults: {respond: deny}
respond:
  - {name: trial, when: 'cookie.name == "a"', then: allow()%s}
`
	for mode, want := range map[string]string{"": "[]", ", mode: monitor": "[strip_cookie *: no rule matches]"} {
		if got := answered(t, fmt.Sprintf(rules, mode), "a=1"); got != want {
			t.Errorf("%q: %s, want %s", mode, got, want)
		}
	}
}

func TestOneThingIsDoneToAHeaderWhateverCookiesThereAre(t *testing.T) {
	const rules = `
respond:
  - {name: sets, when: "true", then: 'set_header("x-note", "all")'}
  - {name: drops, when: 'cookie.name.startsWith("a")', then: 'drop_header("x-note")'}
`
	if got, want := answered(t, rules, "a1=1", "a2=1"), "[drop_header x-note by drops]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Rules that are asked for each cookie and those that are asked once stand in one file.
func TestTheFirstRuleOfTheFileThatSetsAHeaderCounts(t *testing.T) {
	all := `{name: all, when: "true", then: 'set_header("x-note", "all")'}`
	a := `{name: a, when: 'cookie.name == "a"', then: 'set_header("x-note", "a")'}`
	b := `{name: b, when: 'cookie.name == "b"', then: 'set_header("x-note", "b")'}`
	for _, c := range []struct {
		rules []any
		want  string
	}{
		{[]any{all, a, b}, "[set_header x-note=all by all]"},
		{[]any{a, all, b}, "[set_header x-note=a by a]"},
		{[]any{b, a, all}, "[set_header x-note=b by b]"},
	} {
		if got := answered(t, fmt.Sprintf("respond: [%s, %s, %s]\n", c.rules...), "a=1", "b=2"); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
	const denies = `
respond:
  - {name: first, when: "true", then: deny("all")}
  - {name: second, when: 'cookie.name == "a"', then: deny("a")}
`
	if got, want := answered(t, denies, "a=1"), "[deny: all by first]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
