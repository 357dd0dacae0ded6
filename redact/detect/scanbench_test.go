package detect

import (
	"fmt"
	"strings"
	"testing"
)

// The texts of BenchmarkScan: about 16 KiB of each, made up, with nothing to find in
// the clean ones.
var benchTexts = []struct {
	name string
	text []byte
}{
	{"CleanProse", prose()}, {"CleanLog", cleanLog()}, {"CleanJSON", cleanJSON()}, {"Findings", withFindings()},
}

func prose() []byte {
	return []byte(strings.Repeat("The winter collection arrived early this year, and with it came the question of how much wool a jacket needs. "+
		"Most people prefer a light shell over a warm layer; others, who walk in the hills all day, want one coat that does everything. "+
		"We tried both in rain and wind, wrote down what we saw, and let three friends do the same.\n", 50))
}

func cleanLog() []byte {
	var b strings.Builder
	for i := range 70 {
		fmt.Fprintf(&b, `- - - [22/Nov/2026:10:%02d:%02d +0100] "GET /products/winter-jackets/blue?page=%d&sort=price HTTP/1.1" 200 %d "-" `+
			`"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36" 0.0%d`+"\n", i%60, i*7%60, i%9, 1000+i*37, i%9)
	}
	return []byte(b.String())
}

func cleanJSON() []byte {
	var b strings.Builder
	for i := range 110 {
		fmt.Fprintf(&b, `{"time":"2026-11-22T10:%02d:00Z","level":"info","msg":"order shipped","items":%d,"total":%d.50,"currency":"DKK","warehouse":"north","express":true}`+"\n", i%60, i%7, 100+i)
	}
	return []byte(b.String())
}

func withFindings() []byte {
	return []byte(strings.Repeat(`203.0.113.7 - anna@example.dk [22/Nov/2026:10:00:00 +0100] "GET /u?tlf=%2B4533123456 HTTP/1.1" 200 15 cpr 120385-0006, kort 4532 0151 1283 0366 DK50 0040 0440 1162 43 `+
		"6d92078a-8246-4ba4-ae5b-76104861e7dc\n", 12))
}

// BenchmarkScan measures texts as they come in bodies and in the logs of others.
func BenchmarkScan(b *testing.B) {
	for _, of := range benchTexts {
		b.Run(of.name, func(b *testing.B) {
			var s Scanner
			b.SetBytes(int64(len(of.text)))
			b.ReportAllocs()
			for b.Loop() {
				s.Scan(of.text)
			}
		})
	}
}

// TestBenchmarkTextsAreCleanWhereTheySaySo holds the benchmark to what it claims.
func TestBenchmarkTextsAreCleanWhereTheySaySo(t *testing.T) {
	var s Scanner
	for _, of := range benchTexts {
		findings, complete := s.Scan(of.text)
		if clean := len(findings) == 0; !complete || clean != strings.HasPrefix(of.name, "Clean") {
			t.Errorf("%s: %d findings, complete %v", of.name, len(findings), complete)
		}
	}
}
