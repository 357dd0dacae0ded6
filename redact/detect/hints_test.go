package detect

import (
	"testing"

	"weir/redact/category"
)

func TestNamesOfNationalInsuranceNumbersAreRead(t *testing.T) {
	var s Scanner
	for text, want := range map[string]bool{
		"NI no. ab123456c": true, "NI no: AB 12 34 56 C": true, "account holder's NI number is AB123456C": true, "NI No AB123456D": true,
		"ni ab123456c": false, "no ab123456c": false, "number of NI ab123456c": false, "NI no. gb123456c": false,
	} {
		findings, _ := s.Scan([]byte(text))
		if got := len(findings) == 1 && findings[0].Category == category.NationalNumber; got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
