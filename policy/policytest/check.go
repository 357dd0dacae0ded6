package policytest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/policy"
	"weir/policy/source"
	"weir/redact/category"
	"weir/redact/raw"
)

// Difference is something that a case expects and that is otherwise. Neither side
// holds a value that was sent.
type Difference struct {
	Key  string // "expect.entry.url.path"
	Want string
	Got  string
	At   source.Pos // of what is expected, in the file of cases
	// Deciders are the rules that decided, or "no rule".
	Deciders []Decider
}

// Decider is what decided: a rule, where it stands and what it did.
type Decider struct {
	Of   string // a place, or the section
	Rule string // "" where none did
	At   source.Pos
	Does string
	// Missed says that the rule was expected to decide and did not match.
	Missed bool
	// nobody says that there was nothing to decide.
	nobody bool
}

func (d *Decider) String() string {
	if d.nobody {
		return d.Does
	}
	text := "decided "
	if d.Missed {
		text = "no match "
	}
	text += d.Of + ": "
	if d.Rule == "" {
		return text + "no rule" + after(", ", d.Does)
	}
	return text + fmt.Sprintf("%s:%d:%d %q", d.At.File, d.At.Line, d.At.Column, d.Rule) + after(", ", d.Does)
}

func after(sep, text string) string {
	if text == "" {
		return ""
	}
	return sep + text
}

// checker compares what one case expects with what became of it.
type checker struct {
	suite *Suite
	test  *Case
	out   *Outcome
	of    *policy.Policy // for the service of the case
	seen  *policy.Seen
	judge *policy.Judgement
	side  string // "expect" or "monitor"
	found []Difference
}

func (k *checker) differs(key string, at source.Pos, want, got string, deciders ...Decider) {
	for i := range deciders {
		deciders[i].At.File = deciders[i].At.In(k.suite.Name)
	}
	k.found = append(k.found, Difference{Key: k.side + "." + key, Want: want, Got: got, At: at, Deciders: deciders})
}

// text compares one text.
func (k *checker) text(key string, want *source.Text, got string, deciders ...Decider) {
	if want != nil && !fits(want.Value, got) {
		k.differs(key, want.Pos, want.Value, shown(got), deciders...)
	}
}

func shown(got string) string {
	if got == "" {
		return "(nothing)"
	}
	return got
}

// dots are three, or the last three of more.
var dots = regexp.MustCompile(`(\.*)\.\.\.`)

// fits compares with a text in which "…" or "..." stands for any text.
func fits(want, got string) bool {
	parts := strings.Split(dots.ReplaceAllString(want, "$1…"), "…")
	if len(parts) == 1 {
		return want == got
	}
	if got == want {
		return true
	}
	rest, ok := strings.CutPrefix(got, parts[0])
	if !ok {
		return false
	}
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, p)
		if i < 0 {
			return false
		}
		rest = rest[i+len(p):]
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

// entry compares what is written.
func (k *checker) entry(e *expectation) {
	for i := range e.entry {
		w := &e.entry[i]
		got := written(k.out.Entry[w.key.Text])
		if len(w.texts) == 0 {
			if got != nil {
				k.differs("entry."+w.key.Text, w.key.Pos, "(nothing)", e.told(got), k.deciders(w.key.Text)...)
			}
			continue
		}
		same := len(got) == len(w.texts)
		for j := 0; same && j < len(got); j++ {
			same = equal(w.texts[j].Value, got[j])
		}
		if !same {
			k.differs("entry."+w.key.Text, w.key.Pos, joinTexts(w.texts), e.told(got), k.deciders(w.key.Text)...)
		}
	}
	for i := range e.redacted {
		k.redacted(&e.redacted[i])
	}
}

// told is what a report says of a value of an entry. What is to stand in no output does
// not stand in this one either.
func (e *expectation) told(got []string) string {
	text := strings.Join(got, ", ")
	for _, t := range e.nowhere {
		if stands(text, t.Value) {
			return "(what is to stand nowhere)"
		}
	}
	return shown(text)
}

// equal compares a text, or a number however it is written.
func equal(want, got string) bool {
	if fits(want, got) {
		return true
	}
	a, err1 := strconv.ParseFloat(want, 64)
	b, err2 := strconv.ParseFloat(got, 64)
	return err1 == nil && err2 == nil && a == b
}

