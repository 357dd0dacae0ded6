package detect

import (
	"testing"

	"weir/redact/category"
)

func TestNumbersOfTheOldAndOfTestsAreFound(t *testing.T) {
	for text, want := range map[string]string{
		"personnummer 121212+1212": "121212+1212", "x 121212+1212 y": "121212+1212",
		"fødselsnummer 01817010055": "01817010055", "x 018170 10055 y": "018170 10055", "fnr 01417510055": "", "fnr 11417510038": "11417510038",
	} {
		var s Scanner
		found, _ := s.Scan([]byte(text))
		if want == "" && len(found) > 0 || want != "" && (len(found) != 1 || found[0].Category != category.NationalNumber || string(found[0].Value) != want) {
			t.Errorf("%s: %d findings", text, len(found))
		}
	}
}
