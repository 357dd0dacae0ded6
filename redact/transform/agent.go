package transform

import (
	"bytes"
	"hash/maphash"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/mileusna/useragent"
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
	// What client hints name, and the parser does not.
	{"", "Brave"}, {"", "Chromium"}, {"", "Android WebView"}, {"", "Opera GX"}, {"", "Yandex"},
	{"", "Android"}, {"", "Chrome OS"}, {"", "iOS"}, {"", "Linux"}, {"", "macOS"}, {"", "Windows"},
}

// maxAgent is the longest header that is parsed, in bytes.
const maxAgent = 512

// Agent is the family and the major version of a user agent. The zero Agent is
// of no family that may be written.
type Agent struct {
	family  uint8
	version uint16 // and one; 0 is none
}

// Family is the family's name, empty where it is none of the closed list.
func (a Agent) Family() Clean { return Literal(families[a.family].written) }

// Version is the major version; ok is false where there is none.
func (a Agent) Version() (major int, ok bool) { return int(a.version) - 1, a.version != 0 }

// append appends the family and the major version: "Firefox 145".
func (a Agent) append(dst []byte) ([]byte, bool) {
	dst = append(dst, families[a.family].written...)
	if major, ok := a.Version(); ok {
		dst = strconv.AppendInt(append(dst, ' '), int64(major), 10)
	}
	return dst, a.family != 0
}

// Agents remembers what was read in user agents: for a hash of the header the
// family and the major version, never the text. It is direct-mapped and of
// fixed size, so that nobody can make it grow. It is safe for concurrent use.
type Agents struct {
	seed  maphash.Seed
	slots []atomic.Uint64
}

// A slot is 40 bits of the hash, 8 of the family, 16 of the version; 0 is empty.
const (
	agentSlots = 4096
	tagBits    = 24
	agentSeen  = 1 << 15 // in the version: the slot holds an answer
)

// NewAgents makes Agents that remember nothing yet.
func NewAgents() *Agents {
	return &Agents{maphash.MakeSeed(), make([]atomic.Uint64, agentSlots)}
}

// Find is the family and the major version of a user agent, or of the brands or
// the platform in a client hint. A nil Agents remembers none.
func (a *Agents) Find(header []byte) Agent {
	if a == nil {
		return parseAgent(header)
	}
	h := maphash.Bytes(a.seed, header)
	slot, tag := &a.slots[h%agentSlots], h&^(1<<tagBits-1)
	if v := slot.Load(); v&^(1<<tagBits-1) == tag && v&agentSeen != 0 {
		return Agent{uint8(v >> 16), uint16(v) &^ agentSeen}
	}
	found := parseAgent(header)
	slot.Store(tag | uint64(found.family)<<16 | agentSeen | uint64(found.version))
	return found
}

// parseAgent reads a user agent. Whatever the parser makes of hostile text, no
// family is the answer where the list does not have it.
func parseAgent(header []byte) (found Agent) {
	defer func() {
		if recover() != nil {
			found = Agent{}
		}
	}()
	if len(header) > maxAgent {
		return Agent{}
	}
	if bytes.HasPrefix(header, []byte{'"'}) {
		return parseBrands(header)
	}
	if found, ok := parseWritten(header); ok {
		return found
	}
	ua := useragent.Parse(string(header))
	for i, f := range families {
		if f.parsed != "" && strings.EqualFold(ua.Name, f.parsed) {
			return Agent{uint8(i), major(ua.Version)}
		}
	}
	return Agent{}
}

// parseWritten reads what append writes.
func parseWritten(text []byte) (Agent, bool) {
	for i, f := range families {
		rest, ok := bytes.CutPrefix(text, []byte(f.written))
		if !ok || i == 0 {
			continue
		}
		if len(rest) == 0 {
			return Agent{uint8(i), 0}, true
		}
		if version := major(string(rest[1:])); rest[0] == ' ' && version != 0 && digits(rest[1:]) == len(rest)-1 {
			return Agent{uint8(i), version}, true
		}
	}
	return Agent{}, false
}

// brands are the names in client hints that are unlike those in the list.
var brands = map[string]string{
	"Google Chrome": "Chrome", "Microsoft Edge": "Edge", "HeadlessChrome": "Headless Chrome", "YaBrowser": "Yandex",
	"Microsoft Edge WebView2": "Edge", "Chromium OS": "Chrome OS", "Mac OS X": "macOS",
}

// parseBrands reads the brands of Sec-CH-UA or Sec-CH-UA-Full-Version-List, or
// the platform of Sec-CH-UA-Platform (User-Agent Client Hints, section 3; strings
// are those of RFC 8941). Chromium is the answer where nothing is built on it.
func parseBrands(list []byte) (found Agent) {
	for len(list) > 0 && list[0] == '"' {
		end := bytes.IndexByte(list[1:], '"')
		if end < 0 {
			break
		}
		name := string(list[1 : 1+end])
		list = list[end+2:]
		version := uint16(0)
		if v, ok := bytes.CutPrefix(list, []byte(`;v="`)); ok {
			if end = bytes.IndexByte(v, '"'); end < 0 {
				break
			}
			version, list = major(string(v[:end])), v[end+1:]
		}
		if other, ok := brands[name]; ok {
			name = other
		}
		for i, f := range families {
			if i > 0 && f.written == name && (found.family == 0 || families[found.family].written == "Chromium") {
				found = Agent{uint8(i), version}
			}
		}
		list = bytes.TrimLeft(list, ", ")
	}
	return found
}

// major reads the first number of a version, of at most four digits, and adds
// one to it; 0 is none.
func major(version string) uint16 {
	n, digits := 0, 0
	for ; digits < len(version) && '0' <= version[digits] && version[digits] <= '9'; digits++ {
		if digits == 4 {
			return 0
		}
		n = n*10 + int(version[digits]-'0')
	}
	if digits == 0 || digits < len(version) && version[digits] != '.' {
		return 0
	}
	return uint16(n) + 1
}
