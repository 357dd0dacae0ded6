package policy_test

import (
	"testing"

	"weir/policy"
)

func TestTheSpecimenHasEveryKeyOfAPolicy(t *testing.T) {
	for _, path := range policy.Shape().Unread() {
		t.Errorf("schema.yaml has no %s that the reader asks for", path)
	}
}
