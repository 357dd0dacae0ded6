package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
)

// maker makes samples. It must not import weir's detectors, or share a table with
// them.
type maker struct{ *rand.Rand }

// one picks an element.
func one[T any](m *maker, of []T) T { return of[m.IntN(len(of))] }

// digits are n digits, of which the first is not 0.
func (m *maker) digits(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + m.IntN(10))
	}
	if n > 0 && b[0] == '0' {
		b[0] = '7'
	}
	return string(b)
}

const (
	hexDigits = "0123456789abcdef"
	alphanum  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)

func (m *maker) letters(n int, from string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = from[m.IntN(len(from))]
	}
	return string(b)
}

// carriers are where values stand, with the share of each in a corpus.
var carriers = []struct {
	name   string
	weight int
	make   func(*maker) sample
}{
	{"sentences", 30, (*maker).sentence},
	{"logs", 10, (*maker).logLine},
	{"json", 14, (*maker).jsonText},
	{"forms", 8, (*maker).form},
	{"urls", 10, (*maker).url},
	{"hard", 18, (*maker).hard},
	{"agents", 4, (*maker).agent},
	{"fields", 6, (*maker).field},
}

// generate writes n samples.
func generate(out *bufio.Writer, n int, seed uint64, only string) error {
	m := &maker{rand.New(rand.NewPCG(seed, 0x77656972))}
	total, chosen := 0, carriers[:0:0]
	for _, c := range carriers {
		if only == "" || only == c.name {
			chosen = append(chosen, c)
			total += c.weight
		}
	}
	if total == 0 {
		return fmt.Errorf("there are no %q to generate", only)
	}
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	for range n {
		at := m.IntN(total)
		i := 0
		for at >= chosen[i].weight {
			at -= chosen[i].weight
			i++
		}
		s := chosen[i].make(m)
		if err := lines.Encode(&s); err != nil {
			return err
		}
	}
	return nil
}

// fill makes a text of a template, in which {kind} is a value of that kind and a
// span, {kind%} the same in percent-encoding, and {noise} what is no span.
func (m *maker) fill(template, language string) sample {
	s := sample{Language: language}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(template, "{")
		b.WriteString(before)
		if !found {
			break
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || name == "" || strings.ContainsAny(name, "\": ,[") {
			b.WriteByte('{') // JSON's own
			template = rest
			continue
		}
		template = after
		name, encoded := strings.CutSuffix(name, "%")
		k, ok := kinds[name]
		if !ok {
			panic("no kind " + name) // a template is wrong, which a test rules out
		}
		value, kind := k.make(m), name
		if encoded {
			value = url.QueryEscape(value)
		}
		start := b.Len()
		b.WriteString(value)
		if k.category != "" {
			s.Spans = append(s.Spans, span{start, b.Len(), k.category, kind})
		}
	}
	s.Text = b.String()
	return s
}

func (m *maker) sentence() sample {
	language := one(m, languages)
	of := sentences
	if m.IntN(2) == 0 {
		of = moreSentences
	}
	return m.fill(one(m, of[language]), language)
}

func (m *maker) logLine() sample  { return m.fill(one(m, logLines), "") }
func (m *maker) jsonText() sample { return m.fill(one(m, jsonTexts), "") }
func (m *maker) form() sample     { return m.fill(one(m, forms), "") }
func (m *maker) url() sample      { return m.fill(one(m, urls), "") }
func (m *maker) hard() sample     { return m.fill(one(m, hardOnes), "") }

func (m *maker) field() sample {
	f := one(m, fields)
	s := m.fill(f.value, "")
	return sample{Field: one(m, strings.Fields(f.names)), Value: s.Text, Category: f.category}
}

// languages are those of the sentences.
var languages = []string{"da", "de", "en", "es", "fr", "no", "sv"}
