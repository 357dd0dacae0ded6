package detect

import (
	"strings"
	"testing"

	"weir/redact/category"
)

func isOneCredential(t *testing.T, text, value string) {
	t.Helper()
	var s Scanner
	if found, _ := s.Scan([]byte(text)); len(found) != 1 || found[0].Category != category.Credentials || string(found[0].Value) != value {
		t.Errorf("%d findings in %s", len(found), text)
	}
}

func TestEveryIssuersKeysAreFound(t *testing.T) {
	letters := map[byte]string{'h': "1a9c3e5b7d20", 'u': "1QX7ZK3PWR", 'w': "1qX7zK3pWr", 't': "1qX7-zK3_pWr"}
	forms := 0
	for _, of := range secretForms {
		for _, f := range of {
			forms++
			for _, n := range []int{f.least, f.most} {
				key := f.prefix + strings.Repeat(letters[f.letters], n)[:n]
				isOneCredential(t, "with "+key+" it failed", key)
			}
		}
	}
	if want := len(strings.Fields(secretList)) / 3; forms != want {
		t.Errorf("%d forms of %d", forms, want)
	}
}

func TestKeysWithDotsAreFound(t *testing.T) {
	rest := strings.Repeat("1qX7zK3pWr", 10)
	for _, key := range []string{"hvs." + rest[:24], "hvs." + rest[:91], "hvb." + rest, "hvr." + rest, "ya29." + rest, "SG." + rest[:22] + "." + rest[:43]} {
		isOneCredential(t, "with "+key+" it failed", key)
	}
}
