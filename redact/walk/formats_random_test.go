package walk

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
)

// author writes bodies at random, and damages them.
type author struct{ *rand.Rand }

func (a author) of(all ...string) string { return all[a.IntN(len(all))] }

func (a author) text() string {
	return a.of("", "a", "anna@x.dk", "Anna Jæger", "\"\\\n\t\r", "😀", "{", "[1]", `{"a":"b"}`, "12", "null", "true", "\u2028", "010170-1234", "{a(b:\"c\")}", strings.Repeat("ab ", a.IntN(30)), "data: a", "=&%+;")
}

func (a author) key() string {
	return a.of("a", "email", "query", "a.b", "", "anna@x.dk", "01017012", "æ", "@id", "First Name", "\"")
}

// quoted is text as JSON, with escapes of any kind.
func (a author) quoted(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r > 0xffff && a.IntN(2) == 0:
			fmt.Fprintf(&b, `\u%04X\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		case r <= 0xffff && a.IntN(6) == 0:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			q, _ := json.Marshal(string(r))
			b.Write(q[1 : len(q)-1])
		}
	}
	if a.IntN(30) == 0 {
		b.WriteString(a.of(`\ud800`, `\/`, `\udc00\ud800`))
	}
	return b.String() + `"`
}

func (a author) blank() string { return a.of("", "", "", " ", "\t", " \r") }

func (a author) json(depth int) string {
	if depth > 0 {
		switch a.IntN(6) {
		case 0, 1:
			members := make([]string, a.IntN(4))
			for i := range members {
				members[i] = a.blank() + a.quoted(a.key()) + a.blank() + ":" + a.blank() + a.json(depth-1) + a.blank()
			}
			return "{" + strings.Join(members, ",") + "}"
		case 2, 3:
			items := make([]string, a.IntN(4))
			for i := range items {
				items[i] = a.blank() + a.json(depth-1) + a.blank()
			}
			return "[" + strings.Join(items, ",") + "]"
		case 4:
			return a.quoted(a.of(a.json(depth-1), a.graphql(depth-1)))
		}
	}
	return a.of(a.quoted(a.text()), a.quoted(a.text()), "0", "-1.5e+30", "12345678901234567890", "true", "false", "null")
}

func (a author) value(depth int) string {
	switch v := a.IntN(5); {
	case depth > 0 && v == 0:
		return "[" + a.value(depth-1) + a.of(" ", ",") + a.value(depth-1) + "]"
	case depth > 0 && v == 1:
		return "{" + a.of("", "a:"+a.value(depth-1), "u010170:"+a.value(depth-1)+" query: "+a.value(depth-1)) + "}"
	case v == 2:
		return `"""` + a.of("", "a", "\"\" \\\"\"\"\n", "\\", "{anna}") + ` """`
	}
	return a.of(a.quoted(a.text()), "1", "-0.5", "E", "true", "null", "$v", `[E-1"a""b"E-2 E""E$v""]`, `""`, `"\u{1f600}"`)
}

func (a author) selection(depth int) string {
	var b strings.Builder
	b.WriteString("{")
	for range 1 + a.IntN(2) {
		b.WriteString(a.of(" f", " alias: f", "\n#c\nf", " ...F", " ... @d", " ... on T", ",query"))
		if s := b.String(); s[len(s)-1] == 'f' || s[len(s)-1] == 'y' {
			b.WriteString(a.of("", "(a:"+a.value(depth)+")", "(email:"+a.value(depth)+",b:"+a.value(depth)+")"))
			if depth > 0 && a.IntN(2) == 0 {
				b.WriteString(a.selection(depth - 1))
			}
		} else if s[len(s)-1] != 'F' {
			b.WriteString("{a}")
		}
	}
	return b.String() + "}"
}

func (a author) graphql(depth int) string {
	depth = max(depth, 0)
	return a.of("", "query ", "mutation M", "query Q($v: [T!]! = "+a.value(depth)+" @d(x:1) $w:T)", "fragment F on T @d ", "\"about\" subscription ", "#c\r\n") + a.selection(depth)
}

func (a author) form() string {
	pairs := make([]string, a.IntN(5))
	for i := range pairs {
		pairs[i] = a.of(url.QueryEscape(a.key()), a.key()) + a.of("=", "=", "", "==") + a.of(url.QueryEscape(a.text()), url.QueryEscape(a.json(2)), "a")
	}
	return strings.Join(pairs, "&")
}

func (a author) events() string {
	var b strings.Builder
	for range a.IntN(8) {
		b.WriteString(a.of("data:", "data: ", "data: ", "id: ", ":", "event:", "retry: ", "other:", "data", "", "\ufeff"))
		b.WriteString(a.of("", strings.NewReplacer("\n", "", "\r", "").Replace(a.text()), a.json(1), "{\"a\":", "1}"))
		b.WriteString(a.of("\n", "\n", "\n\n", "\r\n\r\n", "\r", "\r\r", ""))
	}
	return b.String()
}

func (a author) lines() string {
	return a.json(2) + a.of("\n", "\r\n", "\n\n") + a.json(1) + a.of("", "\n")
}

func (a author) words() string {
	var b strings.Builder
	for range a.IntN(20) {
		b.WriteString(a.of("one", "+45 12", "34", "æøå", "anna@x.dk") + a.of(" ", " ", "  ", "\n", "\t", ". ", "\r\n", ""))
	}
	return b.String()
}

// damaged is body with a few bytes taken away, doubled or replaced.
func (a author) damaged(body string) string {
	for range a.IntN(3) {
		if len(body) == 0 {
			break
		}
		i := a.IntN(len(body))
		body = body[:i] + a.of("", body[i:i+1]+body[i:i+1], "\"", "\\", "}", "]", "\xff", ",", "%", "0", "{", "\n") + body[i+1:]
	}
	return body
}

func TestRandomBodiesKeepWhatIsNoValue(t *testing.T) {
	a := author{rand.New(rand.NewPCG(4, 11))}
	for i := range uint64(200) {
		for _, c := range []struct {
			check func(*testing.T, []byte, uint64)
			body  string
		}{
			{checkJSON, a.json(5)}, {checkNDJSON, a.lines()}, {checkGraphQL, a.graphql(3)}, {checkForm, a.form()}, {checkEvents, a.events()}, {checkText, a.words()},
		} {
			c.check(t, []byte(c.body), i)
			c.check(t, []byte(a.damaged(c.body)), i)
		}
	}
}

// What the author writes is what it is meant to be, so that the test above looks
// at more than what is refused.
func TestWhatTheAuthorWritesIsWalked(t *testing.T) {
	a := author{rand.New(rand.NewPCG(5, 11))}
	for range 500 {
		for _, c := range []struct {
			f    format
			body string
		}{{newJSON, a.json(5)}, {newNDJSON, a.lines()}, {newGraphQL, a.graphql(3)}, {newEvents, a.events()}, {newText, a.words()}} {
			if w := walking(c.f, defaults, []byte(c.body), nil, whole); w.why != Scanned {
				t.Fatalf("%q: %s", c.body, w.why)
			}
		}
	}
}
