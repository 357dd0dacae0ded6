package detect

// Checksums are the names of those that a user's detector can ask for. All are of
// the digits in a match, in their order, the check digit last; other characters do
// not count:
//
//   - luhn: ISO/IEC 7812-1 annex B, as cards have it;
//   - mod11: weights 2 to 7 from the right, again and again, as Danish CVR and
//     Norwegian organisation and account numbers have it;
//   - mod11_10: ISO/IEC 7064 MOD 11,10, as German tax numbers have it;
//   - mod97: ISO/IEC 7064 MOD 97-10, two check digits;
//   - verhoeff: J. Verhoeff, Error Detecting Decimal Codes (1969).
func Checksums() []string { return []string{"luhn", "mod11", "mod11_10", "mod97", "verhoeff"} }

// checksumBy returns the checksum of that name, nil where there is none.
func checksumBy(name string) func([]byte) bool {
	switch name {
	case "luhn":
		return luhnOf
	case "mod11":
		return mod11Of
	case "mod11_10":
		return mod1110Of
	case "mod97":
		return mod97Of
	case "verhoeff":
		return verhoeffOf
	}
	return nil
}

func luhnOf(text []byte) bool {
	sum, n := 0, 0
	for i := len(text) - 1; i >= 0; i-- {
		if !isDigit(text[i]) {
			continue
		}
		d := int(text[i] - '0')
		if n%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
		n++
	}
	return n > 1 && sum%10 == 0
}

func mod11Of(text []byte) bool {
	sum, n := 0, 0
	for i := len(text) - 1; i >= 0; i-- {
		if !isDigit(text[i]) {
			continue
		}
		weight := 1
		if n > 0 {
			weight = 2 + (n-1)%6
		}
		sum += weight * int(text[i]-'0')
		n++
	}
	return n > 1 && sum%11 == 0
}

func mod1110Of(text []byte) bool {
	product, n, last := 10, 0, 0
	for _, c := range text {
		if !isDigit(c) {
			continue
		}
		if n > 0 {
			if product = (product + last) % 10; product == 0 {
				product = 10
			}
			product = product * 2 % 11
		}
		last = int(c - '0')
		n++
	}
	return n > 1 && (product+last)%10 == 1
}

func mod97Of(text []byte) bool {
	rest, n := 0, 0
	for _, c := range text {
		if isDigit(c) {
			rest = (rest*10 + int(c-'0')) % 97
			n++
		}
	}
	return n > 2 && rest == 1
}

// The dihedral group of ten elements, and the permutation of the digits that
// Verhoeff's check makes again at each place.
var (
	dihedral = func() (t [10][10]uint8) {
		for a := range 10 {
			for b := range 10 {
				switch {
				case a < 5 && b < 5:
					t[a][b] = uint8((a + b) % 5)
				case a < 5:
					t[a][b] = uint8(5 + (a+b-5)%5)
				case b < 5:
					t[a][b] = uint8(5 + (a-5-b+5)%5)
				default:
					t[a][b] = uint8((a - b + 5) % 5)
				}
			}
		}
		return t
	}()
	verhoeffStep = [10]uint8{1, 5, 7, 6, 2, 8, 3, 0, 9, 4}
)

func verhoeffOf(text []byte) bool {
	check, n := uint8(0), 0
	for i := len(text) - 1; i >= 0; i-- {
		if !isDigit(text[i]) {
			continue
		}
		d := text[i] - '0'
		for range n % 8 {
			d = verhoeffStep[d]
		}
		check = dihedral[check][d]
		n++
	}
	return n > 1 && check == 0
}
