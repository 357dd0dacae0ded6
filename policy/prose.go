package policy

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"weir/policy/source"
)

// prose is the document that the policy says it carries out: the privacy policy as
// people read it.
type prose struct {
	path string // as the policy names it
	at   source.Pos
	text string // as folded gives it
	raw  string
}

// readProse reads the document that n names.
func readProse(d *document, n source.Node) {
	name := n.Path()
	if name == "" {
		return
	}
	path, ok := below(n, name)
	if !ok {
		return
	}
	data, err := source.ReadBytes(path)
	switch {
	case err != nil:
		n.Refuse(err.Error(), "the path of the privacy policy, from this file's folder on")
	case len(data) > source.MaxBytes:
		n.Refuse(path+": is longer than 1 MiB", "the text alone")
	case !utf8.Valid(data):
		n.Refuse(path+": is not UTF-8", "the text in UTF-8")
	default:
		d.beside = append(d.beside, besideFile{path, data})
		d.prose = prose{name, n.Pos(), folded(string(data)), string(data)}
	}
}

// plainer are characters that are typeset one way and typed another.
var plainer = strings.NewReplacer("‘", "'", "’", "'", "‚", "'", "“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`,
	"–", "-", "—", "-", "‑", "-", "…", "...", "\u00ad", "", "\u200b", "", "\ufeff", "", "**", "", "__", "")

// folded is text with one space for each run of white space, plain quotation marks and
// dashes, and without Markdown's marks for strong text.
func folded(text string) string {
	return strings.Join(strings.FieldsFunc(plainer.Replace(text), unicode.IsSpace), " ")
}

// has reports whether a quote stands in the document, word for word. Dots for what was
// left out stand for any text, but dots alone quote nothing.
func (p prose) has(quote string) bool {
	return inOrder(p.text, quote)
}

func inOrder(text, quote string) bool {
	quote = strings.ReplaceAll(folded(quote), "[...]", "...")
	if strings.Trim(quote, ". ") == "" {
		return false
	}
	for part := range strings.SplitSeq(quote, "...") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		_, behind, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = behind
	}
	return true
}

// beginning is how the document goes on where it begins as a quote does: to the end of
// the sentence. ok is false where no three words of the quote's beginning are in it.
func (p prose) beginning(quote string) (sentence string, ok bool) {
	words := strings.Fields(folded(quote))
	if len(words) > 100 {
		words = words[:100]
	}
	// What begins with more words than the document has, it has not either.
	n := sort.Search(len(words), func(n int) bool { return !strings.Contains(p.text, strings.Join(words[:n+1], " ")) })
	if n < 3 {
		return "", false
	}
	stem := strings.Join(words[:n], " ")
	_, behind, _ := strings.Cut(p.text, stem)
	behind, _, _ = strings.Cut(behind, ". ")
	return stem + behind, true
}
