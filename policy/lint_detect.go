package policy

import (
	"fmt"
	"slices"
	"strings"

	"weir/redact/category"
	"weir/redact/detect"
	"weir/redact/raw"
)

// mostRereads is how many characters of a text a pattern may read from each place
// without a warning.
const mostRereads = 40

// slowDetectors tells of patterns that cost most of a microsecond a byte on texts that
// somebody made for that.
func (l *lint) slowDetectors() {
	for _, o := range l.policy.document.detection.own {
		if o.rereads > mostRereads {
			l.about = "detect." + string(o.category)
			l.say("detector-slow", o.at, fmt.Sprintf("a text of one letter or digit makes this pattern read up to %d characters at each of them", o.rereads),
				`what the value always begins with, such as K, or a \b before it`)
		}
	}
}

// unusedDetectors tells of detectors, and of own categories in the list of names, that
// no rule names: what they are about is dropped, which a rule would say better.
func (l *lint) unusedDetectors() {
	d := &l.policy.document.detection
	for _, o := range d.own {
		if !l.ruled(o.category, o.confidence) {
			l.about = "detect." + string(o.category)
			l.say("detector-unused", o.at, fmt.Sprintf("no rule names %s: what is found is dropped", o.category), "a rule for it")
		}
	}
	if d.names == nil {
		return
	}
	weirs := detect.BuiltIn().Categories()
	for _, k := range l.policy.document.vocabulary.Categories() {
		if !slices.Contains(weirs, k) && !l.ruled(k, detect.NameKnown) {
			l.about = "detect." + string(k)
			l.say("names-unused", d.namesAt, fmt.Sprintf("no rule names %s, which names in this file have: their values are dropped", k), "a rule for it")
		}
	}
}

// ruled reports whether a rule can decide of a category somewhere.
func (l *lint) ruled(k category.Key, confidence uint8) bool {
	for _, pl := range l.places() {
		plan := l.policy.make(&raw.Question{Place: &pl.Place, Category: k, Confidence: confidence}, pl, false)
		if len(plan.steps) > 0 || plan.last.rule != nil || plan.last.decision.Rule != "" {
			return true
		}
	}
	return false
}

// publicMail are domains where anybody can have an address.
var publicMail = []string{
	"gmail.com", "googlemail.com", "hotmail.com", "outlook.com", "live.com", "msn.com", "yahoo.com", "ymail.com", "icloud.com", "me.com", "mac.com", "aol.com",
	"proton.me", "protonmail.com", "pm.me", "zoho.com", "mail.com", "fastmail.com", "hey.com", "tutanota.com", "tuta.com", "yandex.com", "yandex.ru", "mail.ru", "qq.com", "163.com",
	"hotmail.dk", "live.dk", "outlook.dk", "yahoo.dk", "jubii.dk", "mail.dk", "stofanet.dk", "webspeed.dk", "youmail.dk", "hotmail.se", "live.se", "telia.com", "hotmail.no", "live.no", "online.no",
	"gmx.de", "gmx.net", "gmx.at", "gmx.ch", "web.de", "t-online.de", "freenet.de", "hotmail.de", "outlook.de", "yahoo.de", "posteo.de", "mailbox.org",
	"orange.fr", "free.fr", "laposte.net", "sfr.fr", "wanadoo.fr", "hotmail.fr", "yahoo.fr", "live.fr", "outlook.fr", "hotmail.es", "yahoo.es", "telefonica.net", "libero.it", "virgilio.it", "hotmail.it", "yahoo.it",
	"hotmail.co.uk", "yahoo.co.uk", "live.co.uk", "btinternet.com", "sky.com", "ziggo.nl", "kpnmail.nl", "hotmail.nl", "live.nl", "wp.pl", "o2.pl", "onet.pl", "interia.pl", "suomi24.fi", "luukku.com", "bluewin.ch",
}

// wideAllowance tells of mail addresses that are allowed and can be anybody's.
func (l *lint) wideAllowance() {
	for _, v := range l.policy.document.detection.allowed {
		if !v.category.Within(category.Email) {
			continue
		}
		l.about = "detect." + string(v.category)
		end, wild := strings.CutPrefix(strings.ToLower(v.text.Value), "*")
		_, domain, whole := strings.Cut(end, "@")
		switch {
		case !wild:
		case whole && slices.Contains(publicMail, domain):
			l.say("allowance-wide", v.text.Pos, fmt.Sprintf("anybody can have an address at %s: all of them are written as if they were nobody's", domain), "the addresses that are meant, one by one")
		case !whole:
			l.say("allowance-wide", v.text.Pos, "this allows addresses at every domain that ends like that", `"*@" and the whole domain`)
		}
	}
}
