package rewrite

import (
	"strconv"
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

// 151190-1234 is 15 November 2017 in seconds since 1970, and the number of somebody
// who was born on 15 November 1990.
func TestThePersonsNumberThatReadsAsATimeIsNone(t *testing.T) {
	e, _ := engine(t, own(t))
	valid := "" // with a check digit that holds
	for n := 1511900000; valid == "" && n < 1511901000; n++ {
		digits := strconv.Itoa(n)
		sum := 0
		for i, weight := range []int{4, 3, 2, 7, 6, 5, 4, 3, 2, 1} {
			sum += int(digits[i]-'0') * weight
		}
		if sum%11 == 0 {
			valid = digits
		}
	}
	for object, want := range map[string]string{
		`{"date":` + valid + `}`: `{"date":null}`, `{"t":"` + valid + `"}`: `{"t":""}`, `{"datetime":1511901234}`: `{"datetime":null}`,
		`{"time":` + valid + `}`: `{"time":null}`, `{"ts":` + valid + `}`: `{"ts":null}`, `{"timestamp":"` + valid + `"}`: `{"timestamp":""}`,
		`{"ts":` + valid + `.123}`: `{"ts":` + valid + `.123}`, `{"ts":` + valid + `000}`: `{"ts":` + valid + `000}`,
		`{"t":1763805600}`: `{"t":1763805600}`, `{"date":"2017-11-15"}`: `{"date":"2017-11-15"}`,
	} {
		if got, _ := copied(t, e, "jsonl", object, 1); got != want {
			t.Errorf("%s became %s", object, got)
		}
	}
}

func TestANumberOfMoreDigitsThanItsKindHasIsNone(t *testing.T) {
	e, _ := engine(t, own(t))
	for _, name := range []string{"pid", "line", "lineno", "v", "attempts", "server.port", "clientport", "remote_port", "tls.version"} {
		for _, value := range []string{"12345678", "20304050", "19901122"} {
			if got, _ := copied(t, e, "jsonl", `{"`+name+`":`+value+`}`, 1); got != `{"`+name+`":null}` {
				t.Errorf("%s: %s became %s", name, value, got)
			}
		}
		line := `{"` + name + `":443}`
		if got, _ := copied(t, e, "jsonl", line, 1); got != line {
			t.Errorf("%s became %s", line, got)
		}
	}
	if got, _ := copied(t, e, "syslog", "Nov 22 10:00:00 web1 sshd[20304050]: ok", 1); strings.Contains(got, "20304050") {
		t.Error(got)
	}
}
