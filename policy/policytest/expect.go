package policytest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"weir/policy"
	"weir/policy/source"
	"weir/redact/category"
	"weir/redact/record"
)

// expectation is what is expected of a case, as it stands in the file. What is not
// named is not looked at.
type expectation struct {
	at source.Pos

	verdict, by, reason, party, tenant *source.Text

	categories, excess, strip *wantedCategories
	rewrite                   []wantedPair
	entry                     []wantedEntry
	redacted                  []wantedRedaction
	response                  *wantedTexts
	retain                    *wantedRetention
	promises                  []wantedPair
	nowhere                   []source.Text
}

type wantedCategories struct {
	at  source.Pos
	all []category.Key
}

type wantedTexts struct {
	at  source.Pos
	all []string
}

type wantedPair struct {
	key   source.Key
	value source.Text
}

// wantedEntry is one key of an entry. Without texts it must not be there.
type wantedEntry struct {
	key   source.Key
	texts []source.Text
	list  bool
}

// wantedRedaction is what is to be done with what is found at a place.
type wantedRedaction struct {
	place                     source.Key
	category, transform, rule string
}

type wantedRetention struct {
	at                   source.Pos
	class, by, law, hold *source.Text
	only                 *wantedTexts
}

// entryKeys are those of an entry that a case can expect, and entryParts what those of
// headers begin with, before the header's name.
var entryKeys, entryParts = keysOfEntries()

func keysOfEntries() (keys, parts []string) {
	keys = []string{"redacted_more", "subjects_more"}
	for _, f := range record.Fields() {
		switch {
		case strings.HasSuffix(f, "."):
			parts = append(parts, f)
		case f != "redacted" && f != "trace_id": // the one is expected by places, the other is of live traffic
			keys = append(keys, f)
		}
	}
	return keys, parts
}

var expectKeys = source.Keys{
	Known: []string{"verdict", "by", "reason", "party", "tenant", "categories", "excess", "strip", "rewrite", "entry", "redacted", "response", "retain", "promises", "nowhere"},
}

// Of another mode nothing else can differ.
var monitorKeys = source.Keys{
	Known: []string{"verdict", "by", "reason", "strip", "rewrite", "response", "promises"},
	Elsewhere: map[string]string{"entry": "expect: {entry: …}", "redacted": "expect: {redacted: …}", "nowhere": "expect: {nowhere: …}", "retain": "expect: {retain: …}",
		"categories": "expect: {categories: …}", "party": "expect: {party: …}", "excess": "expect: {excess: …}", "tenant": "expect: {tenant: …}"},
}

func (r *caseReader) expectation(n source.Node, monitor bool) *expectation {
	if !n.Exists() {
		return nil
	}
	keys := expectKeys
	if monitor {
		keys = monitorKeys
	}
	m := n.Map(keys)
	if n.Is("a mapping") && m.Len() == 0 {
		n.Refuse("nothing is expected", "verdict: allow")
	}
	for _, key := range []string{"rewrite", "entry", "redacted", "promises", "nowhere"} { // of the others none is something to expect
		if v := m.Get(key); v.Is("a mapping") && v.Entries().Len() == 0 || v.Is("a list") && len(v.List()) == 0 {
			v.Refuse(fmt.Sprintf("nothing is expected of %q, and so the case can not fail", key), "what is expected, or no such key")
		}
	}
	e := &expectation{at: n.Pos()}
	if v := m.Get("verdict"); v.Exists() {
		e.verdict = word(v)
		if e.verdict.Value == would+policy.Allow.String() {
			v.Refuse("what is allowed goes on, in monitor mode as well", policy.Allow.String())
		} else {
			v.Enum(verdictWords()...)
		}
	}
	e.by, e.reason, e.party, e.tenant = word(m.Get("by")), word(m.Get("reason")), word(m.Get("party")), word(m.Get("tenant"))
	e.categories, e.excess, e.strip = categoriesOf(m.Get("categories")), categoriesOf(m.Get("excess")), categoriesOf(m.Get("strip"))
	e.rewrite = pairsOf(m.Get("rewrite"))
	e.promises = pairsOf(m.Get("promises"))
	for i := range e.promises {
		m.Get("promises").Entries().Get(e.promises[i].key.Text).Enum(promiseWords()...)
	}
	e.entry = r.entry(m.Get("entry"))
	e.redacted = r.redacted(m.Get("redacted"))
	e.response = responsesOf(m.Get("response"))
	e.retain = r.retention(m.Get("retain"))
	for _, v := range m.Get("nowhere").List() {
		if t := v.Plain(); len(t.Value) >= leastNowhere {
			e.nowhere = append(e.nowhere, t)
		} else {
			v.Refuse(fmt.Sprintf("fewer than %d bytes stand in anything", leastNowhere), "more of the value")
		}
	}
	return e
}

