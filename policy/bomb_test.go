package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"weir/policy"
)

// What would take long, or make much of little, is stopped and counts as a failure of
// its rule.
func TestNoExpressionLoopsOrGrows(t *testing.T) {
	path := "/" + strings.Repeat("a/", 30_000)
	for _, when := range []string{
		`request.path.replace("a", request.path) != ""`,
		`request.path.replace("", "bbbbbbbbbbbbbbbb", 100000) != ""`,
		`request.path.split("/").size() > 0`,
		`request.path.split("").size() > 0`,
		`lists.range(1000000000).size() > 0`,
		`lists.range(256).map(i, request.path).join() != ""`,
		`lists.range(256).map(i, lists.range(256).map(j, request.path + request.path)).size() > 0`,
		`lists.range(200).all(a, lists.range(200).all(b, lists.range(200).all(c, request.path.size() + a + b + c > 0)))`,
		`lists.range(256).exists(i, request.path.matches("(a|b|/)*c"))`,
		`int(request.path) > 0`,
		`timestamp(request.path) > now`,
		`ip(request.path).family() == 4`,
		`request.path.split("/", 3)[9] == ""`,
	} {
		j := judge(t, fmt.Sprintf("  - {name: bomb, when: '%s', then: allow(), on_error: alert}\n", when), leaving(path, "a.example"))
		if len(j.Egress.Failed) != 1 || j.Egress.Verdict != policy.Deny {
			t.Errorf("%s: %+v", when, j.Egress)
		}
	}
}

// Growth that is written down is refused, or stopped, when the policy is read.
func TestNoConstantGrows(t *testing.T) {
	nested := func(open, inner, shut string, n int) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(shut, n)
	}
	for _, when := range []string{
		nested(`strings.quote(`, `"\\\\"`, `)`, 80) + ` != ""`,
		`"%.1000000000f".format([1.0]) != ""`,
		`"a"` + strings.Repeat(`.replace("a", "aaaaaaaaaaaaaaaa")`, 80) + ` != ""`,
	} {
		p, err := policy.Parse("policy.yaml", []byte(judging+fmt.Sprintf("  - {name: bomb, when: '%s', then: allow()}\n", when)))
		if err != nil {
			continue
		}
		if j := p.Judge(leaving("/", "a.example")); len(j.Egress.Failed) != 1 {
			t.Errorf("%.40s: %+v", when, j.Egress)
		}
	}
}

// A value that can not be converted stands in no judgement and no trace.
func TestNoValueStandsInAJudgement(t *testing.T) {
	const rules = `
  - {name: a, when: 'int(request.query["who"]) > 1', then: deny("a")}
  - {name: b, when: 'request.header["x-who"] == "" || cidr("10.0.0.0/8").containsIP(request.header["x-who"])', then: deny("b")}
  - {name: c, when: 'request.path.contains("nn") && request.cookie["who"] != client.address', then: 'alert(request.route)'}
  - {name: d, when: 'request.host != "" && request.method == "POST"', then: deny("d")}
`
	s := leaving("/annapath?who=annaquery", "annahost.example", "user.name")
	s.Exchange.Request.Add([]byte("X-Who"), []byte("annaheader"))
	s.Exchange.Request.Add([]byte("Cookie"), []byte("who=annacookie"))
	p, err := policy.Parse("policy.yaml", []byte(judging+rules))
	if err != nil {
		t.Fatal(err)
	}
	j := p.Judge(s)
	out := fmt.Sprintf("%+v %+v %+v", j.Egress, j.Respond, s)
	p.Trace(s, "egress", func(r policy.RuleTrace) { out += fmt.Sprintf("%+v", r) })
	for _, secret := range []string{"annapath", "annaquery", "annaheader", "annacookie", "203.0.113.77"} {
		if strings.Contains(out, secret) {
			t.Errorf("%s stands in %s", secret, out)
		}
	}
	if len(j.Egress.Failed) != 2 || !strings.Contains(out, "error") {
		t.Errorf("the rules do not fail as they should: %s", out)
	}
}
