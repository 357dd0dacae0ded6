package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"weir/policy"
	"weir/redact/raw"
)

// FuzzJudge: whatever a condition says and however much was seen, there is a judgement,
// and neither it nor its trace holds anything that was sent.
func FuzzJudge(f *testing.F) {
	for _, when := range []string{
		`flow.carries("user.contact") && !consent.given(["analytics.reporting"])`,
		`flow.excess.exists(k, k.within("user")) || adequate(party.country)`,
		`request.header["x-who"].split("n").map(s, s + request.path).join("q") != ""`,
		`int(request.query["who"]) > 1 ? true : request.path.under("/a")`,
		`cidr("10.0.0.0/8").containsIP(request.cookie["who"]) && sets.contains([1], [request.size])`,
		`math.greatest([1, request.size]) > 0 && lists.range(3).sort() == [0, 1, 2] && now > timestamp("2026-01-01T00:00:00Z") - years(1)`,
		`request.path.replace("a", request.path, 3).reverse().matches("^[a-z]{1,50}$")`,
	} {
		f.Add(when, uint8(0))
		f.Add(when, uint8(2))
	}
	f.Fuzz(func(t *testing.T, when string, visibility uint8) {
		if len(when) > 500 || strings.ContainsAny(when, "'\n\r") {
			return
		}
		p, err := policy.Parse("policy.yaml", []byte(judging+"  - {name: a, when: '"+when+"', then: strip(flow.excess)}\n"))
		if err != nil {
			return
		}
		const secret = "zq7vanna"
		s := leaving("/"+secret+"p?who="+secret+"q", secret+".example", "user.contact.email")
		s.Exchange.Request.Add([]byte("X-Who"), []byte(secret+"h"))
		s.Exchange.Request.Add([]byte("Cookie"), []byte("who="+secret+"c"))
		s.Exchange.Visibility = raw.Visibility(visibility % 3)
		s.Complete = visibility%2 == 0
		out := fmt.Sprintf("%+v", p.Judge(s).Egress)
		p.Trace(s, "egress", func(r policy.RuleTrace) { out += fmt.Sprintf("%+v", r.Parts) })
		for _, suffix := range "pqhc" {
			if strings.Contains(out, secret+string(suffix)) {
				t.Errorf("what was sent stands in %s", out)
			}
		}
	})
}
