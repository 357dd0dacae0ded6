package detect

import (
	"slices"
	"strings"
)

// The letters of names as they are written where only those of English are
// allowed: as two, by the rules of passports and national mail (ICAO Doc 9303 part
// 3 section 6), or without their signs.
var (
	inTwo = strings.NewReplacer("æ", "ae", "ø", "oe", "å", "aa", "ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "œ", "oe", "ñ", "n", "ç", "c",
		"á", "a", "à", "a", "â", "a", "ã", "a", "é", "e", "è", "e", "ê", "e", "ë", "e", "í", "i", "ì", "i", "î", "i", "ï", "i",
		"ó", "o", "ò", "o", "ô", "o", "õ", "o", "ú", "u", "ù", "u", "û", "u", "ý", "y",
		"ą", "a", "ć", "c", "ę", "e", "ł", "l", "ń", "n", "ś", "s", "ź", "z", "ż", "z", "š", "s", "ž", "z", "č", "c")
	unsigned = strings.NewReplacer("ø", "o", "å", "a", "ä", "a", "ö", "o", "ü", "u")
)

// respelled are the other spellings of a name with letters that are not in ASCII.
func respelled(name string) []string {
	if isASCII([]byte(name)) {
		return nil
	}
	two := inTwo.Replace(name)
	one := inTwo.Replace(unsigned.Replace(name))
	if one == two {
		return []string{two}
	}
	return []string{two, one}
}

// vocabulary makes what was read ready, before what other knows.
func (r *nameReader) vocabulary(other *Vocabulary) *Vocabulary {
	r.respell()
	v := r.made
	if other != nil {
		r.behind(&v, other)
	}
	v.entries, v.prefixes = slices.Clip(v.entries), slices.Clip(v.prefixes)
	v.index()
	return &v
}

// respell adds, of names with letters such as ø and é, what people write for them.
// A name that stands in the list means what it says there.
func (r *nameReader) respell() {
	for _, e := range slices.Clone(r.made.entries) {
		if e.category == 0 || e.match == spelled {
			continue
		}
		for _, spelling := range respelled(e.spelling) {
			folded := foldedName(spelling)
			if _, known := r.folded[folded]; known || len(folded) < leastRespelled {
				continue
			}
			r.folded[folded] = e.category
			e.spelling = spelling
			r.made.entries = append(r.made.entries, e)
		}
	}
}

// behind adds to v what other knows and the list that was read does not.
func (r *nameReader) behind(v *Vocabulary, other *Vocabulary) {
	number := make([]uint16, len(other.categories))
	for i, key := range other.categories {
		at := slices.Index(v.categories, key)
		if at < 0 {
			at = len(v.categories)
			v.categories = append(v.categories, key)
		}
		number[i] = uint16(at)
	}
	for _, e := range other.entries {
		_, same := r.lines[e.spelling]
		mine, known := r.folded[foldedName(e.spelling)]
		e.category = number[e.category]
		if same || known && mine != 0 && mine != e.category && e.category != 0 && e.match != spelled {
			continue
		}
		v.entries = append(v.entries, e)
	}
	for _, p := range other.prefixes {
		if _, same := r.lines[p.text+"*"]; !same {
			p.category = number[p.category]
			v.prefixes = append(v.prefixes, p)
		}
	}
	for word := range other.person {
		v.person[word] = true
	}
	for word := range other.after {
		v.after[word] = true
	}
}
