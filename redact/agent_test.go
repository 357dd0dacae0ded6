package redact

import (
	"strings"
	"testing"
)

func TestUserAgentsAreWrittenByFamilyAndMajorVersion(t *testing.T) {
	b := newBed(t, newPolicy(nil))
	for header, want := range map[string][2]any{
		"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0":                                                                           {"Firefox", "145"},
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36":                                  {"Chrome", "142"},
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.1":                      {"Edge", "142"},
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15":                            {"Safari", "18"},
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1":          {"Safari", "18"},
		"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 OPR/115.0.0.0":                                {"Opera", "115"},
		"Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36":       {"Samsung Internet", "27"},
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)":                                                                         {"Googlebot", "2"},
		"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36": {"bingbot", "2"},
		"curl/8.5.0":              {"curl", "8"},
		"Wget/1.21.4":             {"Wget", "1"},
		"Go-http-client/1.1":      {"Go-http-client", "1"},
		"Go-http-client/2.0":      {"Go-http-client", "2"},
		"python-requests/2.32.3":  {"python-requests", "2"},
		"okhttp/4.12.0":           {"okhttp", "4"},
		"PostmanRuntime/7.42.0":   {"PostmanRuntime", "7"},
		"kube-probe/1.31":         {"kube-probe", "1"},
		"anna.jensen@example.dk":  {nil, nil},
		"AnnaBrowser/5.0":         {nil, nil},
		"curl/12345678":           {"curl", nil},
		"curl/anna":               {"curl", nil},
		"curl/8anna.1":            {"curl", nil},
		"":                        {nil, nil},
		strings.Repeat("a", 2000): {nil, nil},
		"Firefox/anna@example.dk": {"Firefox", nil},
	} {
		for range 2 { // parsed, then remembered
			e := b.run(t, request("GET / HTTP\nUser-Agent: "+header, ""))
			if e["user_agent.name"] != want[0] || e["user_agent.version"] != want[1] {
				t.Errorf("%s is %v %v", header, e["user_agent.name"], e["user_agent.version"])
			}
		}
	}
	without(t, b, "anna", "Anna")
}
