package relay

import (
	"encoding/hex"
	"strings"
	"testing"

	"weir/redact/raw"
)

func TestOnlyAValidTraceparentNamesATrace(t *testing.T) {
	const id, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	for value, want := range map[string]string{
		"00-" + id + "-" + span + "-01":                      "sampled",
		"00-" + id + "-" + span + "-03":                      "sampled",
		"00-" + id + "-" + span + "-00":                      "not sampled",
		"01-" + id + "-" + span + "-01":                      "sampled",
		"01-" + id + "-" + span + "-01-more":                 "sampled",
		"01-" + id + "-" + span + "-01x":                     "invalid",
		"00-" + id + "-" + span + "-01-more":                 "invalid",
		"ff-" + id + "-" + span + "-01":                      "invalid",
		"00-" + strings.ToUpper(id) + "-" + span + "-01":     "invalid",
		"00-" + strings.Repeat("0", 32) + "-" + span + "-01": "invalid",
		"00-" + id + "-" + strings.Repeat("0", 16) + "-01":   "invalid",
		"00_" + id + "-" + span + "-01":                      "invalid",
		"00-" + id + "-" + span + "-0":                       "invalid",
		"00-" + id[1:] + "x-" + span + "-01":                 "invalid",
		"":                                                   "invalid",
	} {
		j := &journey{}
		m := &j.ex.Request
		m.Reset()
		m.Header = append(m.Header, raw.Pair{Name: m.AppendString("Traceparent"), Value: m.AppendString(value)})
		var got raw.Trace
		sampled, ok := j.parent(&got)
		told := map[[2]bool]string{{true, true}: "sampled", {false, true}: "not sampled", {false, false}: "invalid"}[[2]bool{sampled, ok}]
		if told != want || ok && (hex.EncodeToString(got.ID[:]) != id || hex.EncodeToString(got.Parent[:]) != span) {
			t.Errorf("%q is %q, want %q", value, told, want)
		}
		m.Header = append(m.Header, m.Header[0])
		if _, ok := j.parent(&got); ok {
			t.Errorf("%q twice is taken", value)
		}
	}
}
