package policy

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"weir/policy/source"
	"weir/redact/category"
	"weir/redact/detect"
)

// detection is what `detect` says: what is recognised beside what weir knows.
type detection struct {
	config  detect.SetConfig
	own     []ownDetector
	allowed []allowedValue
	names   []byte // the file that `names` names, nil without one
	namesAt source.Pos
	wrong   source.Errors
}

type ownDetector struct {
	category   category.Key
	confidence uint8
	rereads    int // characters at each place of a text that was made to be slow
	at         source.Pos
}

type allowedValue struct {
	category category.Key
	text     source.Text
}

// maxDetectors bounds the detectors of a policy: each reads every value.
const maxDetectors = 64

var (
	detectKeys = []string{"category", "pattern", "checksum", "near", "within", "confidence", "allow", "regions", "names"}
	// withPattern are the keys that say more of a pattern.
	withPattern = []string{"checksum", "near", "within", "confidence"}
)

// detectReader reads the entries of `detect`.
type detectReader struct {
	file       *source.File
	document   *document
	config     detect.SetConfig
	allow      *detect.AllowList
	allows     []source.Mapping // whose values wait for the regions
	regions    source.Pos       // of the entry, where there is one
	namesEntry source.Pos
}

// readDetect reads the section, and the file of names beside the policy that it may name.
func readDetect(f *source.File, d *document, n source.Node) {
	r := &detectReader{file: f, document: d}
	for _, entry := range n.List() {
		r.entry(entry)
	}
	if len(r.config.Regions) == 0 && detect.KnownRegion(d.controller.Country) {
		r.config.Regions = []string{d.controller.Country}
	}
	r.allow = detect.NewAllowList(r.config.Regions)
	for _, m := range r.allows {
		r.allowed(m)
	}
	if len(d.detection.allowed) > 0 {
		r.config.Allowed = r.allow
	}
	d.detection.config = r.config
}

// sets are what is looked for in heads, and in bodies, of which only what asked says
// can ever be used.
func (d *detection) sets(asked func(category.Key) bool) (all, inBodies *detect.Set, err error) {
	if all, err = detect.NewSet(d.config); err != nil {
		return nil, nil, err
	}
	cfg := d.config
	cfg.Categories, cfg.Own = asked, nil
	for _, own := range d.config.Own {
		if asked(own.Category()) {
			cfg.Own = append(cfg.Own, own)
		}
	}
	inBodies, err = detect.NewSet(cfg)
	return all, inBodies, err
}

func (r *detectReader) entry(entry source.Node) {
	if entry.Is("text") {
		entry.Refuse("expected a detector, found text", `- {category: x.customer, pattern: 'K\d{8}'}`)
		return
	}
	m := entry.Map(source.Keys{Known: detectKeys})
	var kinds []string
	for _, key := range []string{"pattern", "allow", "regions", "names"} {
		if m.Get(key).Exists() {
			kinds = append(kinds, key)
		}
	}
	switch {
	case len(kinds) > 1:
		r.file.Refuse(m.Key(kinds[1]).Pos, fmt.Sprintf("%q stands in one entry with %q", kinds[1], kinds[0]), "an entry of its own for each")
		return
	case len(kinds) == 0:
		if m.Node().Is("a mapping") && known(m) {
			entry.Refuse("nothing here says what is recognised", "pattern, allow, regions or names")
		}
		return
	}
	for key := range m.All() {
		switch {
		case kinds[0] != "pattern" && slices.Contains(withPattern, key.Text):
			r.file.Refuse(key.Pos, fmt.Sprintf("%q is of a pattern, and there is none here", key.Text), "")
		case key.Text == "category" && (kinds[0] == "regions" || kinds[0] == "names"):
			r.file.Refuse(key.Pos, fmt.Sprintf("%q has no category", kinds[0]), "")
		}
	}
	switch kinds[0] {
	case "pattern":
		r.pattern(entry, m)
	case "allow":
		r.allows = append(r.allows, m)
	case "regions":
		r.region(m)
	case "names":
		r.names(m)
	}
}

// known reports whether a mapping has only keys of a detector.
func known(m source.Mapping) bool {
	for key := range m.All() {
		if !slices.Contains(detectKeys, key.Text) {
			return false
		}
	}
	return true
}

