package rewrite

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"weir/policy"
	"weir/redact"
	"weir/redact/capture"
	"weir/redact/keys"
)

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// strict is a policy that keeps no text.
const strict = `controller: {name: Nordhost ApS, country: DK, contact: privacy@nordhost.example}
defaults: {retain: 30d}
redact:
  - {name: addresses, when: 'field.category.within("user.device.ip_address")', then: 'truncate(24, 48)'}
  - {name: people, when: 'field.category.within("user.contact.email")', then: hash()}
`

func engine(t testing.TB, p *policy.Policy) (*redact.Engine, *Defects) {
	t.Helper()
	d := &Defects{}
	e, err := redact.New(redact.Config{Decider: func() redact.Decider { return p }, Service: "www", Keys: keys.NewFleeting(), Metrics: d.Metrics()})
	if err != nil {
		t.Fatal(err)
	}
	return e, d
}

func parsed(t testing.TB, text string) *policy.Policy {
	t.Helper()
	p, err := policy.Parse("policy.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// own is the policy of the command.
func own(t testing.TB) *policy.Policy {
	t.Helper()
	p, err := policy.Load("../../cmd/weir/redact_policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// copied is what comes out of a log.
func copied(t testing.TB, e *redact.Engine, format, log string, jobs int) (string, Counts) {
	t.Helper()
	f, err := Named(format)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	_, c, err := Copy(context.Background(), &out, strings.NewReader(log), Config{Engine: e, Format: f, Jobs: jobs, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), c
}

// templatedAs is what comes out of lines of a template.
func templatedAs(t testing.TB, e *redact.Engine, tpl *capture.Template, log string) string {
	t.Helper()
	var out bytes.Buffer
	_, _, err := Copy(context.Background(), &out, strings.NewReader(log), Config{Engine: e, Format: Template("own", tpl), Jobs: 1, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}
