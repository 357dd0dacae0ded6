package party_test

import (
	"testing"
	"time"

	"weir/policy/party"
)

func TestAnAgreementHoldsFromItsSigningUpToItsEnd(t *testing.T) {
	day := func(s string) time.Time {
		at, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	a := party.Agreement{ID: "DPA-1", Signed: day("2024-07-01"), Expires: day("2027-01-01")}
	for at, want := range map[string]bool{"2024-06-30": false, "2024-07-01": true, "2026-12-31": true, "2027-01-01": false} {
		if a.InForce(day(at)) != want {
			t.Errorf("%s: %v", at, !want)
		}
	}
	if !(party.Agreement{ID: "DPA-1"}).InForce(day("2026-01-01")) || (party.Agreement{}).InForce(day("2026-01-01")) {
		t.Error("without dates an agreement holds, and none does not")
	}
}