func (r *detectReader) pattern(entry source.Node, m source.Mapping) {
	if len(r.config.Own) == maxDetectors {
		entry.Refuse(fmt.Sprintf("there are more than %d detectors", maxDetectors), "")
		return
	}
	key := readCategory(m.Require("category", "category: x.customer"))
	text := m.Get("pattern").Word()
	cfg := detect.PatternConfig{Category: key, Pattern: text.Value, Checksum: m.Get("checksum").Enum(detect.Checksums()...), Within: m.Get("within").Int(1, detect.MaxWithin)}
	for _, word := range m.Get("near").Words() {
		cfg.Near = append(cfg.Near, word.Value)
	}
	if sure := m.Get("confidence"); sure.Exists() {
		before := r.file.Err()
		cfg.Confidence = uint8(math.Round(100 * sure.Share()))
		if cfg.Confidence == 0 && fmt.Sprint(r.file.Err()) == fmt.Sprint(before) {
			sure.Refuse("what is found with no confidence is not found", "a number from 0.01 to 1")
		}
	}
	if m.Get("within").Exists() && !m.Get("near").Exists() {
		r.file.Refuse(m.Key("within").Pos, `"within" is of the words of "near", and there are none`, "near: [kunde]")
	}
	if key == "" || text.Value == "" {
		return
	}
	p, err := detect.NewPattern(cfg)
	var wrong *detect.PatternError
	if errors.As(err, &wrong) {
		m.Get(wrong.Key).Refuse(fmt.Sprintf("%q: %s", wrong.Key, wrong.Message), wrong.Instead)
		return
	}
	r.config.Own = append(r.config.Own, p)
	r.document.detection.own = append(r.document.detection.own, ownDetector{key, p.Confidence(), p.Rereads(), entry.Pos()})
}

func (r *detectReader) allowed(m source.Mapping) {
	key := readCategory(m.Require("category", "category: user.contact.email"))
	for _, value := range m.Get("allow").Words() {
		if key == "" {
			return
		}
		if message, instead := r.allow.Add(key, value.Value); message != "" {
			r.file.Refuse(value.Pos, message, instead)
			continue
		}
		r.document.detection.allowed = append(r.document.detection.allowed, allowedValue{key, value})
	}
}

func (r *detectReader) region(m source.Mapping) {
	if r.twice(&r.regions, m.Key("regions"), "regions: [DK, SE]") {
		return
	}
	for _, region := range m.Get("regions").Words() {
		upper := strings.ToUpper(region.Value)
		if upper == "UK" {
			upper = "GB"
		}
		switch {
		case detect.KnownRegion(region.Value):
			r.config.Regions = append(r.config.Regions, region.Value)
		case detect.KnownRegion(upper):
			r.file.Refuse(region.Pos, fmt.Sprintf("%q is no country of ISO 3166-1", cut(region.Value)), upper)
		default:
			r.file.Refuse(region.Pos, fmt.Sprintf("the national numbers of %q are not known", cut(region.Value)), "two capital letters, such as DK")
		}
	}
}

// twice refuses what stands in a second entry.
func (r *detectReader) twice(first *source.Pos, key source.Key, instead string) bool {
	if first.Line > 0 {
		r.file.Refuse(key.Pos, fmt.Sprintf("%q stands in %s already", key.Text, first.Where()), instead)
		return true
	}
	*first = key.Pos
	return false
}

// names reads a list of names beside the policy.
func (r *detectReader) names(m source.Mapping) {
	if r.twice(&r.namesEntry, m.Key("names"), "one file with all names") {
		return
	}
	n := m.Get("names")
	name := n.Word().Value
	if name == "" {
		return
	}
	if !besides(name) {
		n.Refuse("the file stands beside the policy, and is named without a folder", filepath.Base(filepath.ToSlash(name)))
		return
	}
	path := filepath.Join(filepath.Dir(n.FileName()), name)
	data, err := source.ReadBytes(path)
	if err != nil {
		n.Refuse(err.Error(), "the name of a file in the policy's folder")
		return
	}
	r.document.detection.names, r.document.detection.namesAt = data, n.Pos()
	r.document.beside = append(r.document.beside, besideFile{path, data})
	vocabulary, wrong := detect.ReadNames(string(data))
	for _, w := range wrong {
		r.document.detection.wrong = append(r.document.detection.wrong,
			&source.Error{File: path, Pos: source.Pos{Line: w.Line, Column: w.Column}, Message: w.Message, Instead: w.Instead})
	}
	if vocabulary != nil {
		r.document.vocabulary = vocabulary
	}
}

// besides reports whether name is that of a file in the same folder.
func besides(name string) bool {
	return name != "." && name != ".." && !strings.ContainsAny(name, `/\:`)
}
