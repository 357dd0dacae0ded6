package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"weir/policy"
	"weir/redact/category"
	"weir/redact/raw"
)

const questioned = `
controller: {name: N, country: DK, contact: p@n.example}
defaults: {retain: 30d}
redact:
  - {name: rest, when: 'field.place == "url.query.page"', then: keep()}
  - name: mail
    when: field.category.within("user.contact") && (request.method == "GET" || !client.trusted)
    then: hash()
  - {name: all, when: 'field.category.within("user")', then: drop()}
`

func TestAQuestionIsTracedUpToTheRuleThatDecides(t *testing.T) {
	p, err := policy.Parse("policy.yaml", []byte(questioned))
	if err != nil {
		t.Fatal(err)
	}
	x := newExchange("/?email=anna", "")
	place := p.Place(raw.Query, []byte("email"))
	for key, want := range map[category.Key]string{
		category.Email:             `mail true: field.category.within("user.contact")=true request.method == "GET"=true`,
		"user.device.ip_address":   `mail false: field.category.within("user.contact")=false; all true: field.category.within("user")=true`,
		"":                         `rest false: field.place == "url.query.page"=false; mail false: field.category.within("user.contact")=false; all false: field.category.within("user")=false`,
		"system.operations.unseen": `mail false: field.category.within("user.contact")=false; all false: field.category.within("user")=false`,
	} {
		var got []string
		q := &raw.Question{Exchange: x, Place: place, Category: key, Confidence: 95, Field: &raw.Field{Kind: raw.Query, Name: raw.Of([]byte("email")), Value: raw.Of([]byte("anna"))}}
		p.TraceQuestion(q, func(r policy.RuleTrace) {
			text := r.Rule.Name + " " + r.Result + ":"
			for _, part := range r.Parts {
				text += fmt.Sprintf(" %s=%s", part.Text, part.Value)
			}
			got = append(got, text)
		})
		if all := strings.Join(got, "; "); all != want {
			t.Errorf("%s:\n%s\nwant\n%s", key, all, want)
		}
	}
}

func TestTheBranchesOfRulesStandWhereTheyAreWritten(t *testing.T) {
	p, err := policy.Parse("policy.yaml", []byte(questioned))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, parts := range p.RedactBranches() {
		for _, part := range parts {
			got = append(got, fmt.Sprintf("%s %d:%d %s", p.RedactRules()[i].Name, part.At.Line, part.At.Column, part.Text))
		}
	}
	want := `rest 5:25 field.place == "url.query.page"
mail 7:11 field.category.within("user.contact")
mail 7:53 request.method == "GET"
mail 7:81 client.trusted
all 9:24 field.category.within("user")`
	if all := strings.Join(got, "\n"); all != want {
		t.Errorf("got\n%s\nwant\n%s", all, want)
	}
}
