package category

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestWithinFollowsTheTree(t *testing.T) {
	for _, c := range []struct {
		key, ancestor Key
		want          bool
	}{
		{Email, Email, true},
		{Email, "user.contact", true},
		{Email, "user", true},
		{"user.contact", Email, false},
		{"user.contacts", "user.contact", false},
		{"user.job_title", "user.professional_information", true},
		{"user.professional_information.job_title", "user.job_title", true},
		{"user.location.imprecise", "user.location", true},
		{"user.location.coarse", "user.location.imprecise", true},
		{"user.location.precise", "user.location.imprecise", false},
		{Remainder, Remainder, true},
		{Email, Remainder, false},
		{Remainder, Email, false},
	} {
		if got := c.key.Within(c.ancestor); got != c.want {
			t.Errorf("%q within %q: %v", c.key, c.ancestor, got)
		}
	}
}

func TestEveryKeyHasItsParent(t *testing.T) {
	all := All()
	if len(all) < 120 || !slices.IsSorted(all) {
		t.Fatalf("%d keys, sorted %v", len(all), slices.IsSorted(all))
	}
	for _, k := range all {
		if !Known(k) {
			t.Errorf("%s is not known", k)
		}
		if i := strings.LastIndexByte(string(k), '.'); i > 0 && !Known(k[:i]) {
			t.Errorf("%s has no parent", k)
		}
		if by, ok := Replaced(k); ok && !Known(by) {
			t.Errorf("%s is replaced by %s, which is not known", k, by)
		}
	}
}

func TestConstantsAreKnown(t *testing.T) {
	for _, k := range []Key{Credentials, Email, IPAddress, PhoneNumber} {
		if _, err := Parse(string(k)); err != nil {
			t.Error(err)
		}
	}
}

func TestOwnKeysNeedTheGrammar(t *testing.T) {
	for s, want := range map[string]bool{
		"x.customer": true, "x.user.device.mac_address": true, "x.a1": true,
		"x": false, "x.": false, "x..a": false, "x.a.": false, "x.A": false, "x.1a": false, "x.a-b": false, "xx.a": false, "": false,
	} {
		if _, err := Parse(s); (err == nil) != want {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestUnknownKeyNamesTheNearest(t *testing.T) {
	for s, want := range map[string]Key{
		"user.contact.emial":    Email,
		"user.contact.e_mail":   Email,
		"user.email":            Email,
		"email":                 Email,
		"user.device.ip":        "",
		"user.ip_address":       IPAddress,
		"User.Contact.Email":    Email,
		"user.name.frist":       "user.name.first",
		"user.credentials":      Credentials,
		"user.location.precice": "user.location.precise",
	} {
		_, err := Parse(s)
		var unknown *UnknownError
		if !errors.As(err, &unknown) {
			t.Errorf("%q: %v", s, err)
			continue
		}
		if want != "" && (len(unknown.Nearest) == 0 || unknown.Nearest[0] != want) {
			t.Errorf("%q: nearest are %v", s, unknown.Nearest)
		}
		if len(unknown.Nearest) > 0 && !strings.Contains(err.Error(), string(unknown.Nearest[0])) {
			t.Errorf("%v does not name it", err)
		}
	}
}
