package rewrite

import (
	"strings"
	"testing"
)

func TestWhatOnlyLooksLikeANumberIsNotWritten(t *testing.T) {
	e, _ := engine(t, own(t))
	for _, value := range []string{"203.0.113.77", "4111 1111 1111 1111", "4111111111111111", "4111,1111,1111,1111", "4111:1111:1111:1111", "0101901234", "010190-1234", "2412851234", "+4520304050", "+45 20 30 40 50", "45.20.30.40",
		"20-30-40-50", "1e2e3", ".5", "+", "0101,901234", "--1", "1 2", "12:"} {
		for _, name := range []string{"v", "line", "pid", "took", "size", "ts", "time"} {
			out, _ := copied(t, e, "jsonl", `{"`+name+`":"`+value+`"}`, 1)
			if strings.Contains(out, value) {
				t.Errorf("%s is written as %s", value, out)
			}
		}
		out, _ := copied(t, e, "common", `10.0.0.1 - - [22/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 `+value, 1)
		if strings.Contains(out, value) && len(value) > 2 {
			t.Errorf("%s is written as %s", value, out)
		}
	}
}

func TestNumbersStay(t *testing.T) {
	e, _ := engine(t, own(t))
	for _, value := range []string{"0", "200", "-1", "0.001", "0.001234567", "1.5e-05", "12345678", "734003200", "0.001, 0.002 : 0.003", "-, 12", "80:443"} {
		line := `{"size":"` + value + `"}`
		if out, _ := copied(t, e, "jsonl", line, 1); out != line {
			t.Errorf("%s became %s", line, out)
		}
	}
	for _, value := range []string{"1763805600", "1763805600.123", "1763805600123", "1763805600123456", "1763805600123456789"} {
		line := `{"ts":` + value + `}`
		if out, _ := copied(t, e, "jsonl", line, 1); out != line {
			t.Errorf("%s became %s", line, out)
		}
	}
}
