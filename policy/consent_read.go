package policy

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"weir/policy/source"
	"weir/redact/raw"
)

// consentHeader is the field that says of an exchange what the person behind it
// consented to: a list of purposes, each with given, refused or withdrawn, as in
//
//	x-weir-consent: analytics.reporting=given, marketing=withdrawn
const consentHeader = "x-weir-consent"

// Bounds of what is read of one source, in bytes, and of the sources.
const (
	maxConsentValue   = 8 << 10
	maxConsentSources = 32
	maxConsentMap     = 128
)

// consentSource is one entry of `consent.read`. One of header, cookie and tcf is set.
type consentSource struct {
	header string
	cookie string
	tcf    string
	words  map[string][]string // what a cookie calls them, by which of our purposes
}

// consents is the section `consent`.
type consents struct {
	sources  []consentSource
	gpc, dnt []string
	at       source.Pos
}

// token is a name of a cookie or a header (RFC 9110 section 5.6.2).
var token = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$")

func readConsent(n source.Node) consents {
	m := n.Map(source.Keys{Known: []string{"read", "gpc", "dnt"}})
	c := consents{at: n.Pos(), gpc: readUses(m.Get("gpc")), dnt: readUses(m.Get("dnt"))}
	for i, entry := range m.Get("read").List() {
		if i == maxConsentSources {
			entry.Refuse(fmt.Sprintf("there are more than %d sources", maxConsentSources), "")
			break
		}
		if s, ok := readConsentSource(entry); ok {
			c.sources = append(c.sources, s)
		}
	}
	return c
}

func readConsentSource(entry source.Node) (s consentSource, ok bool) {
	if entry.Is("text") {
		entry.Refuse("expected a source of consent, found text", "{header: x-weir-consent}, {cookie: NAME, map: {…}} or {tcf: euconsent-v2}")
		return s, false
	}
	m := entry.Map(source.Keys{Known: []string{"cookie", "header", "tcf", "map"}})
	var kinds []string
	for _, kind := range []string{"cookie", "header", "tcf"} {
		n := m.Get(kind)
		if !n.Exists() {
			continue
		}
		kinds = append(kinds, kind)
		if t := n.Word(); t.Value != "" && !token.MatchString(t.Value) {
			n.Refuse(fmt.Sprintf("%q is no name of a %s", cut(t.Value), strings.Replace(kind, "tcf", "cookie", 1)), "")
			return s, false
		}
	}
	if len(kinds) != 1 {
		if m.Node().Is("a mapping") {
			entry.Refuse("a source is one cookie, one header or one TCF cookie", "{header: x-weir-consent}, {cookie: NAME, map: {…}} or {tcf: euconsent-v2}")
		}
		return s, false
	}
	s.cookie, s.header, s.tcf = m.Get("cookie").Word().Value, strings.ToLower(m.Get("header").Word().Value), m.Get("tcf").Word().Value
	s.words = readConsentMap(m.Get("map"))
	switch {
	case s.cookie != "" && len(s.words) == 0 && !m.Get("map").Exists():
		entry.Refuse("nothing says what this cookie's words mean", "map: {statistics: analytics.reporting}")
	case s.header != "" && m.Get("map").Exists():
		m.Get("map").Refuse("this header names our purposes itself", "no map")
	case s.tcf != "":
		for word := range s.words {
			if !slices.Contains(tcfNumbers(), word) {
				m.Get("map").Refuse(fmt.Sprintf("%q is no purpose of the TCF", cut(word)), "1 to 24")
			}
		}
	}
	return s, s.cookie+s.header+s.tcf != ""
}

func readConsentMap(n source.Node) map[string][]string {
	out := make(map[string][]string)
	m := n.Entries()
	if m.Len() > maxConsentMap {
		n.Refuse(fmt.Sprintf("there are more than %d words", maxConsentMap), "")
		return out
	}
	for key, value := range m.All() {
		if value.Is("a list") {
			out[key.Text] = readUses(value)
		} else if u := readUse(value); u != "" {
			out[key.Text] = []string{u}
		}
	}
	return out
}

// readUses reads a list of data uses.
func readUses(n source.Node) []string {
	var out []string
	for _, e := range n.List() {
		if u := readUse(e); u != "" {
			out = append(out, u)
		}
	}
	return out
}

// readUse reads a data use, a purpose: checked by its form.
func readUse(n source.Node) string {
	t := n.Word()
	if t.Value != "" && !IsDataUse(t.Value) {
		n.Refuse(fmt.Sprintf("%q is no key of a data use", cut(t.Value)), "such as essential.service.security")
		return ""
	}
	return t.Value
}

// Consent is what a request says of the person's choices, by `consent.read`. Without
// that section it is what x-weir-consent and the signals say.
func (p *Policy) Consent(m *raw.Message) *Consent {
	return p.document.consents.of(m)
}

func (s *consents) of(m *raw.Message) *Consent {
	c := &Consent{GPC: hasField(m, "sec-gpc", "1"), DNT: hasField(m, "dnt", "1")}
	if c.GPC {
		c.refuse(s.gpc, "gpc")
	}
	if c.DNT {
		c.refuse(s.dnt, "dnt")
	}
	if s.at.Line == 0 {
		c.fromHeaders(m, consentHeader)
	}
	for _, src := range s.sources {
		switch {
		case src.header != "":
			c.fromHeaders(m, src.header)
		case src.cookie != "":
			cookies(m, src.cookie, func(value []byte) { c.fromCookie(value, src.words) })
		case src.tcf != "":
			cookies(m, src.tcf, func(value []byte) { c.fromTCF(value, src.words) })
			queries := pairs{message: m}
			if v, found := queries.lookup("gdpr_consent"); found {
				c.fromTCF([]byte(v.Value().(string)), src.words)
			}
		}
	}
	return c
}

func (c *Consent) refuse(purposes []string, from string) {
	for _, p := range purposes {
		c.refused = append(c.refused, refusal{p, from})
	}
}

// hasField reports whether a field line of that name is exactly value: of several one
// is enough (Global Privacy Control, section 3.2).
func hasField(m *raw.Message, name, value string) bool {
	for _, line := range m.Header {
		if m.Is(line, name) && string(m.Peek(line.Value)) == value {
			return true
		}
	}
	return false
}

// cookies calls yield for each cookie of that name, without percent escapes.
func cookies(m *raw.Message, name string, yield func(value []byte)) {
	for _, line := range m.Header {
		if !m.Is(line, "cookie") {
			continue
		}
		for pair := range strings.SplitSeq(string(m.Peek(line.Value)), ";") {
			key, value, _ := strings.Cut(pair, "=")
			value = strings.Trim(value, " \t")
			if strings.Trim(key, " \t") != name || len(value) > maxConsentValue {
				continue
			}
			for range 2 { // some encode twice
				if d, err := url.QueryUnescape(value); err == nil {
					value = d
				}
			}
			yield([]byte(value))
		}
	}
}

// fromHeaders reads lists of purposes. What is no purpose with a choice is not a choice.
func (c *Consent) fromHeaders(m *raw.Message, name string) {
	for _, line := range m.Header {
		value := m.Peek(line.Value)
		if !m.Is(line, name) || len(value) > maxConsentValue {
			continue
		}
		for item := range strings.SplitSeq(string(value), ",") {
			purpose, word, _ := strings.Cut(item, "=")
			purpose = strings.Trim(purpose, " \t")
			if choice, ok := ParseChoice(strings.Trim(word, " \t")); ok && IsDataUse(purpose) {
				c.Choose(purpose, choice, name)
			}
		}
	}
}
