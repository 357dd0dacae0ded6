package detect

import (
	"testing"

	"weir/redact/category"
)

// everyKind has one of each form.
const everyKind = "anna@example.dk 203.0.113.7 +45 33 12 34 56, 5e:2f:10:ab:cd:ef 4532015112830366 DK5000400440116243 120385-0006 GA1.2.1234567890.1700000000 " +
	"gclid=EAIaIQobChMI8pQ 6d92078a-8246-4ba4-ae5b-76104861e7dc AKIAIOSFODNN7EXAMPLE 55.676098,12.568337 født 12.03.1985"

func TestOnlyWhatIsAskedForIsFound(t *testing.T) {
	var s Scanner
	all, _ := s.Scan([]byte(everyKind))
	seen := map[category.Key]bool{}
	for _, f := range all {
		seen[f.Category] = true
	}
	for _, c := range kindCategories {
		if !seen[c] {
			t.Errorf("no %s among all", c)
		}
		set, err := NewSet(SetConfig{Categories: func(k category.Key) bool { return k == c }})
		if err != nil {
			t.Fatal(err)
		}
		s.Use(set)
		findings, complete := s.Scan([]byte(everyKind))
		if len(findings) == 0 || !complete {
			t.Errorf("%s: %d findings", c, len(findings))
		}
		for _, f := range findings {
			if f.Category != c {
				t.Errorf("%s asked for, %s found", c, f.Category)
			}
		}
	}
	none, err := NewSet(SetConfig{Categories: func(category.Key) bool { return false }})
	if err != nil {
		t.Fatal(err)
	}
	s.Use(none)
	if findings, _ := s.Scan([]byte(everyKind)); len(findings) != 0 {
		t.Errorf("%d findings that nobody asked for", len(findings))
	}
	s.Use(nil)
	if findings, _ := s.Scan([]byte(everyKind)); len(findings) != len(all) {
		t.Errorf("%d findings, before %d", len(findings), len(all))
	}
}

func TestNationalTelephoneNumbersAreThoseOfTheRegions(t *testing.T) {
	for _, of := range []struct {
		text   string
		region string
	}{
		{"33 12 34 56", "DK"}, {"070-123 45 67", "SE"}, {"412 34 567", "NO"}, {"030 90182000", "DE"}, {"06 12 34 56 78", "FR"}, {"612 345 678", "ES"}, {"020 7946 0958", "GB"},
	} {
		for _, region := range []string{of.region, "AD"} {
			set, err := NewSet(SetConfig{Regions: []string{region}})
			if err != nil {
				t.Fatal(err)
			}
			var s Scanner
			s.Use(set)
			findings, _ := s.Scan([]byte("a, " + of.text + ", b"))
			if want := region == of.region; want != (len(findings) == 1) || want && string(findings[0].Value) != of.text {
				t.Errorf("%s in %s: %d findings", of.text, region, len(findings))
			}
		}
	}
	if _, err := NewSet(SetConfig{Regions: []string{"XX"}}); err == nil {
		t.Error("XX is a region")
	}
}

func TestEveryRegionHasAPlan(t *testing.T) {
	all := Regions()
	if len(all) < 200 {
		t.Errorf("only %d regions", len(all))
	}
	for _, r := range all {
		p := plans[r]
		if p.code == 0 || p.lengths == 0 || p.has(0) || codes[p.code]&p.lengths != p.lengths {
			t.Errorf("%s: %+v", r, p)
		}
	}
}

func TestAStarAllowsNobodyElsesDataBesideAnAddress(t *testing.T) {
	for _, key := range []category.Key{category.Email, "user.contact"} {
		var l AllowList
		for _, value := range []string{"*@nordhost.example", "info@partner.example"} {
			if message, _ := l.Add(key, value); message != "" {
				t.Fatal(message)
			}
		}
		set, err := NewSet(SetConfig{Allowed: &l})
		if err != nil {
			t.Fatal(err)
		}
		var s Scanner
		s.Use(set)
		for text, allowed := range map[string]bool{
			"info@nordhost.example": true, "to info+12345@nordhost.example": true, "info%40nordhost.example": true, "shop=info@partner.example": true,
			"4111111111111111@nordhost.example": false, "+4512345678@nordhost.example": false, "DK5000400440116243@nordhost.example": false,
			"anna+231190-1234@nordhost.example": false, "bounce+anna=gmail.com@nordhost.example": false, "anna=x.dk@nordhost.example": false,
			"anna%x.dk@nordhost.example": false, "anna!x.dk@nordhost.example": false, "SRS0=ab=cd=x.dk=anna@nordhost.example": false,
			"bounce%2Banna%3Dgmail.com%40nordhost.example": false,
		} {
			if findings, _ := s.Scan([]byte(text)); (len(findings) == 0) != allowed {
				t.Errorf("%s: %d findings of %q", key, len(findings), text)
			}
		}
		shop := []byte("shop=info@partner.example")
		if n := testing.AllocsPerRun(10, func() { s.Scan(shop) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
}