func joinTexts(all []source.Text) string {
	texts := make([]string, len(all))
	for i, t := range all {
		texts[i] = t.Value
	}
	return strings.Join(texts, ", ")
}

// written is a value of an entry as texts.
func written(v any) []string {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		return []string{v}
	case float64:
		return []string{strconv.FormatFloat(v, 'f', -1, 64)}
	case []any:
		var all []string
		for _, e := range v {
			all = append(all, written(e)...)
		}
		return all
	}
	return []string{fmt.Sprint(v)}
}

// entryPlaces are the fields that the keys of an entry are made of.
var entryPlaces = map[string][]raw.Kind{"client.address": {raw.ClientAddress}, "network.peer.address": {raw.PeerAddress}, "client.certificate": {raw.ClientCertificate},
	"server.address": {raw.Host}, "tls.server_name": {raw.ServerName}, "url.path": {raw.Path}, "url.query": {raw.Query}, "http.request.method": {raw.Method}}

// origin is what a key of an entry is made of: fields of some kinds, or what stands at a
// place and below it.
type origin struct {
	kinds  []raw.Kind
	prefix string
}

func madeOf(key string) origin {
	from := origin{kinds: entryPlaces[key]}
	for _, part := range entryParts {
		if strings.HasPrefix(key, part) {
			from.prefix = strings.TrimPrefix(key, "http.")
		}
	}
	switch from.prefix {
	case "request.header.cookie":
		return origin{kinds: []raw.Kind{raw.RequestCookie}}
	case "response.header.set-cookie":
		return origin{kinds: []raw.Kind{raw.ResponseCookie}}
	}
	return from
}

func (o origin) has(kind raw.Kind, place string) bool {
	return slices.Contains(o.kinds, kind) || o.prefix != "" && (place == o.prefix || strings.HasPrefix(place, o.prefix+"."))
}

// maxDeciders bounds those that are told of one difference.
const maxDeciders = 4

// deciders are the rules that decided on what a key of an entry is made of.
func (k *checker) deciders(key string) []Decider {
	from := madeOf(key)
	if key == "retain" {
		return []Decider{k.retained()}
	}
	var all []Decider
	for i := range k.out.Answers {
		a := &k.out.Answers[i]
		if a.Place == nil || len(all) == maxDeciders {
			continue
		}
		if from.has(a.Place.Kind, a.Place.Text) {
			of := a.Place.Text
			if a.Category != "" {
				of += " " + string(a.Category)
			}
			all = append(all, k.suite.decided(of, &a.Decision))
		}
	}
	return all
}

func categoriesText(all []category.Key) string {
	texts := make([]string, 0, len(all))
	for _, c := range all {
		texts = append(texts, string(c))
	}
	slices.Sort(texts)
	return strings.Join(slices.Compact(texts), ", ")
}

func (k *checker) categories(key string, want *wantedCategories, got []category.Key, deciders ...Decider) {
	if want == nil {
		return
	}
	if a, b := categoriesText(want.all), categoriesText(got); a != b {
		k.differs(key, want.at, shown(a), shown(b), deciders...)
	}
}

// sets compares lists whose order is of no account.
func (k *checker) sets(key string, want *wantedTexts, got []string, deciders ...Decider) {
	if want == nil {
		return
	}
	left := slices.Clone(got)
	var missing []string
	for _, w := range want.all {
		if i := slices.IndexFunc(left, func(g string) bool { return fits(w, g) }); i >= 0 {
			left = slices.Delete(left, i, i+1)
		} else {
			missing = append(missing, w)
		}
	}
	if len(missing)+len(left) > 0 {
		k.differs(key, want.at, shown(strings.Join(want.all, ", ")), shown(strings.Join(got, ", ")), deciders...)
	}
}

// nowhere looks for what must not stand in any output.
func (k *checker) nowhere(e *expectation) {
	if len(e.nowhere) == 0 {
		return
	}
	outputs := k.outputs()
	for i, t := range e.nowhere {
		var in []string
		for _, name := range slices.Sorted(maps.Keys(outputs)) {
			if stands(outputs[name], t.Value) {
				in = append(in, name)
			}
		}
		if len(in) > 0 {
			k.differs(fmt.Sprintf("nowhere[%d]", i), t.Pos, "in no output", "in "+strings.Join(in, ", "))
		}
	}
}

// atOf is the time that a case is of.
func (c *Case) atOf(run time.Time) time.Time {
	if c.began.IsZero() {
		return run
	}
	return c.began
}
