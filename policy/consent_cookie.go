package policy

import "strings"

// What consent managers call yes and no, in lower case.
var (
	yesWords = words("true 1 yes y on given grant granted allow allowed accept accepted approve approved consent consented opt-in optin")
	noWords  = words("false 0 no n off refuse refused deny denied reject rejected decline declined opt-out optout")
	taken    = words("withdrawn withdraw revoked revoke")
	// A list is one of purposes that were chosen where its name ends like this, behind
	// "consents_", "accepted", "categories" and the like.
	yesLists = []string{"approved", "accepted", "granted", "given", "allowed", "consented", "consent", "consents"}
	noLists  = []string{"denied", "rejected", "refused", "declined", "withdrawn", "revoked"}
)

func words(list string) map[string]bool {
	out := make(map[string]bool)
	for w := range strings.FieldsSeq(list) {
		out[w] = true
	}
	return out
}

// fromCookie reads what a consent manager left in a cookie: an object of JSON or
// JavaScript, name-value pairs, or a list of what was chosen. Only where a word of the
// map has a yes or a no is that a choice; all else is none.
func (c *Consent) fromCookie(value []byte, mapped map[string][]string) {
	r := &cookieReader{consent: c, mapped: mapped}
	parts := partsOf(string(value))
	for i, p := range parts {
		r.part(p, parts[i+1:])
	}
}

// cookieReader goes through the parts of a cookie: words, and the marks between them.
type cookieReader struct {
	consent *Consent
	mapped  map[string][]string

	name   string // behind which a list or a value stands
	before string // the last word
	depth  int    // of brackets since that name
}

func (r *cookieReader) part(p string, rest []string) {
	switch p {
	case ":", "=":
		if r.depth == 0 {
			r.name = r.before
		}
		return
	case "[":
		r.depth++
		return
	case "]":
		r.depth = max(r.depth-1, 0)
		return
	case "{", "}", "&", ";":
		r.name, r.depth = "", 0
		return
	case ",", "|":
		if next := following(rest); next == ":" || next == "=" {
			r.name, r.depth = "", 0
		}
		return
	}
	r.before = p
	purposes := r.mapped[p]
	if len(purposes) == 0 {
		return
	}
	choice := NotAsked
	if len(rest) > 1 && (rest[0] == ":" || rest[0] == "=") {
		choice = answered(rest[1])
	} else {
		choice = listed(r.name)
	}
	for _, purpose := range purposes {
		r.consent.Choose(purpose, choice, "cookie")
	}
}

// following is the mark behind the next word.
func following(rest []string) string {
	if len(rest) < 2 {
		return ""
	}
	return rest[1]
}

// answered is what stands behind a word.
func answered(word string) Choice {
	switch word = strings.ToLower(word); {
	case yesWords[word]:
		return Given
	case noWords[word]:
		return Refused
	case taken[word]:
		return Withdrawn
	}
	return NotAsked
}

// listed is what it means to stand in a list of that name. One without a name is what
// was chosen.
func listed(name string) Choice {
	if name == "" {
		return Given
	}
	name = strings.ToLower(name)
	for _, end := range noLists {
		if strings.HasSuffix(name, end) {
			return Refused
		}
	}
	for _, end := range yesLists {
		if strings.HasSuffix(name, end) {
			return Given
		}
	}
	return NotAsked
}

// partsOf takes a text apart into words and the marks {}[]:=,&|; between them. Quotation
// marks and white space are left out.
func partsOf(text string) []string {
	var out []string
	start := -1
	word := func(end int) {
		if start >= 0 {
			out = append(out, text[start:end])
			start = -1
		}
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case strings.IndexByte("{}[]:=,&|;", c) >= 0:
			word(i)
			out = append(out, text[i:i+1])
		case c <= ' ', c == '"', c == '\'', c == '\\':
			word(i)
		case start < 0:
			start = i
		}
	}
	word(len(text))
	return out
}
