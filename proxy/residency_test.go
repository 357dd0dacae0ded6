package proxy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"weir/proxy"
)

func TestLogsOutsideTheResidencyAreRefused(t *testing.T) {
	const danish = policy + "residency: {countries: [DK]}\n"
	for name, c := range map[string]struct{ log, policy, want string }{
		"there":          {"{file: log, country: DK}", danish, ""},
		"here":           {"{file: log}", danish, ""},
		"elsewhere":      {"{file: log, country: US}", danish, "weir.yaml:3:7: this log is kept in US, and the policy's residency is DK; write instead: a log there"},
		"not said":       {"{otlp: \"https://127.0.0.1:4317\"}", danish, "weir.yaml:3:7: nothing says where this log is kept, and the policy's residency is DK; write instead: country: DK, or another"},
		"said":           {"{otlp: \"https://127.0.0.1:4317\", country: DK}", danish, ""},
		"wherever it is": {"{file: log, country: US}", policy, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range map[string]string{"weir.yaml": "service: www\npolicy: policy.yaml\nlog: [" + c.log + "]\nkeys: keys\nlisten: [{forward: \"127.0.0.1:0\"}]\n", "policy.yaml": c.policy} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cfg, err := proxy.ReadConfig(filepath.Join(dir, "weir.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if _, err := cfg.Check(); err != nil {
				got = strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestAPolicyIsNotTakenThatTheLogsGoAgainst(t *testing.T) {
	up := says(t, "hello")
	in := startWith(t, strings.Replace(head, "file: log", "file: log, country: SE", 1)+"listen: [{reverse: \"127.0.0.1:0\", to: \""+up.URL+"\"}]\n", policy)
	in.write("policy.yaml", policy+"residency: {countries: [DK]}\n")
	eventually(t, "refused", func() bool { return strings.Contains(in.said.String(), "this log is kept in SE") })
	in.write("policy.yaml", policy+"residency: {countries: [DK, SE]}\n")
	eventually(t, "reloaded", func() bool { return strings.Contains(in.said.String(), "policy_reloaded") })
}
