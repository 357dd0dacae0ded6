package transform

import (
	"testing"

	"weir/redact/category"
)

// Each has 203.0.113.77 in it, that is cb00:714d, or 34ff:8eb2 inverted.
func TestTruncateLeavesNoMoreOfAnIPv4AddressWithinOneOfIPv6(t *testing.T) {
	m := maker(t, nil)
	for _, c := range []struct {
		v4, v6     int
		text, want string
	}{
		{24, 48, "2002:cb00:714d::5", "2002:cb00:7100::"},
		{16, 64, "2002:cb00:714d:1::5", "2002:cb00::"},
		{24, 32, "2002:cb00:714d::5", "2002:cb00::"},
		{32, 48, "2002:cb00:714d::5", "2002:cb00:714d::"},
		{24, 48, "2001:0:4136:e378:8000:63bf:34ff:8eb2", "2001:0:4136::"},
		{24, 128, "2001:0:4136:e378:8000:63bf:34ff:8eb2", "2001:0:4136:e378:8000:63bf:34ff:8e00"},
		{24, 48, "64:ff9b::203.0.113.77", "64:ff9b::"},
		{24, 128, "64:ff9b::203.0.113.77", "64:ff9b::cb00:7100"},
		{24, 48, "64:ff9b:1::203.0.113.77", "64:ff9b:1::"},
		{24, 96, "64:ff9b:1:cb00:71:4d00::", "64:ff9b:1:cb00::"},
		{24, 128, "::ffff:203.0.113.77", "203.0.113.0"},
		{24, 128, "::ffff:0:203.0.113.77", "::ffff:0:cb00:7100"},
		{24, 48, "::203.0.113.77", "::"},
		{24, 128, "::203.0.113.77", "::cb00:7100"},
		{24, 48, "2001:db8:1:2:0:5efe:203.0.113.77", "2001:db8:1::"},
		{24, 128, "2001:db8:1:2:0:5efe:203.0.113.77", "2001:db8:1:2:0:5efe:cb00:7100"},
		{24, 128, "fe80::200:5efe:203.0.113.77", "fe80::200:5efe:cb00:7100"},
		{24, 128, "2001:db8:1:2::9", "2001:db8:1:2::9"},
	} {
		tr := must(Truncate(c.v4, c.v6))
		got, _ := done(m, tr, category.IPAddress, c.text)
		if got != c.want {
			t.Errorf("%v of %s is %s, want %s", tr, c.text, got, c.want)
		}
		if again, _ := done(m, tr, category.IPAddress, got); again != got {
			t.Errorf("%v is not idempotent: %s, then %s", tr, got, again)
		}
		if s := sourceOf(tr); !s.Yields([]byte(got)) || got != c.text && s.Yields([]byte(c.text)) {
			t.Errorf("%v yields %s, or not %s", tr, c.text, got)
		}
	}
}
