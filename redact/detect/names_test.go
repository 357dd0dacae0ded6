package detect

import (
	"testing"
)

func TestVocabularyReads(t *testing.T) {
	n := 0
	for range Names {
		n++
	}
	t.Log(n)
}
