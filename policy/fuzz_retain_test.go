package policy_test

import (
	"regexp"
	"strconv"
	"testing"

	"weir/policy"
	"weir/policy/source"
)

// folder is what a class may be called where entries are written: proxy/accesslog.
var folder = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// Whatever `then` says, the class names a folder, and says how long entries are kept.
func FuzzRetain(f *testing.F) {
	for _, then := range []string{
		`keep_for(days(30))`, `keep_for(years(5)).by_law("Bookkeeping Act").only(["url.path", "http.request.header.*"])`, `keep_for(duration("36h1m"))`,
		`keep_for(duration("90m")).erasure()`, `keep_for(days(1) + days(2)).hold("case 7")`, `true ? keep_for(days(1)) : keep_for(years(100))`,
		`keep_for(-days(1))`, `keep_for(duration("0.000000001s"))`, `[keep_for(days(3))][0]`, `keep_for(days(9223372036854775807))`, `keep_for(days(2) * 3)`,
	} {
		f.Add("true", then)
		f.Add(`int(request.header["x"]) > 1`, then)
	}
	f.Fuzz(func(t *testing.T, when, then string) {
		p, err := policy.Parse("policy.yaml", []byte("controller: {name: N, country: DK, contact: p@n.example}\ndefaults: {retain: 30d}\nretain:\n"+
			"  - {name: a, when: "+strconv.Quote(when)+", then: "+strconv.Quote(then)+"}\n  - {name: b, when: 'request.method == \"GET\"', then: keep_for(days(2))}\n"))
		if err != nil {
			return
		}
		x := newExchange("/orders/7", "")
		all := p.Retentions()
		got := p.Retention(&policy.Seen{Exchange: x})
		if live := all[p.Retained(x)]; live.Class != got.Class || live.Keep != got.Keep || len(live.Only) != len(got.Only) {
			t.Errorf("%+v, and live %+v", got, live)
		}
		for _, r := range all {
			if keep, ok := source.ParseDuration(r.Class); !ok || keep != r.Keep || !folder.MatchString(r.Class) {
				t.Errorf("%q for %v", r.Class, r.Keep)
			}
		}
	})
}
