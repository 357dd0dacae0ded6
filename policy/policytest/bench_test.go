package policytest

import (
	"fmt"
	"strings"
	"testing"
)

// thousand are as many cases as a large policy has.
func thousand() string {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "- name: case %d\n  given: {client: 203.0.113.77}\n  send: |\n    POST https://api.example/device/%d?email=anna%%40example.dk&page=%d\n    Content-Type: application/json\n\n", i, i, i%9)
		fmt.Fprintf(&b, "    {\"email\":\"anna@example.dk\",\"note\":\"of 203.0.113.9\"}\n  expect:\n    verdict: allow\n    entry: {client.address: 203.0.113.0, url.path: \"/device/{id}\"}\n    nowhere: [anna@example.dk]\n")
	}
	return b.String()
}

func BenchmarkReadAThousandCases(b *testing.B) {
	text := []byte(thousand())
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := ParseCases("cases.yaml", text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRunAThousandCases(b *testing.B) {
	s := suite(b, nordhost, thousand())
	b.ReportAllocs()
	for b.Loop() {
		for _, r := range s.Run() {
			if !r.Passed() {
				b.Fatal(r.Err, r.Differences)
			}
		}
	}
}
