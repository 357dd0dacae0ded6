package redact

import (
	"testing"

	"weir/redact/category"
	"weir/redact/raw"
	"weir/redact/record"
	"weir/redact/transform"
)

// TestWhomACertificateNamesIsWrittenAsTheRulesSay and not at all where none does.
func TestWhomACertificateNamesIsWrittenAsTheRulesSay(t *testing.T) {
	const subject = "CN=anna.jensen@example.dk,O=Nordhost ApS"
	for name, c := range map[string]struct {
		rules   []testRule
		written bool
	}{
		"no rule": {nil, false},
		"hashed":  {[]testRule{finding("people", category.UniqueID, transform.Hash()), finding("mail", category.Email, transform.Hash())}, true},
		"kept":    {[]testRule{finding("machines", category.UniqueID, transform.Keep()), finding("mail", category.Email, transform.Keep())}, true},
		// The address in it is a finding of its own: the stricter of the two counts.
		"kept but for addresses": {[]testRule{finding("machines", category.UniqueID, transform.Keep())}, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBed(t, newPolicy(nil, c.rules...))
			x := request("GET /a HTTP\nHost: www.example", "HTTP/1.1 200 OK")
			x.ClientCertificate = x.Request.AppendString(subject)
			e := b.run(t, x)
			got, _ := e["client.certificate"].(string)
			if (got != "") != c.written || (got == subject) != (name == "kept") {
				t.Errorf("written as %q", got)
			}
			if name != "kept" {
				without(t, b, "anna", "Nordhost")
			}
			if e["redacted"] == nil && name != "kept" {
				t.Errorf("nothing told of it: %v", b.line(record.JSON))
			}
		})
	}
	b := newBed(t, newPolicy(nil))
	if e := b.run(t, request("GET /a HTTP\nHost: www.example", "HTTP/1.1 200 OK")); e["client.certificate"] != nil {
		t.Errorf("%v", e)
	}
	if raw.ClientCertificate.String() != "certificate" || raw.ClientCertificate.Place() != "client.certificate" {
		t.Error("not the words that rules know it by")
	}
}
