package detect

import (
	"strings"
	"testing"
	"unicode"
)

func TestCommonWordsMayBeWritten(t *testing.T) {
	for word := range strings.FieldsSeq("api v1 v2 login logout account cart checkout products orders search static assets css js images health healthz metrics device users .well-known " +
		"kontakt om produkter kurv betaling log-ind app.js style.css app.min.js favicon.ico robots.txt sitemap.xml index.html security.txt da en min-konto") {
		if !Word([]byte(word)) {
			t.Errorf("%s is not known", word)
		}
	}
}

func TestOtherSegmentsMayNot(t *testing.T) {
	for word := range strings.FieldsSeq("anna jensen anna.js anna.jensen 42 12345 8f14e45f Login LOGIN app.exe .js app. app.min .env app.anna.js .min.js login@ a b x1 2024 copenhagen københavn aarhus " +
		"mark grace will may june april hope rose frank art bob bill faith joy summer jack iris pat sue rob dan eva ida liv bo per kim kai tom ann mia ella emma freja alma hansen nielsen paris london") {
		if Word([]byte(word)) {
			t.Errorf("%s is known", word)
		}
	}
	if Word(nil) || Word([]byte{}) {
		t.Error("the empty segment is known")
	}
}

func TestWordsAreLowerCaseAndShort(t *testing.T) {
	for word := range commonWords {
		if len(word) > 32 || strings.ContainsFunc(word, func(r rune) bool { return unicode.IsUpper(r) || unicode.IsSpace(r) || r == '/' || r == '%' }) {
			t.Error(word)
		}
		digits := strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return r
			}
			return -1
		}, word)
		if len(digits) > 2 && !strings.HasPrefix(word, "favicon") {
			t.Errorf("%s has a number", word)
		}
	}
	if len(commonWords) < 600 {
		t.Errorf("only %d words", len(commonWords))
	}
}
