package policy_test

import (
	"testing"

	"weir/policy"
)

func TestPersonalDataStaysWithinTheResidency(t *testing.T) {
	const abroad = promising + "residency: {countries: [DK], safeguards: [bcr]}\n"
	const allowing = "egress: [{name: all, when: 'true', then: allow()}]\n"
	const own = "egress: [{name: own, when: 'party.country != \"DK\"', then: 'deny(\"not there\")'}]\n"
	for name, c := range map[string]struct {
		text string
		seen *policy.Seen
		want string
	}{
		"there":            {abroad + allowing, leaving("/", "bank.example", "user.contact.email"), "allow all"},
		"outside":          {abroad + allowing, leaving("/", "news.example", "user.contact.email"), "deny residency"},
		"nothing personal": {abroad + allowing, leaving("/", "news.example"), "allow all"},
		"nobody declared":  {abroad + allowing, leaving("/", "other.example", "user.contact.email"), "deny residency"},
		"not seen":         {abroad + allowing, unscanned("news.example"), "alert residency"},
		"partly seen":      {abroad + allowing, unscanned("news.example", "user.contact.email"), "deny residency"},
		"a rule says it":   {abroad + own, leaving("/", "news.example", "user.contact.email"), "deny own"},
		"without egress":   {abroad, leaving("/", "news.example", "user.contact.email"), "deny residency"},
		"from outside":     {abroad + allowing, inbound("user.contact.email"), "allow "},
		"no residency":     {promising + allowing, leaving("/", "news.example", "user.contact.email"), "allow all"},
		"watched":          {abroad + "mode: monitor\n" + allowing, leaving("/", "news.example", "user.contact.email"), "deny residency, done allow"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := policy.Parse("policy.yaml", []byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			e := p.Judge(c.seen).Egress
			got := e.Verdict.String() + " "
			if e.By != nil {
				got += e.By.Name
			}
			if e.Done.Verdict != e.Verdict {
				got += ", done " + e.Done.Verdict.String()
			}
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
