package mixed

import (
	"context"
	"math/rand/v2"
	"os"
	"syscall"
	"time"
)

// policies are those that alternate. They differ in rules and in how long
// entries are kept, so that two folders of the log are written.
var policies = [2]string{`controller: {name: Soak, country: DK, contact: privacy@soak.example}
defaults: {retain: 5m}
routes:
  - at: /small/{id}
redact:
  - {name: numbers, when: field.place == "request.header.x-number", then: keep()}
  - {name: addresses, when: field.category.within("user.device.ip_address"), then: "truncate(24, 48)"}
  - {name: people, when: field.category.within("user.contact") || field.category.within("user.unique_id"), then: hash()}
  - {name: pages, when: field.place == "url.query.page", then: keep()}
`, `controller: {name: Soak, country: DK, contact: privacy@soak.example}
defaults: {retain: 10m}
routes:
  - at: /small/{who:user.unique_id}
  - at: /echo/{id}
redact:
  - {name: numbers, when: field.place == "request.header.x-number", then: keep()}
  - {name: addresses, when: field.category.within("user.device.ip_address") && request.method != "", then: "truncate(16, 32)"}
  - {name: people, when: field.category.within("user.contact"), then: mask()}
  - {name: sessions, when: field.category.within("user.device.cookie_id"), then: hash()}
  - {name: referers, when: field.category.within("user.behavior.browsing_history"), then: origin()}
  - {name: slow ones, when: 'response.duration > duration("1s") && field.place == "url.query.page"', then: keep()}
`}

const badPolicy = `controller: {name: Soak, country: DK, contact: privacy@soak.example}
defaults: {retain: 5m}
redact:
  - {name: ` + canary + `, when: field.plcae == "x", then: keep(}
`

// disturbances counts what was done to weir.
type disturbances struct{ policies, bad, certificates, restarts int }

// changePolicies gives weir another policy each second: by renaming or by
// writing the file anew, now and then with a signal, and every fifteenth is wrong.
func (r *Run) changePolicies(ctx context.Context) {
	every(ctx, time.Second, func(i int) {
		text := policies[i&1]
		bad := i%15 == 7
		if bad {
			text = badPolicy
		}
		var err error
		if i%3 == 0 {
			err = os.WriteFile(r.process.policy(), []byte(text), 0o600)
		} else {
			err = replaceFile(r.process.policy(), []byte(text))
		}
		if i%4 == 0 && err == nil {
			err = r.process.cmd.Process.Signal(syscall.SIGHUP)
		}
		if err != nil {
			r.fault("policies", err)
			return
		}
		if bad {
			r.done.bad++
		} else {
			r.done.policies++
		}
	})
}

func (r *Run) changeCertificates(ctx context.Context) {
	every(ctx, max(10*time.Second, r.cfg.For/60), func(int) {
		if err := r.authority.replace(r.process.dir); err != nil {
			r.fault("certificates", err)
			return
		}
		r.done.certificates++
	})
}

// restartOrigin takes an upstream away for up to a second.
func (r *Run) restartOrigin(ctx context.Context) {
	every(ctx, max(8*time.Second, r.cfg.For/120), func(int) {
		r.origin.broken.stop()
		time.Sleep(time.Duration(rand.IntN(1000)) * time.Millisecond)
		if err := r.origin.broken.start(); err != nil {
			r.fault("restart", err)
			return
		}
		r.done.restarts++
	})
}

func every(ctx context.Context, d time.Duration, f func(i int)) {
	t := time.NewTicker(d)
	defer t.Stop()
	for i := 1; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			f(i)
		}
	}
}
