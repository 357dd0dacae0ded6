package policy_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"weir/policy"
)

// Whoever is sent to, by whatever path, makes nothing be remembered.
func TestJudgingRemembersOnlyWhatIsDeclared(t *testing.T) {
	p, err := policy.Parse("policy.yaml", []byte(declared(20, 60)))
	if err != nil {
		t.Fatal(err)
	}
	ask := func(n int) {
		for i := range n {
			p.Judge(leaving(fmt.Sprintf("/p%d", i), fmt.Sprintf("h%d.example%d.org", i, i), "user.name"))
			p.Judge(leaving(fmt.Sprintf("/p%d", i), fmt.Sprintf("api.p%d.example", i%20), "user.name"))
		}
	}
	ask(100)
	before := heap()
	ask(5000)
	if used := heap() - before; used > 1<<20 {
		t.Errorf("%d KiB are remembered", used>>10)
	}
	runtime.KeepAlive(p)
}

func TestOneAnswerIsGivenToAllWhoAskAtOnce(t *testing.T) {
	p, err := policy.Parse("policy.yaml", []byte(declared(20, 60)))
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for g := range 4 {
		group.Go(func() {
			for i := range 200 {
				use := (g + i) % 20
				j := p.Judge(leaving("/", fmt.Sprintf("api.p%d.example", use), "user.contact.email"))
				if want := fmt.Sprintf("p%d/u", use); j.Party.Use != want || j.Egress.Verdict != policy.Allow || len(j.Excess) != 0 {
					t.Errorf("%s: %+v", want, j.Egress)
				}
			}
		})
	}
	group.Wait()
}
