package detect

import (
	"testing"

	"weir/redact/category"
)

func TestDatesAreReadAsPeopleAndProgramsWriteThem(t *testing.T) {
	for text, want := range map[string]Date{
		"1990": {1990, 0, 0}, "1990-11": {1990, 11, 0}, "1990-11-22": {1990, 11, 22}, "1990/11/22": {1990, 11, 22}, "1990.11.22": {1990, 11, 22},
		"1990-1-2": {1990, 1, 2}, "19901122": {1990, 11, 22}, "1990-11-22T08:49:37Z": {1990, 11, 22}, "1990-11-22 08:49:37.123 +01:00": {1990, 11, 22},
		"22-11-1990": {1990, 11, 22}, "2.1.1990": {1990, 1, 2}, "22/11/1990": {1990, 11, 22}, "11/22/1990": {1990, 11, 22}, "03/04/1990": {1990, 0, 0},
		"04/04/1990": {1990, 4, 4}, "22-11-1990 08:49": {1990, 11, 22}, " 1990-11-22 ": {1990, 11, 22},
		"Sun, 06 Nov 1994 08:49:37 GMT": {1994, 11, 6}, "Sunday, 06-Nov-94 08:49:37 GMT": {1994, 11, 6}, "Sun Nov  6 08:49:37 1994": {1994, 11, 6},
		"12 March 1985": {1985, 3, 12}, "March 12, 1985": {1985, 3, 12}, "12. marts 1985": {1985, 3, 12}, "12 de marzo de 1985": {1985, 3, 12}, "1 January 1985": {1985, 1, 1},
		"March 12th, 1985": {1985, 3, 12}, "12-Mar-1985": {1985, 3, 12}, "12 MÄRZ 1985": {1985, 3, 12}, "12 marraskuuta 1985": {1985, 11, 12}, "1st of May 1985": {1985, 5, 1},
		"Sunday, 06-Nov-26 08:49:37 GMT": {2026, 11, 6}, "29-02-2024": {2024, 2, 29},
	} {
		if got, ok := DateOf(category.Remainder, []byte(text)); !ok || got != want {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
	for text, want := range map[string]Date{
		"659232000": {1990, 11, 22}, "659232000000": {1990, 11, 22}, "1700000000": {2023, 11, 14}, "1700000000000": {2023, 11, 14}, "-659232000": {1949, 2, 10},
	} {
		if got, ok := DateOf(category.DateOfBirth, []byte(text)); !ok || got != want {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
		if got, ok := DateOf(category.UniqueID, []byte(text)); ok {
			t.Errorf("%q is a date, %v, and nobody said so", text, got)
		}
	}
}

func TestWhatIsNoDateIsNotRead(t *testing.T) {
	for _, text := range []string{"", "199", "4711", "1799", "1990-13", "1990-00", "1990-11-31", "1990-11-00", "31-02-1990", "29-02-2023", "22-11-90", "22-11-19900",
		"1990-11/22", "1990-11-22x", "1990-11-22 of anna", "22-11-1990 anna", "32-01-1990", "13/13/1990", "yesterday", "12 anna 1985", "anna 12, 1985", "12 March", "March 1985", "12 March 85", "31 February 1985", "12 13 1985", "March March 1985", "070761-4285", "203.0.113.77", "12345678",
		"Sun, 06 Nov 1994 08:49:37 CET", "Anna, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994", "1990-", "-1990", "1990-11-22T", "Sun Nov 6 anna 1994", "６５９２３２０００"} {
		if got, ok := DateOf(category.DateOfBirth, []byte(text)); ok {
			t.Errorf("%q is %v", text, got)
		}
	}
}

func FuzzDateOf(f *testing.F) {
	for _, text := range []string{"1990-11-22T08:49:37Z", "22/11/1990", "Sun, 06 Nov 1994 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "-659232000", "19901122"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if d, ok := DateOf(category.DateOfBirth, text); ok && !d.sound() {
			t.Errorf("%q is %v", text, d)
		}
	})
}
