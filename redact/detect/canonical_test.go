package detect

import (
	"bytes"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"weir/redact/category"
)

func TestCanonicalVectorsHold(t *testing.T) {
	b, err := os.ReadFile("testdata/canonical.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(b)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || len(f) != 3 && len(f) != 4 {
			continue
		}
		canonical := Canonical
		if len(f) == 4 {
			set, err := NewSet(SetConfig{Regions: strings.Fields(f[3])})
			if err != nil {
				t.Fatal(err)
			}
			s := new(Scanner)
			s.Use(set)
			canonical = s.Canonical
		}
		want := []byte(f[2])
		if digits := strings.ReplaceAll(f[2], `\x`, ""); digits != f[2] {
			if want, err = hex.DecodeString(digits); err != nil {
				t.Fatal(err)
			}
		}
		got := canonical([]byte("before"), category.Key(f[0]), []byte(f[1]))
		if string(got) != "before"+string(want) {
			t.Errorf("%s %q: %q, want %q", f[0], f[1], got[6:], want)
		}
		n++
	}
	if n < 100 {
		t.Errorf("only %d vectors", n)
	}
}

func TestCanonicalOfPlainValuesAllocatesNothing(t *testing.T) {
	dst := make([]byte, 0, 128)
	for c, value := range map[category.Key]string{
		category.CreditCard: "4111 1111 1111 1111", category.DeviceID: "00-1A-2B-3C-4D-5E", category.UniqueID: "{6BA7B810-9DAD-11D1-80B4-00C04FD430C8}",
		category.Email: "Anna%40Example.dk", category.IPAddress: "[2001:db8::17]:4711", category.PhoneNumber: "+45 12345678", "user.name": "Anna Jensen",
	} {
		v := []byte(value)
		if n := testing.AllocsPerRun(20, func() { Canonical(dst, c, v) }); n != 0 {
			t.Errorf("%s: %v allocations", c, n)
		}
	}
}

func FuzzCanonical(f *testing.F) {
	for _, v := range []string{
		"anna@example.dk", "ANNA%2540example.dk", "%25252525", "%%4141", "％41", "İ@İ.example", "ß@ß.dk", "a@-x", "mailto:<a>", "<mailto:a@b.dk>", "+45 (0) 12", "00", "+", "0045",
		"ﷺ", "\u0344", "e\u0301\u0323", "\xff%41", "203.0.113.7", "a@\u2488com", "mailto:mailto:a@b", "<<a@b>>", "a@b..", " . ", "\u2000a@b\u3000.",
		"4111-1111 1111.1111", "DK50 0040 0440 1162 43", "131052+308T", "22-11-1990", "659232000", "3/4/1990", "AA-bb-CC-dd-EE-ff", "001a.2B3c.4d5e", "GA1.2.1.2",
		"{6BA7B810-9DAD-11D1-80B4-00C04FD430C8}", "URN:UUID:6ba7b810-9dad-11d1-80b4-00c04fd430c8", "12345678", "012345678",
	} {
		for i := range 9 {
			f.Add(uint8(i), []byte(v))
		}
	}
	categories := []category.Key{category.Email, category.PhoneNumber, "user.name", category.Remainder,
		category.CreditCard, category.BankAccount, category.NationalNumber, category.DateOfBirth, category.UniqueID}
	f.Fuzz(func(t *testing.T, c uint8, value []byte) {
		key := categories[int(c)%len(categories)]
		once := Canonical(nil, key, value)
		if twice := Canonical(nil, key, once); !bytes.Equal(once, twice) {
			t.Errorf("%s of %q: %q, then %q", key, value, once, twice)
		}
		Canonical(nil, category.IPAddress, value)
		s := new(Scanner)
		if once = s.Canonical(nil, key, value); !bytes.Equal(once, s.Canonical(nil, key, once)) {
			t.Errorf("%s of %q in Denmark: %q is not stable", key, value, once)
		}
	})
}

// Full-width signs of percent in one another: each layer comes to light only when
// the one above it is undone.
func TestLayersWithoutEndAreNotUndone(t *testing.T) {
	sign, changed := "％", 0
	for layer := range 3 * maxRounds {
		value := "a" + sign + "40b.dk"
		got := string(Canonical(nil, category.Email, []byte(value)))
		if layer < maxRounds && got != "a@b.dk" || layer > maxRounds && got != value {
			t.Fatalf("%d layers: %q is %q", layer, value, got)
		}
		if again := string(Canonical(nil, category.Email, []byte(got))); again != got {
			t.Fatalf("%d layers: %q is not stable: %q", layer, got, again)
		}
		if got != value {
			changed++
		}
		sign += "EF％BC％85"
	}
	if changed < maxRounds {
		t.Errorf("%d of them are undone", changed)
	}
}
