package policy

import (
	"fmt"
	"slices"
	"strings"

	"weir/redact/category"
	"weir/redact/raw"
)

// unusedDetectors tells of detectors whose category no rule names: what they find
// is dropped, which a rule would say better.
func (l *lint) unusedDetectors() {
	for _, o := range l.policy.document.detection.own {
		used := false
		for _, pl := range l.places() {
			plan := l.policy.make(&raw.Question{Place: &pl.Place, Category: o.category, Confidence: o.confidence}, pl, false)
			if used = len(plan.steps) > 0 || plan.last.rule != nil || plan.last.decision.Rule != ""; used {
				break
			}
		}
		if !used {
			l.warn(o.at, fmt.Sprintf("no rule names %s: what is found is dropped", o.category), "a rule for it")
		}
	}
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
		end, wild := strings.CutPrefix(strings.ToLower(v.text.Value), "*")
		_, domain, whole := strings.Cut(end, "@")
		switch {
		case !wild:
		case whole && slices.Contains(publicMail, domain):
			l.warn(v.text.Pos, fmt.Sprintf("anybody can have an address at %s: all of them are written as if they were nobody's", domain), "the addresses that are meant, one by one")
		case !whole:
			l.warn(v.text.Pos, "this allows addresses at every domain that ends like that", `"*@" and the whole domain`)
		}
	}
}
