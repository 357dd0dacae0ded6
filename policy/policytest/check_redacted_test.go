package policytest

import (
	"slices"
	"testing"
)

func TestAFailureTellsWhatWasRedactedInstead(t *testing.T) {
	const rule = `"people we recognise again"`
	for expected, want := range map[string][]string{
		"{url.query.email: {transform: hash, category: user.name}}": {"user.name: hash", "user.contact.email: hash",
			"decided url.query.email user.contact.email: policy.yaml:10:5 " + rule + ", hash()"},
		"{url.query.email: {transform: hash, category: user.contact.email, rule: x}}": {`user.contact.email: hash by "x"`, "user.contact.email: hash by " + rule,
			"decided url.query.email user.contact.email: policy.yaml:10:5 " + rule + ", hash()"},
		"{url.query.email: not found}": {"not found", "user.contact.email: hash", "decided url.query.email user.contact.email: policy.yaml:10:5 " + rule + ", hash()"},
		"{url.query.page: drop}":       {"drop", "not found", `decided url.query.page: policy.yaml:13:5 "the page of a list", keep()`},
		"{url.query.none: drop}":       {"drop", "not found"},
		"{client.address: keep}": {"keep", "user.device.ip_address: truncate",
			`decided client.address user.device.ip_address: policy.yaml:7:5 "visitors' addresses", truncate(24, 48)`},
		"{url.query.email: {transform: not found, category: user.name}}": nil,
	} {
		s := suite(t, nordhost, "- name: a\n  given: {client: 203.0.113.77}\n  send: GET /?email=anna@example.dk&page=2\n  expect: {redacted: "+expected+"}\n")
		var got []string
		for _, d := range s.Run()[0].Differences {
			got = append(got, d.Want, d.Got)
			for i := range d.Deciders {
				got = append(got, d.Deciders[i].String())
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n%q\n%q", expected, got, want)
		}
	}
}
