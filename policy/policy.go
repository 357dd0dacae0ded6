package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"weir/policy/party"
	"weir/policy/source"
	"weir/redact/category"
	"weir/redact/detect"
)

// Controller is who answers for the data: Art. 4(7) and 30(1)(a) GDPR.
type Controller struct {
	Name    string
	Country string // ISO 3166-1 alpha-2
	Contact string
}

// Policy is one compiled policy file: immutable, safe for concurrent use.
type Policy struct {
	fingerprint string
	controller  Controller
	retain      time.Duration
	class       string // retain as it is written
	service     string

	rules    []*rule
	atoms    int // of all rules
	fields   []*field
	subjects []category.Key
	inHeads  *detect.Set
	inBodies *detect.Set
	routes   *router
	places   *places
	bands    bands
	plans    plans
	recent   *recent
	slots    atomic.Int64 // of all rows
	egress   *egress
	respond  *respond
	retains  retains
	parties  *party.Register
	law      *party.Law
	promises promises
	tenancy  tenancy
	document *document
}

// Load reads and compiles the policy file at path. What is wrong with it is told
// as source.Errors, all at once.
func Load(path string) (*Policy, error) {
	data, err := source.ReadBytes(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, data)
}

// Parse compiles a policy file that name stands for in errors. Files that it names are
// read from name's folder. The error is a source.Errors, or a *Defect where weir itself failed.
func Parse(name string, data []byte) (*Policy, error) {
	return guarded(name, func() (*Policy, error) { return parse(name, data) })
}

func parse(name string, data []byte) (*Policy, error) {
	f := source.Parse(name, data)
	d := readDocument(f)
	if err := d.err(f); err != nil {
		return nil, err
	}
	p, err := compile(d, "")
	if err != nil {
		return nil, source.Errors{err}
	}
	sum := sha256.New()
	sum.Write(data)
	for _, b := range d.beside {
		sum.Write([]byte{0}) // which stands in none
		sum.Write(b.data)
	}
	p.fingerprint = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	return p, nil
}

// err is all that is wrong with a policy file and the names beside it.
func (d *document) err(f *source.File) error {
	var all source.Errors
	if err := f.Err(); err != nil && !errors.As(err, &all) {
		return err
	}
	if all = append(all, d.detection.wrong...); len(all) > 0 {
		return all
	}
	return nil
}

// For returns the same policy for a service: what rules read as `service`, which
// is "" until then.
func (p *Policy) For(service string) *Policy {
	made, err := compile(p.document, service)
	if err != nil {
		return p // compiled once already, this can not fail
	}
	made.fingerprint = p.fingerprint
	return made
}

// Detect is what is to be looked for in values: what weir knows and what `detect` says.
func (p *Policy) Detect() *detect.Set { return p.inHeads }

// Fingerprint names the policy by the bytes of its file and of those that it names:
// "sha256:" and 64 hexadecimal digits.
func (p *Policy) Fingerprint() string { return p.fingerprint }

// Beside are the files that the policy is made of but its own: those that it includes, of
// names, of the law.
func (p *Policy) Beside() []string {
	var out []string
	for _, b := range p.document.beside {
		out = append(out, b.path)
	}
	return out
}

// Rules are the names of the rules, in their order.
func (p *Policy) Rules() []string {
	names := make([]string, len(p.rules))
	for i, r := range p.rules {
		names[i] = r.name
	}
	return names
}

// Controller is who answers for the data; its fields are "" where the file does
// not say.
func (p *Policy) Controller() Controller { return p.controller }

// Retain is the class of entries and how long they are kept: `defaults.retain`.
// It is required in a file that has `redact`; without one it is "" and 0, and
// nothing but harmless facts is written.
func (p *Policy) Retain() (class string, keep time.Duration) {
	if p.retain == 0 {
		return "", 0
	}
	return p.class, p.retain
}

// Fault counts how often a rule could not be evaluated and dropped what it was
// asked about.
type Fault struct {
	Rule         string
	Line, Column int
	Count        uint64
}

// Faults returns the rules that failed since the policy was compiled.
func (p *Policy) Faults() []Fault {
	var out []Fault
	for _, r := range p.rules {
		if n := r.faults.Load(); n > 0 {
			out = append(out, Fault{r.name, r.at.Line, r.at.Column, n})
		}
	}
	for _, r := range p.retains.rules {
		if n := r.faults.Load(); n > 0 {
			out = append(out, Fault{r.name, r.at.Line, r.at.Column, n})
		}
	}
	return out
}

// compile makes a policy of what was read. Its error is of a rule that CEL cannot plan.
func compile(d *document, service string) (*Policy, *source.Error) {
	p := &Policy{document: d, controller: d.controller, retain: d.retain, service: service, fields: d.fields, recent: newRecent()}
	p.parties, p.law = d.recipients.register.For(service), d.recipients.law
	p.class = source.FormatDuration(p.retain)
	p.plans.all = make(map[string]*plan)
	for _, s := range d.subjects {
		p.subjects = append(p.subjects, s.category)
	}
	var err error
	if p.inHeads, p.inBodies, err = d.detection.sets(p.isSubject); err != nil {
		return nil, &source.Error{File: d.name, Message: err.Error()}
	}

	known := newKnowledge(d.vocabulary)
	for _, f := range d.fields {
		known.field(f)
	}
	var a atoms
	var thresholds []float64
	banded, alike := true, true
	for i, r := range d.rules {
		made := &rule{name: r.name, number: i, at: r.at, when: r.when, then: r.then}
		if err := made.compile(&a); err != nil {
			return nil, &source.Error{File: d.name, Pos: r.at, Message: fmt.Sprintf("the rule %q cannot be compiled: %v", cut(r.name), err)}
		}
		p.rules = append(p.rules, made)
		r.when.learn(known)
		r.then.learn(known)
		more, ok := r.when.thresholds()
		thresholds, banded = append(thresholds, more...), banded && ok
		alike = alike && r.when.namesOnly() && r.then.reads&readsPlace == 0
	}
	p.atoms = a.count
	if err := p.compileJudging(&d.judging, known); err != nil {
		err.File = d.name
		return nil, err
	}
	if err := p.compileRetain(d.retains); err != nil {
		err.File = d.name
		return nil, err
	}
	var wrong *source.Error
	if p.promises, wrong = compilePromises(d.promises); wrong != nil {
		wrong.File = d.name
		return nil, wrong
	}
	p.tenancy = d.tenancy
	if wrong = p.tenancy.compile(); wrong != nil {
		wrong.File = d.name
		return nil, wrong
	}
	p.bands = bands{count: 1}
	if banded {
		p.bands = newBands(thresholds)
	}
	p.places = newPlaces(known, d.categories(), alike)
	p.routes = newRouter(d.routes, p.places)
	return p, nil
}

// categories numbers the categories that a question can have, the remainder first.
func (d *document) categories() map[category.Key]int {
	all := map[category.Key]int{category.Remainder: 0}
	add := func(k category.Key) {
		if _, ok := all[k]; !ok {
			all[k] = len(all)
		}
	}
	for _, k := range category.All() {
		add(k)
	}
	for _, k := range d.vocabulary.Categories() {
		add(k)
	}
	for _, f := range d.fields {
		add(f.category)
	}
	for _, o := range d.detection.own {
		add(o.category)
	}
	for _, r := range d.routes {
		for _, s := range r.segments {
			add(s.category)
		}
	}
	return all
}
