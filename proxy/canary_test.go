package proxy

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
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
		b.WriteByte('%')
		b.WriteByte("0123456789ABCDEF"[s[i]>>4])
		b.WriteByte("0123456789ABCDEF"[s[i]&15])
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

// shape is a kind of canary. What truncation leaves of an address is no canary.
type shape struct {
	name string
	make func(n int) string
}

var (
	token = shape{"token", func(n int) string { return fmt.Sprintf("qz%05dxkv", 10000+n) }}
	mail  = shape{"mail", func(n int) string { return fmt.Sprintf("qz%05dxkv@example.dk", 10000+n) }}
	ip4   = shape{"ip4", func(n int) string { return fmt.Sprintf("10.%d.%d.%d", 100+n/10000, 100+n/100%100, 100+n%100) }}
	ip6   = shape{"ip6", func(n int) string { return fmt.Sprintf("2001:db8:77:%x:ab1::%x", 0x1000+n>>12, 0xa000+n&0xfff) }}

	shapes = []shape{token, mail, ip4, ip6}
)

// canary is one value that must not be found, and where it was put.
type canary struct{ place, shape, value string }

// flock makes canaries, each unlike every other and no part of another.
type flock struct{ all []canary }

func (f *flock) put(place string, s shape) string {
	v := s.make(len(f.all))
	f.all = append(f.all, canary{place, s.name, v})
	return v
}

// fill puts a new canary wherever text has {t}, {m}, {4} or {6}, all in one form.
func (f *flock) fill(place, text string, in form) string {
	for i, mark := range []string{"{t}", "{m}", "{4}", "{6}"} {
		for strings.Contains(text, mark) {
			text = strings.Replace(text, mark, in.encode(f.put(place, shapes[i])), 1)
		}
	}
	return text
}

// hit is a canary that was found, and what stands around it.
type hit struct {
	canary
	around string
}

// hound finds all canaries of a flock in one pass over an output: each text by
// which one would be seen is filed under eight of its bytes.
type hound struct {
	scents map[uint64][]scent
	maybe  []bool // by part of a hash of the eight bytes: false is none
}

type scent struct {
	text []byte
	at   int // of the eight bytes
	of   *canary
}

func (f *flock) hound() *hound {
	h := &hound{make(map[uint64][]scent), make([]bool, 1<<22)}
	for i := range f.all {
		for _, text := range needles(f.all[i].value) {
			best := 0
			for _, at := range []int{len(text) / 3, (len(text) - 8) / 2, len(text) - 8} {
				if at+8 <= len(text) && len(h.scents[eight(text[at:])]) < len(h.scents[eight(text[best:])]) {
					best = at
				}
			}
			k := eight(text[best:])
			h.maybe[k*0x9E3779B97F4A7C15>>42] = true
			h.scents[k] = append(h.scents[k], scent{text, best, &f.all[i]})
		}
	}
	return h
}

func eight(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// found searches an output for every canary in every form, also below layers
// of percent-encoding.
func (h *hound) found(output []byte) []hit {
	seen := make(map[*canary]bool)
	var hits []hit
	for range 4 {
		folded := bytes.ToLower(output)
		for at := 0; at+8 <= len(folded); at++ {
			k := eight(folded[at:])
			if !h.maybe[k*0x9E3779B97F4A7C15>>42] {
				continue
			}
			for _, s := range h.scents[k] {
				if from := at - s.at; from >= 0 && bytes.HasPrefix(folded[from:], s.text) && !seen[s.of] {
					seen[s.of] = true
					hits = append(hits, hit{*s.of, string(output[max(0, from-200):min(len(output), from+200)])})
				}
			}
		}
		below := unescaped(output)
		if len(below) == len(output) {
			break
		}
		output = below
	}
	return hits
}

// unescaped undoes one layer of percent-encoding, wherever there is any.
func unescaped(b []byte) []byte {
	first, rest, more := bytes.Cut(b, []byte("%"))
	out := append(make([]byte, 0, len(b)), first...)
	for more {
		var part []byte
		part, rest, more = bytes.Cut(rest, []byte("%"))
		if n, err := hex.DecodeString(string(part[:min(2, len(part))])); err == nil && len(n) == 1 {
			out = append(append(out, n...), part[2:]...)
		} else {
			out = append(append(out, '%'), part...)
		}
	}
	return out
}

// needles are the texts, in lower case, by which a value would be seen: in every
// form, in other spellings of an address, by the part of a mail address before
// the @, and within a longer base64 text at each of its three alignments.
func needles(value string) [][]byte {
	values := []string{value}
	if local, _, isMail := strings.Cut(value, "@"); isMail {
		values = append(values, local)
	}
	if a, err := netip.ParseAddr(value); err == nil && a.Is4() {
		b := a.As4()
		values = append(values, fmt.Sprintf("::ffff:%x:%x", int(b[0])<<8|int(b[1]), int(b[2])<<8|int(b[3])), strings.ReplaceAll(value, ".", "-"))
	} else if err == nil {
		values = append(values, a.StringExpanded(), strings.ReplaceAll(a.StringExpanded(), ":", ""))
	}
	var all [][]byte
	add := func(s string) {
		if len(s) >= 8 {
			all = append(all, []byte(strings.ToLower(s)))
		}
	}
	for _, v := range values {
		for _, f := range forms {
			add(f.encode(v))
		}
		add(hex.EncodeToString([]byte(v)))
		add(inUTF16(v, binary.LittleEndian)) // and all but the first byte of the other order
	}
	for _, v := range []string{value, strings.ToUpper(value), mixCase(value)} {
		for lead := range 3 {
			padded := append(make([]byte, lead), v...)
			for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
				// The first and the last group depend on the neighbours.
				text := alphabet.EncodeToString(padded)
				add(text[(lead*8+5)/6 : len(text)-2])
			}
		}
	}
	return all
}
