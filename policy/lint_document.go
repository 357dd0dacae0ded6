package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"weir/policy/party"
)

// subjectMatter is something that documents speak of, in English and in the Nordic
// countries' languages and German, and what of a policy answers it.
type subjectMatter struct {
	topic    string
	says     string // in a message
	spoken   *regexp.Regexp
	instead  string
	answered func(*Policy) bool
}

// matters are what the lint looks for in the document.
func matters() []subjectMatter {
	return []subjectMatter{
		{"consent", "consent", regexp.MustCompile(`(?i)\bconsent|\bsamtykke|\bsamtyck|\beinwilligung`), "consent: {read: […]}, or a promise with topic: consent",
			func(p *Policy) bool { return p.document.consents.at.Line > 0 }},
		{"cookies", "cookies", regexp.MustCompile(`(?i)\bcookies?\b`), "cookies, a rule of respond, or a promise with topic: cookies",
			func(p *Policy) bool { return len(p.document.judging.cookies.all) > 0 || len(p.respond.all) > 0 }},
		{"do_not_track", "Do Not Track or Global Privacy Control", regexp.MustCompile(`(?i)do.not.track|\bDNT\b|global privacy control|\bGPC\b`), "consent: {gpc: […], dnt: […]}, or a promise with topic: do_not_track",
			func(p *Policy) bool { return len(p.document.consents.gpc)+len(p.document.consents.dnt) > 0 }},
		{"erasure", "erasure at somebody's wish", regexp.MustCompile(`(?i)\berasure\b|right to (be forgotten|delet\w+)|request.{0,60}\b(delet|eras)|\b(delete|deletion of|erase|remove) (all )?your\b|anmod.{0,60}\bslet|\bslette? din[e]?\b|ret til .{0,40}slet|(rätt|begär).{0,60}rader|(recht auf|ihrer|deiner).{0,30}lösch`), "subjects, a rule of retain with .erasure(), or a promise with topic: erasure",
			func(p *Policy) bool {
				return len(p.subjects) > 0 || slices.ContainsFunc(p.retains.rules, func(r *retainRule) bool { return r.ground == erasure })
			}},
		{"marketing", "marketing or advertising", regexp.MustCompile(`(?i)\bmarketing|\badvertis|\bmarkedsføring|\breklame|\bmarknadsföring|\bwerbung`), "a use or a cookie with such a purpose, or a promise with topic: marketing or advertising",
			func(p *Policy) bool { return p.names("marketing") }},
		{"retention", "how long data is kept", regexp.MustCompile(`(?i)\bretention|\bretain|\bkept (for|until|as long)|\bstore[sd]? .{0,40}as long|\bopbevar|\blagr(as|ing)|\bspeicherdauer`), "a rule of retain, or a promise with topic: retention or logs",
			func(p *Policy) bool { return len(p.retains.all) > 0 }},
		{"transfers", "transfers to other countries", regexp.MustCompile(`(?i)third countr|outside (of )?the (EU|EEA|European)|standard contract|privacy shield|tredjeland|tredje land|drittl[aä]nd`), "a rule about party.adequate, or a promise with topic: transfers",
			func(p *Policy) bool {
				return slices.ContainsFunc(p.egress.all, func(c *clause) bool { return c.when.reads&readsLaw != 0 })
			}},
	}
}

// names reports whether a use or a cookie is declared for a purpose or one below it.
func (p *Policy) names(purpose string) bool {
	below := func(u string) bool { return belowUse(u, purpose) }
	for _, to := range p.parties.Parties() {
		if slices.ContainsFunc(to.Uses, func(u party.Use) bool { return slices.ContainsFunc(u.Purposes, below) }) {
			return true
		}
	}
	return slices.ContainsFunc(p.document.judging.cookies.all, func(c *cookie) bool { return slices.ContainsFunc(c.purposes, below) })
}

// others are topics of promises that answer for a matter beside its own.
var others = map[string][]string{"marketing": {"advertising"}, "retention": {"logs"}}

// logsKept finds a sentence on how long logs are kept.
var logsKept = regexp.MustCompile(`(?i)\blog(s|ged|ging|files?)?\b|\blogges|\bIP.addresse?[sr]?\b`)

// document tells of what the document speaks of and the policy does not, and the other way.
func (l *lint) document() {
	d := l.policy.document
	if d.prose.path == "" {
		return
	}
	topics := make(map[string]bool)
	for _, p := range d.promises {
		topics[p.topic] = true
	}
	for _, m := range matters() {
		line := d.prose.line(m.spoken)
		if line == 0 || topics[m.topic] || slices.ContainsFunc(others[m.topic], func(t string) bool { return topics[t] }) || m.answered(l.policy) {
			continue
		}
		l.about = "document." + m.topic
		l.say("topic-silent", d.prose.at, fmt.Sprintf("%s speaks of %s in line %d, and nothing here does", d.prose.path, m.says, line), m.instead)
	}
	l.about = "document.logs"
	if d.redacts && !d.prose.keepsLogs() {
		l.say("document-silent", d.prose.at, fmt.Sprintf("%s does not say how long logs are kept, which is %s at most: Art. 13(2)(a) GDPR", d.prose.path, l.longest()), "a sentence on it in the document")
	}
	l.about = "document.dates"
	if dates := d.prose.dates(); len(dates) > 1 {
		l.say("document-dates", d.prose.at, fmt.Sprintf("%s says that it is of %s, and that it is of %s", d.prose.path, dates[0], dates[1]), "one date in the document")
	}
}

// longest is for how long the entries are kept that are kept longest.
func (l *lint) longest() string {
	all := l.policy.Classes()
	if len(all) == 0 {
		return "nowhere said"
	}
	return all[len(all)-1].Class
}

// line is the first one that speaks of something, from 1; 0 where none does.
func (p prose) line(of *regexp.Regexp) int {
	n := 0
	for line := range strings.Lines(p.raw) {
		if n++; of.MatchString(line) {
			return n
		}
	}
	return 0
}

// lasting finds that something is kept for a time.
var lasting = regexp.MustCompile(`(?i)\b(\d+|one|two|three|six|twelve|thirty)\s+(days?|weeks?|months?|years?|dage?|uger?|måneder?|år|tage|monate|jahre)\b`)

// keepsLogs reports whether one paragraph speaks of logs and of a time.
func (p prose) keepsLogs() bool {
	for line := range strings.Lines(p.raw) {
		if logsKept.MatchString(line) && lasting.MatchString(line) {
			return true
		}
	}
	return false
}

// dated finds what a document says its own date is.
var dated = regexp.MustCompile(`(?i)\b(?:last (?:updated|changed|modified|revised)|updated on|version|sidst (?:opdateret|ændret)|senest (?:opdateret|ændret)|stand)\b[^.\n\d]{0,30}?(\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2}\.? (?:january|february|march|april|may|june|july|august|september|october|november|december|januar|februar|marts|maj|juni|juli|oktober) \d{4}|(?:january|february|march|april|may|june|july|august|september|october|november|december) \d{1,2},? \d{4})`)

// dates are those that the document says it is of, as it writes them, each once.
func (p prose) dates() []string {
	var all set
	for _, m := range dated.FindAllStringSubmatch(p.text, 20) {
		all.add(m[1])
	}
	return all.all
}
