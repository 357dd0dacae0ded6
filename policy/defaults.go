package policy

import (
	"weir/policy/source"
)

// judging is what the sections say that judge an exchange, checked.
type judging struct {
	defaults judgeDefaults
	egresses bool // there is `egress`, or a default that is not to allow
	egress   []*clause

	respond []*clause
	cookies cookieTable

	watchEgress, watchRespond bool // monitor mode
}

// readJudging reads these sections of root; defaults is that of the same name.
func readJudging(f *source.File, root, defaults source.Mapping) judging {
	j := judging{defaults: readJudgeDefaults(f, root, defaults)}
	j.watchEgress, j.watchRespond = readMode(root.Get("mode"))
	j.egresses = root.Get("egress").Exists() || j.defaults.egress != Allow
	j.egress = readClauses(f, root.Get("egress"), egressing(), verdictType, j.defaults, "unseen", "on_error")
	j.respond = readClauses(f, root.Get("respond"), responding(), responseType, j.defaults, "unseen", "on_error")
	j.cookies = readCookies(f, root.Get("cookies"))
	return j
}

// compileJudging plans what judges an exchange.
func (p *Policy) compileJudging(d *judging, known *knowledge) *source.Error {
	p.egress = &egress{used: d.egresses, fallback: d.defaults.egress, monitor: d.watchEgress}
	for _, c := range d.egress {
		c.then.learn(known)
	}
	p.respond = &respond{cookies: d.cookies, fallback: d.defaults.respond, monitor: d.watchRespond}
	var wrong *source.Error
	if p.egress.clauses, wrong = compileClauses("egress", d.egress); wrong != nil {
		return wrong
	}
	p.respond.clauses, wrong = compileClauses("respond", d.respond)
	return wrong
}

// judgeDefaults is what `defaults` says of egress and respond.
type judgeDefaults struct {
	egress, respond Verdict
	unseen, onError Verdict
}

// readJudgeDefaults reads what m, which is `defaults`, says of the sections of root.
func readJudgeDefaults(f *source.File, root, m source.Mapping) judgeDefaults {
	d := judgeDefaults{unseen: Alert, onError: Deny}
	if root.Get("egress").Exists() && !m.Get("egress").Exists() {
		f.Refuse(root.Key("egress").Pos, "`egress` decides, and nothing says what happens where no rule matches", "defaults: {egress: deny}")
	}
	read := func(key string, into *Verdict) {
		if n := m.Get(key); n.Exists() {
			*into = verdictOf(n.Enum("allow", "alert", "deny"))
		}
	}
	read("egress", &d.egress)
	read("respond", &d.respond)
	read("unseen", &d.unseen)
	read("on_error", &d.onError)
	return d
}

// readMode tells which of egress and respond only watch.
func readMode(n source.Node) (egress, respond bool) {
	watches := func(n source.Node) bool { return n.Enum("monitor", "enforce") == "monitor" }
	if n.Is("text") {
		watch := watches(n)
		return watch, watch
	}
	m := n.Map(source.Keys{Known: []string{"egress", "respond"}})
	return watches(m.Get("egress")), watches(m.Get("respond"))
}
