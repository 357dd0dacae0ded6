package party_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"weir/policy/party"
	"weir/policy/source"
)

func day(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestAFlowIsJudgedByTheLawOfItsDay(t *testing.T) {
	l := party.BuiltIn()
	signed := party.Agreement{ID: "DPA-1", Signed: day(t, "2022-01-01"), Expires: day(t, "2027-01-01")}
	early := party.Agreement{ID: "DPA-0", Signed: day(t, "2020-01-01")}
	for _, c := range []struct {
		at, country, safeguards string
		agreement               party.Agreement
		want                    bool
		why                     string
	}{
		{"2024-05-01", "DK", "", party.Agreement{}, true, "EEA"},
		{"2024-05-01", "NO", "", party.Agreement{}, true, "EEA"},
		{"2013-06-30", "HR", "", party.Agreement{}, false, "outside"},
		{"2013-07-01", "HR", "", party.Agreement{}, true, "EEA"},
		{"2006-12-31", "RO", "", party.Agreement{}, false, "outside"},
		{"2007-01-01", "BG", "", party.Agreement{}, true, "EEA"},
		{"2004-04-30", "PL", "", party.Agreement{}, false, "outside"},
		{"2004-05-01", "CY", "", party.Agreement{}, true, "EEA"},
		{"1995-04-30", "LI", "", party.Agreement{}, false, "outside"},
		{"1995-05-01", "LI", "", party.Agreement{}, true, "EEA"},
		{"1994-01-01", "SE", "", party.Agreement{}, true, "EEA"},
		{"1993-12-31", "DK", "", party.Agreement{}, false, "outside"},
		{"2020-06-01", "GB", "", party.Agreement{}, true, "EEA"},
		{"2020-12-31", "GB", "", party.Agreement{}, true, "EEA"},
		{"2021-02-01", "GB", "", party.Agreement{}, true, "bridge"},
		{"2025-11-01", "GB", "", party.Agreement{}, true, "2021/1772"},
		{"2026-11-22", "GB", "", party.Agreement{}, true, "renewal"},
		{"2031-12-27", "GB", "", party.Agreement{}, false, "outside"},
		{"2024-05-01", "JP", "", party.Agreement{}, true, "2019/419"},
		{"2018-06-01", "JP", "", party.Agreement{}, false, "outside"},
		{"2026-11-22", "BR", "", party.Agreement{}, true, "2026/179"},
		{"2024-05-01", "BR", "", party.Agreement{}, false, "outside"},
		{"2024-05-01", "GL", "", party.Agreement{}, false, "outside"},
		{"2024-05-01", "CA", "", party.Agreement{}, false, "safeguard: [adequacy]"},
		{"2024-05-01", "CA", "adequacy", party.Agreement{}, true, "2002/2/EC"},
		{"2024-05-01", "US", "", party.Agreement{}, false, "safeguard: [dpf]"},
		{"2024-05-01", "US", "dpf", party.Agreement{}, true, "2023/1795"},
		{"2023-07-09", "US", "dpf", party.Agreement{}, false, "outside"},
		{"2019-05-01", "US", "privacy_shield", party.Agreement{}, true, "privacy_shield"},
		{"2020-07-16", "US", "privacy_shield", party.Agreement{}, false, "did not hold"},
		{"2024-05-01", "US", "privacy_shield", party.Agreement{}, false, "did not hold"},
		{"2019-05-01", "IN", "privacy_shield", party.Agreement{}, false, "not for IN"},
		{"2016-01-01", "US", "privacy_shield", party.Agreement{}, false, "did not hold yet"},
		{"2014-01-01", "US", "safe_harbour", party.Agreement{}, true, "safe_harbour"},
		{"2016-01-01", "US", "safe_harbour", party.Agreement{}, false, "did not hold"},
		{"2024-05-01", "US", "scc", signed, true, "scc"},
		{"2027-01-01", "US", "scc", signed, false, "agreement in force"},
		{"2021-12-31", "US", "scc", signed, false, "agreement in force"},
		{"2022-06-01", "US", "scc", early, true, "scc"},
		{"2022-12-27", "US", "scc", early, false, "scc"},
		{"2024-05-01", "US", "scc", party.Agreement{ID: "DPA-2"}, true, "scc"},
		{"2024-05-01", "US", "scc", party.Agreement{}, false, "agreement in force"},
		{"2024-05-01", "US", "dpf scc", party.Agreement{}, true, "2023/1795"},
		{"2024-05-01", "IN", "bcr", signed, true, "bcr"},
		{"2024-05-01", "IN", "art49", party.Agreement{}, true, "art49"},
		{"2024-05-01", "IN", "none", signed, false, "outside"},
		{"2024-05-01", "IN", "eea", signed, false, "outside"},
		{"2024-05-01", "", "scc", signed, false, "not known"},
		{"2026-01-01", "EPO", "", party.Agreement{}, true, "European Patent"},
	} {
		ok, why := l.Adequate(c.country, strings.Fields(c.safeguards), c.agreement, day(t, c.at))
		if ok != c.want || !strings.Contains(why, c.why) {
			t.Errorf("%s %s [%s]: %v, %q; want %v, %q", c.at, c.country, c.safeguards, ok, why, c.want, c.why)
		}
	}
}

func TestDeadSafeguardsSaySinceWhen(t *testing.T) {
	l := party.BuiltIn()
	for name, want := range map[string]string{"privacy_shield": "2020-07-16", "safe_harbour": "2015-10-06", "scc": "", "dpf": "", "none": ""} {
		since, dead := l.Dead(name, day(t, "2026-11-22"))
		if dead != (want != "") || dead && since.Format(time.DateOnly) != want {
			t.Errorf("%s: %v, %v", name, since, dead)
		}
		if dead && !strings.Contains(l.Ended(name), "Court of Justice") {
			t.Errorf("%s ended by %q", name, l.Ended(name))
		}
	}
	if _, dead := l.Dead("privacy_shield", day(t, "2020-07-15")); dead {
		t.Error("a safeguard was dead the day before")
	}
}

func TestDecisionsThatEndAreToldWithTheirDay(t *testing.T) {
	l := party.BuiltIn()
	for _, c := range []struct{ country, at, want string }{
		{"GB", "2024-01-01", "2031-12-27"}, // renewed without a gap
		{"GB", "2026-01-01", "2031-12-27"},
		{"GB", "2032-01-01", ""},
		{"JP", "2026-01-01", ""},
		{"IN", "2026-01-01", ""},
	} {
		until, ok := l.Expiring(c.country, day(t, c.at))
		if ok != (c.want != "") || ok && until.Format(time.DateOnly) != c.want {
			t.Errorf("%s at %s: %v, %v", c.country, c.at, until, ok)
		}
	}
}

func TestTheBuiltInLawIsWhole(t *testing.T) {
	l := party.BuiltIn()
	area := 0
	for _, c := range party.Countries() {
		if l.EEA(c, day(t, "2026-11-22")) {
			area++
		}
	}
	if area != 30 {
		t.Errorf("%d countries of the EEA", area)
	}
	for _, c := range strings.Fields("AD AR CH FO GG IL IM JE JP KR NZ UY BR GB") {
		if ok, why := l.Adequate(c, nil, party.Agreement{}, day(t, "2026-11-22")); !ok {
			t.Errorf("%s: %s", c, why)
		}
	}
}

func TestMistakesOfALawFileAreToldAtOnce(t *testing.T) {
	f := source.Parse("law.yaml", []byte(`eea:
  - {countries: [DK, UK], source: x}
  - {countries: [XY]}
adequacy:
  - {countries: [CH], from: 2000-07-26, source: x}
  - {countries: [US], decision: d, needs: dfp, form: 2023-07-10, until: 2023-13-01, source: x}
safeguards:
  - {countries: [US], source: x}
  - {name: privacy_shield, from: 2020-07-16, until: 2016-08-01, source: x}
extra: 1
`))
	party.ReadLaw(f)
	want := `law.yaml:2:22: "UK" is no country of ISO 3166-1; write instead: GB
law.yaml:3:5: "source" is missing; write instead: source: where it can be read
law.yaml:3:18: "XY" is no country of ISO 3166-1; write instead: two capital letters, such as DK, or three of an organisation
law.yaml:5:5: "decision" is missing; write instead: decision: its number
law.yaml:6:43: "needs" cannot be "dfp"; write instead: dpf
law.yaml:6:48: unknown key "form"; write instead: from
law.yaml:6:73: "until": "2023-13-01" is not a day; write instead: year, month and day, such as 2027-01-01
law.yaml:8:5: "name" is missing; write instead: name: scc
law.yaml:9:53: this ends before it begins
law.yaml:10:1: unknown key "extra"; write instead: one of eea, adequacy, safeguards`
	if err := f.Err(); err == nil || err.Error() != want {
		t.Errorf("got\n%v", err)
	}
}

// FuzzReadLaw: whatever a law file says, it is a law or all its errors, and what it says
// nothing of is not allowed.
func FuzzReadLaw(f *testing.F) {
	data, err := os.ReadFile("law.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("eea: [{countries: [DK], source: x}]\nadequacy: []\nsafeguards: [{name: scc, until: 2020-01-01, source: x}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<14 {
			return
		}
		file := source.Parse("law.yaml", data)
		l := party.ReadLaw(file)
		at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
		for _, country := range []string{"DK", "US", "GB"} {
			_, why := l.Adequate(country, party.Safeguards(), party.Agreement{ID: "A"}, at)
			if why == "" && file.Err() == nil {
				t.Errorf("nothing says why %s is adequate or not", country)
			}
			l.Expiring(country, at)
		}
		if ok, _ := l.Adequate("ZZ", []string{"none"}, party.Agreement{}, at); ok {
			t.Error("a country that is none is adequate")
		}
	})
}
