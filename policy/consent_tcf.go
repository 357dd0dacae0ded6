package policy

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// The core segment of a TC string, IAB Europe's Transparency and Consent String format,
// version 2: bits from the most significant on.
const (
	tcfVersion      = 2
	tcfVersionBits  = 6
	tcfPurposesAt   = 152 // PurposesConsent
	tcfPurposesBits = 24
)

// tcfUses are the data uses that come nearest to the purposes of the TCF, policies
// version 4, from 1 on. A map replaces single ones.
var tcfUses = [tcfPurposesBits][]string{
	{"functional.storage"},
	{"marketing.advertising.first_party.contextual", "marketing.advertising.frequency_capping", "marketing.advertising.negative_targeting"},
	{"marketing.advertising.profiling"},
	{"marketing.advertising.first_party.targeted", "marketing.advertising.third_party.targeted"},
	{"personalize.profiling"},
	{"personalize.content.profiled"},
	{"analytics.reporting.ad_performance"},
	{"analytics.reporting.content_performance"},
	{"analytics.reporting.campaign_insights"},
	{"functional.service.improve"},
	{"personalize.content.limited"},
}

func tcfNumbers() []string {
	out := make([]string, tcfPurposesBits)
	for i := range out {
		out[i] = strconv.Itoa(i + 1)
	}
	return out
}

// fromTCF reads the purposes that a TC string says consent to. A string that is of
// another version, or cut off, says nothing.
func (c *Consent) fromTCF(value []byte, mapped map[string][]string) {
	core, _, _ := strings.Cut(string(value), ".")
	bits, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(core, "="))
	if err != nil || len(bits) < (tcfPurposesAt+tcfPurposesBits)/8 || bits[0]>>(8-tcfVersionBits) != tcfVersion {
		return
	}
	for i, uses := range tcfUses {
		if own := mapped[strconv.Itoa(i+1)]; own != nil {
			uses = own
		}
		choice := Refused
		if at := tcfPurposesAt + i; bits[at/8]>>(7-at%8)&1 == 1 {
			choice = Given
		}
		for _, u := range uses {
			c.Choose(u, choice, "tcf")
		}
	}
}
