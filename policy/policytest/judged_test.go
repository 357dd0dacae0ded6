package policytest

import (
	"bytes"
	"strings"
	"testing"
)

const toAPI = `
controller: {name: N, country: DK, contact: p@n.example}
defaults: {egress: alert, retain: 30d}
parties:
  api: {name: Api ApS, country: DK, role: processor, uses: {all: {hosts: [api.example]}}}
egress:
  - {name: nothing to api, when: party.id == "api", then: deny("no")}
`

func TestAVerdictOnWhatNobodyElseReceivesFails(t *testing.T) {
	for given, passes := range map[string]bool{"": false, "given: {direction: outbound}": true, "given: {to: api.example}": true} {
		verdict := "deny"
		if !passes {
			verdict = "allow"
		}
		s := suite(t, toAPI, "- name: to api\n  "+given+"\n  fields: {url.host: api.example}\n  expect: {verdict: "+verdict+"}\n")
		report := Report{Suites: []SuiteReport{{Policy: "policy.yaml", Results: s.Run()}}}
		var b bytes.Buffer
		if err := report.Pretty(&Layout{W: &b, Width: 160}); err != nil {
			t.Fatal(err)
		}
		if report.Suites[0].Passed() != passes || !passes && !strings.Contains(b.String(), "given: {direction: outbound}") || strings.Contains(b.String(), "by default") {
			t.Errorf("%s: %s", given, b.String())
		}
	}
}
