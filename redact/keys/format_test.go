package keys

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"weir/redact/category"
)

// The file of another day, and of another version of weir, is read as it was meant.
func TestGoldenRingIsReadAndWrittenAsDocumented(t *testing.T) {
	golden, err := os.ReadFile("testdata/ring")
	if err != nil {
		t.Fatal(err)
	}
	var first, second, third secret
	for i := range first {
		first[i], second[i], third[i] = byte(i), byte(0x80+i), byte(0xff-i)
	}
	want := map[string]*lineage{
		"30d": {chains: []chain{{oldest: 20413, key: first}, {oldest: 20779, key: second, since: 1795352702}}},
		"7d":  {chains: []chain{{oldest: 20775, key: third}}},
	}
	epoch, found, err := decode(golden)
	if err != nil || epoch != day || len(found) != len(want) {
		t.Fatal(epoch, len(found), err)
	}
	for name, l := range want {
		if !found[name].equal(l) {
			t.Errorf("class %s is read as another", name)
		}
	}
	if !bytes.Equal(encode(day, want), golden) {
		t.Error("it is written in another way")
	}

	dir := folder(t)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/ring", golden, 0o400); err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1795352701, 0)
	r, err := Open(Config{Dir: dir, External: true, Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	k, err := r.Key("30d", time.Unix(20413*86400, 0), "www", category.Email)
	if err != nil || hexOf(k) != vectorKey {
		t.Error(err)
	}
	for w, vector := range map[Way]string{Deterministic: vectorDeterministic, Prefix: vectorPrefix} {
		if k, err := r.Encryption("30d", time.Unix(20413*86400, 0), "www", w); err != nil || hexOf(k) != vector {
			t.Errorf("%s: %v", w, err)
		}
	}
	if r.Epoch(at) != "2026-11-22" || r.Epoch(at.Add(time.Second)) != "2026-11-22T13:05:02Z" {
		t.Error(r.Epoch(at), r.Epoch(at.Add(time.Second)))
	}
}

func TestFormatIsDocumentedWithItsVectors(t *testing.T) {
	text, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{vectorNext, vectorKey, vectorDeterministic, vectorPrefix, labelNext, labelPseudonym, labelEncryption, ringName, newName, oldName, lockName} {
		if !strings.Contains(string(text), "`"+s+"`") && !strings.Contains(string(text), `"`+s+`"`) {
			t.Errorf("FORMAT.md lacks %s", s)
		}
	}
}