// leastNowhere is the fewest bytes of what is looked for in all outputs.
const leastNowhere = 4

// verdictWords are the verdicts, and what they would be.
func verdictWords() []string {
	var all []string
	for v := range policy.Verdict(policy.VerdictCount) {
		all = append(all, v.String())
	}
	for v := range policy.Verdict(policy.VerdictCount) {
		if v != policy.Allow {
			all = append(all, would+v.String())
		}
	}
	return all
}

// would stands before what is decided and not done.
const would = "would-"

// enforced is the state of a promise that is kept because the request was denied.
const enforced = "enforced"

func promiseWords() []string {
	var all []string
	for s := range policy.State(policy.StateCount) {
		all = append(all, s.String())
	}
	return append(all, enforced)
}

// word is a text on one line, nil where there is none.
func word(n source.Node) *source.Text {
	if !n.Exists() {
		return nil
	}
	t := n.Word()
	return &t
}

func categoriesOf(n source.Node) *wantedCategories {
	if !n.Exists() {
		return nil
	}
	return &wantedCategories{n.Pos(), readCategories(n)}
}

func textsOf(n source.Node) *wantedTexts {
	if !n.Exists() {
		return nil
	}
	w := &wantedTexts{at: n.Pos(), all: []string{}}
	for _, t := range n.Words() {
		w.all = append(w.all, t.Value)
	}
	return w
}

func pairsOf(n source.Node) []wantedPair {
	var all []wantedPair
	m := n.Entries()
	for key, value := range m.All() {
		all = append(all, wantedPair{key, value.Word()})
	}
	return all
}

func (r *caseReader) entry(n source.Node) []wantedEntry {
	var all []wantedEntry
	m := n.Entries()
	for key, value := range m.All() {
		if !isEntryKey(key.Text) {
			instead, ok := source.Nearest(key.Text, entryKeys)
			if key.Text == "redacted" {
				instead, ok = "expect: {redacted: {url.query.email: hash}}", true
			}
			if !ok {
				instead = "a key of an entry, such as url.path or http.request.header.referer"
			}
			r.file.Refuse(key.Pos, fmt.Sprintf("an entry has no %q", short(key.Text)), instead)
			continue
		}
		w := wantedEntry{key: key}
		switch {
		case value.Is("nothing"):
		case value.Is("a list"):
			w.list = true
			for _, v := range value.List() {
				w.texts = append(w.texts, v.Plain())
			}
			if len(w.texts) == 0 {
				w.list = false // as if it were not there
			}
		default:
			if w.texts = []source.Text{value.Plain()}; key.Text == "retain" {
				class(value)
			}
		}
		all = append(all, w)
	}
	return all
}

var headerName = regexp.MustCompile(`^[a-z0-9_-]+$`)

func isEntryKey(key string) bool {
	if slices.Contains(entryKeys, key) {
		return true
	}
	for _, p := range entryParts {
		if name, ok := strings.CutPrefix(key, p); ok && headerName.MatchString(name) {
			return true
		}
	}
	return false
}

// redacted reads what is to be done at places: `PLACE: TRANSFORM`, or a mapping, or a
// list of them.
func (r *caseReader) redacted(n source.Node) []wantedRedaction {
	var all []wantedRedaction
	m := n.Entries()
	for key, value := range m.All() {
		if kindAt(key.Text).Place() == "log" {
			r.file.Refuse(key.Pos, fmt.Sprintf("%q is no place", short(key.Text)), "such as url.query.email")
			continue
		}
		one := []source.Node{value}
		if value.Is("a list") {
			one = value.List()
		}
		for _, v := range one {
			w := wantedRedaction{place: key}
			if v.Is("a mapping") {
				d := v.Map(source.Keys{Known: []string{"transform", "category", "rule"}})
				w.category, w.rule = d.Get("category").Word().Value, d.Get("rule").Word().Value
				v = d.Require("transform", "transform: hash")
			}
			w.transform = v.Enum(transformWords...)
			all = append(all, w)
		}
	}
	return all
}

// transformWords are what entries call transforms; nothing is that nothing was found.
var transformWords = []string{"drop", "replace", "hash", "encrypt", "encrypt_prefix", "mask", "truncate", "family", "phone_country", "year", "month",
	"bucket", "coordinates", "domain", "origin", "template", "no_query", "keep", nothingFound}

const nothingFound = "not found"

func (r *caseReader) retention(n source.Node) *wantedRetention {
	if !n.Exists() {
		return nil
	}
	w := &wantedRetention{at: n.Pos()}
	if !n.Is("a mapping") {
		w.class = class(n)
		return w
	}
	m := n.Map(source.Keys{Known: []string{"class", "by", "law", "hold", "only"}})
	w.class, w.by, w.law, w.hold = class(m.Get("class")), word(m.Get("by")), word(m.Get("law")), word(m.Get("hold"))
	w.only = textsOf(m.Get("only"))
	return w
}
