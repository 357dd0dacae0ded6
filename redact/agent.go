package redact

import (
	"hash/maphash"
	"strings"
	"sync/atomic"

	"github.com/mileusna/useragent"

	"weir/redact/transform"
)

// families are the user agents that are written: the name that the parser has
// for each, and ours. The parser returns what it does not know as it stands, so
// that nothing but this list may pass. The first is none.
var families = [...]struct{ parsed, written string }{
	{},
	{useragent.Firefox, "Firefox"}, {useragent.Chrome, "Chrome"}, {useragent.Edge, "Edge"},
	{useragent.Safari, "Safari"}, {useragent.MobileSafari, "Safari"}, {useragent.Opera, "Opera"},
	{useragent.OperaMini, "Opera Mini"}, {useragent.OperaTouch, "Opera Touch"}, {useragent.SamsungBrowser, "Samsung Internet"},
	{useragent.Vivaldi, "Vivaldi"}, {useragent.InternetExplorer, "Internet Explorer"}, {useragent.HeadlessChrome, "Headless Chrome"},
	{useragent.Googlebot, "Googlebot"}, {useragent.GoogleAdsBot, "Google Ads Bot"}, {useragent.Bingbot, "bingbot"},
	{useragent.Applebot, "Applebot"}, {useragent.YandexBot, "YandexBot"}, {useragent.Twitterbot, "Twitterbot"},
	{useragent.FacebookExternalHit, "facebookexternalhit"}, {useragent.FacebookApp, "Facebook App"},
	{useragent.InstagramApp, "Instagram App"}, {useragent.TiktokApp, "TikTok App"},
	{"curl", "curl"}, {"Wget", "Wget"}, {"Go-http-client", "Go-http-client"}, {"python-requests", "python-requests"},
	{"Python-urllib", "Python-urllib"}, {"aiohttp", "aiohttp"}, {"okhttp", "okhttp"}, {"axios", "axios"},
	{"node-fetch", "node-fetch"}, {"undici", "undici"}, {"Bun", "Bun"}, {"Deno", "Deno"}, {"Java", "Java"},
	{"Apache-HttpClient", "Apache-HttpClient"}, {"PostmanRuntime", "PostmanRuntime"}, {"HTTPie", "HTTPie"}, {"Dart", "Dart"},
	{"Ruby", "Ruby"}, {"GuzzleHttp", "GuzzleHttp"}, {"DuckDuckBot", "DuckDuckBot"}, {"Slackbot", "Slackbot"},
	{"LinkedInBot", "LinkedInBot"}, {"AhrefsBot", "AhrefsBot"}, {"SemrushBot", "SemrushBot"},
	{"kube-probe", "kube-probe"}, {"ELB-HealthChecker", "ELB-HealthChecker"}, {"Prometheus", "Prometheus"},
}

// maxAgent is the longest header that is parsed, in bytes.
const maxAgent = 512

// agents remembers what was read in user agents: for a hash of the header the
// family and the major version, never the text. It is direct-mapped and of
// fixed size, so that nobody can make it grow.
type agents struct {
	seed  maphash.Seed
	slots []atomic.Uint64
}

// A slot is 40 bits of the hash, 8 of the family, 16 of the version; 0 is empty.
const (
	agentSlots = 4096
	tagBits    = 24
	agentSeen  = 1 << 15 // in the version: the slot holds an answer
	noVersion  = agentSeen - 1
)

func newAgents() agents {
	return agents{maphash.MakeSeed(), make([]atomic.Uint64, agentSlots)}
}

// find is the family and the major version of a user agent, as a slot holds them.
func (a *agents) find(header []byte) (family uint8, version uint16) {
	h := maphash.Bytes(a.seed, header)
	slot, tag := &a.slots[h%agentSlots], h&^(1<<tagBits-1)
	if v := slot.Load(); v&^(1<<tagBits-1) == tag && v&agentSeen != 0 {
		return uint8(v >> 16), uint16(v) &^ agentSeen
	}
	family, version = parseAgent(header)
	slot.Store(tag | uint64(family)<<16 | agentSeen | uint64(version))
	return family, version
}

// parseAgent reads a user agent. Whatever the parser makes of hostile text,
// family 0 is the answer where the list does not have it.
func parseAgent(header []byte) (family uint8, version uint16) {
	version = noVersion
	defer func() {
		if recover() != nil {
			family, version = 0, noVersion
		}
	}()
	if len(header) > maxAgent {
		return 0, noVersion
	}
	ua := useragent.Parse(string(header))
	for i := 1; i < len(families); i++ {
		if strings.EqualFold(ua.Name, families[i].parsed) {
			return uint8(i), major(ua.Version)
		}
	}
	return 0, noVersion
}

// major reads the first number of a version, of at most four digits.
func major(version string) uint16 {
	n, digits := 0, 0
	for ; digits < len(version) && '0' <= version[digits] && version[digits] <= '9'; digits++ {
		if digits == 4 {
			return noVersion
		}
		n = n*10 + int(version[digits]-'0')
	}
	if digits == 0 || digits < len(version) && version[digits] != '.' {
		return noVersion
	}
	return uint16(n)
}

// agent writes the family and the major version of a user agent.
func (s *state) agent(header []byte) {
	family, version := s.engine.agents.find(header)
	if family == 0 {
		return
	}
	s.entry.AgentName = transform.Literal(families[family].written)
	if version != noVersion {
		s.maker.Open(transform.Plain)
		s.maker.Number(int(version))
		s.entry.AgentVersion = s.maker.Close()
	}
}

func isUserAgent(name []byte) bool {
	const lower = "user-agent"
	if len(name) != len(lower) {
		return false
	}
	for i, c := range name {
		if c|0x20 != lower[i] && c != lower[i] {
			return false
		}
	}
	return true
}
