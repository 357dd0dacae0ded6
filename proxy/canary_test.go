package proxy

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// form is a way in which a value can be written down.
type form struct {
	name   string
	encode func(string) string
}

// forms are those in which canaries are sent, and in which every output is
// searched for each of them.
var forms = []form{
	{"plain", func(s string) string { return s }},
	{"percent", percentAll},
	{"double percent", func(s string) string { return percentAll(percentAll(s)) }},
	{"base64", func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }},
	{"base64url", func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }},
	{"mixed case", mixCase},
}

func percentAll(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02X", s[i])
	}
	return b.String()
}

func mixCase(s string) string {
	b := []byte(strings.ToLower(s))
	for i := 0; i < len(b); i += 2 {
		b[i] = bytes.ToUpper(b[i : i+1])[0]
	}
	return string(b)
}

// canary is one value that must not be found, and where it was put.
type canary struct{ place, value string }

// flock makes canaries, each unlike every other and no part of another.
type flock struct{ all []canary }

// token is a canary without any shape that a detector could know.
func (f *flock) token(place string) string {
	return f.put(place, fmt.Sprintf("qz%05dxkv", 10000+len(f.all)))
}

// mail is a canary in the shape of an e-mail address.
func (f *flock) mail(place string) string {
	return f.put(place, fmt.Sprintf("qz%05dxkv@example.dk", 10000+len(f.all)))
}

// ip4 and ip6 are canaries in the shape of an address; what truncation leaves
// of them is no canary.
func (f *flock) ip4(place string) string {
	n := len(f.all)
	return f.put(place, fmt.Sprintf("10.%d.%d.%d", 100+n/100%100, 100+n%100, 101+n%97))
}

func (f *flock) ip6(place string) string {
	return f.put(place, fmt.Sprintf("2001:db8:77:%x:ab1::%x", 0x1000+len(f.all), 0xa000+len(f.all)))
}

func (f *flock) put(place, value string) string {
	f.all = append(f.all, canary{place, value})
	return value
}

// found searches one output for every canary in every form.
func (f *flock) found(output []byte) []canary {
	folded := bytes.ToLower(output)
	var hits []canary
	for _, c := range f.all {
		for _, needle := range needles(c.value) {
			if bytes.Contains(folded, needle) {
				hits = append(hits, c)
				break
			}
		}
	}
	return hits
}

// needles are the texts, in lower case, by which a value would be seen: in every
// form, and within a longer base64 text at each of its three alignments.
func needles(value string) [][]byte {
	var all [][]byte
	add := func(s string) { all = append(all, []byte(strings.ToLower(s))) }
	for _, f := range forms {
		add(f.encode(value))
	}
	add(hex.EncodeToString([]byte(value)))
	add(strings.ReplaceAll(value, "@", "%40"))
	add(strings.ReplaceAll(value, ":", "%3a"))
	for _, v := range []string{value, strings.ToUpper(value), mixCase(value)} {
		for lead := range 3 {
			padded := base64.RawStdEncoding.EncodeToString(append(make([]byte, lead), v...))
			// The first and the last group depend on the neighbours.
			add(padded[(lead*8+5)/6 : len(padded)-2])
		}
	}
	return all
}
