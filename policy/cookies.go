package policy

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"

	"weir/policy/source"
	"weir/redact/raw"
)

// maxCookies bounds `cookies`.
const maxCookies = 2000

// cookie is one entry of `cookies`.
type cookie struct {
	name     string // of a prefix without its star
	prefix   bool
	party    string // "own", or a use: "google/analytics"
	purposes []string
	maxAge   time.Duration // 0 where the file does not say
	at       source.Pos    // of party
}

// cookieTable finds what is declared of a cookie: its name before a prefix, and of
// several prefixes the longest.
type cookieTable struct {
	names    map[string]*cookie
	prefixes []*cookie
	all      []*cookie // in the file's order
}

func readCookies(f *source.File, n source.Node) cookieTable {
	t := cookieTable{names: make(map[string]*cookie)}
	count := 0
	for key, value := range n.Entries().All() {
		if count++; count > maxCookies {
			f.Refuse(key.Pos, fmt.Sprintf("there are more than %d cookies", maxCookies), "")
			break
		}
		c := &cookie{}
		c.name, c.prefix = strings.CutSuffix(key.Text, "*")
		if !token.MatchString(c.name) || strings.Contains(c.name, "*") {
			f.Refuse(key.Pos, fmt.Sprintf("%q is no name of a cookie", cut(key.Text)), `such as _ga, or "_ga_*" for all that begin so`)
			continue
		}
		m := value.Map(source.Keys{Known: []string{"party", "purposes", "max_age"}})
		party := m.Require("party", "party: own, or the use of a party, such as google/analytics").Word()
		c.party, c.at = party.Value, party.Pos
		c.purposes = readUses(m.Require("purposes", "purposes: [essential.service.authentication]"))
		c.maxAge = m.Get("max_age").Duration()
		t.all = append(t.all, c)
		if c.prefix {
			t.prefixes = append(t.prefixes, c)
		} else {
			t.names[c.name] = c
		}
	}
	return t
}

// of is what is declared of a cookie, nil where it is not.
func (t *cookieTable) of(name []byte) *cookie {
	if c := t.names[string(name)]; c != nil {
		return c
	}
	var found *cookie
	for _, c := range t.prefixes {
		if strings.HasPrefix(string(name), c.name) && (found == nil || len(c.name) > len(found.name)) {
			found = c
		}
	}
	return found
}

// text is the name as the file has it.
func (c *cookie) text() string {
	if c.prefix {
		return c.name + "*"
	}
	return c.name
}

// setCookies are those that a response sets.
func setCookies(m *raw.Message, now time.Time) []SetCookie {
	var out []SetCookie
	for _, line := range m.Header {
		if m.Is(line, "set-cookie") {
			out = append(out, readSetCookie(m.Peek(line.Value), now))
		}
	}
	return out
}

// readSetCookie reads a Set-Cookie field as RFC 6265bis section 5.6 does: Max-Age before
// Expires, the last of each. What can not be read is as if it were not there.
func readSetCookie(line []byte, now time.Time) SetCookie {
	rest := string(line)
	pair, rest, _ := strings.Cut(rest, ";")
	name, _, named := strings.Cut(pair, "=")
	if !named {
		name = ""
	}
	c := SetCookie{Name: raw.Of([]byte(strings.Trim(name, " \t"))), Session: true}
	seconds, expires, aged, dated := 0, time.Time{}, false, false
	for part := range strings.SplitSeq(rest, ";") {
		key, value, _ := strings.Cut(part, "=")
		value = strings.Trim(value, " \t")
		switch strings.ToLower(strings.Trim(key, " \t")) {
		case "max-age":
			if n, ok := secondsOf(value); ok {
				seconds, aged = n, true
			}
		case "expires":
			if at, ok := dateOf(value); ok {
				expires, dated = at, true
			}
		case "domain":
			c.Domain = raw.Of([]byte(strings.ToLower(strings.TrimPrefix(value, "."))))
		}
	}
	switch {
	case aged:
		c.MaxAge, c.Session = time.Duration(seconds)*time.Second, false
	case dated:
		c.MaxAge, c.Session = min(expires.Sub(now), maxAge*time.Second), false
	}
	return c
}

// maxAge bounds the age of a cookie in seconds: a hundred years. Browsers take 400 days.
const maxAge = 100 * 366 * 24 * 3600

func secondsOf(text string) (int, bool) {
	digits := strings.TrimPrefix(text, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	if len(text) > len(digits) {
		return 0, true
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n > maxAge {
		return maxAge, true
	}
	return n, true
}

// dateOf reads the dates that servers send (RFC 9110 section 5.6.7, and that of Netscape).
func dateOf(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC1123, "Mon, 02-Jan-2006 15:04:05 MST", "Mon, 02-Jan-06 15:04:05 MST", time.RFC850, time.ANSIC} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// cookieInView is the cookie that is judged at the moment.
type cookieInView struct {
	set      *SetCookie
	declared *cookie // nil where it is not
}

func (v *view) resolveCookie(name string) (any, bool) {
	c := &v.cookie
	if c.set == nil {
		return nil, false
	}
	declared := c.declared
	if declared == nil {
		declared = &cookie{}
	}
	switch name {
	case "cookie.name":
		return text(c.set.Name.Peek()), true
	case "cookie.domain":
		return text(c.set.Domain.Peek()), true
	case "cookie.max_age":
		return types.Duration{Duration: max(c.set.MaxAge, 0)}, true
	case "cookie.session":
		return types.Bool(c.set.Session), true
	case "cookie.declared":
		return types.Bool(c.declared != nil), true
	case "cookie.party":
		return types.String(declared.party), true
	case "cookie.purposes":
		return textList(declared.purposes), true
	case "cookie.limit":
		return types.Duration{Duration: declared.maxAge}, true
	}
	return nil, false
}
