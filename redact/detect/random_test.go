package detect

import (
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"testing"
)

// TestRandomTokensHardlyEverHoldAnything: session identifiers are random, and
// a finding in one in a thousand would be noise in every log.
func TestRandomTokensHardlyEverHoldAnything(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	var s Scanner
	for name, write := range map[string]func([]byte) string{
		"base64": base64.StdEncoding.EncodeToString, "base64url": base64.RawURLEncoding.EncodeToString, "hexadecimal": hex.EncodeToString,
		"alphanumeric": func(b []byte) string {
			const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			for i := range b {
				b[i] = letters[int(b[i])%len(letters)]
			}
			return string(b)
		},
	} {
		const tokens = 40_000
		found := 0
		for range tokens {
			b := make([]byte, 16+r.IntN(48))
			for i := range b {
				b[i] = byte(r.Uint32())
			}
			text := write(b)
			findings, complete := s.Scan([]byte(text))
			if !complete {
				t.Fatalf("%s: not complete", text)
			}
			if len(findings) > 0 {
				t.Logf("%s: %s: %q at %d", name, text, findings[0].Value, findings[0].Confidence)
				found++
			}
		}
		if found > tokens/10_000 {
			t.Errorf("%s: %d of %d", name, found, tokens)
		}
	}
}
