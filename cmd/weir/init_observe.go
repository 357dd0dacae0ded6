package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"weir/policy"
	"weir/policy/party"
	"weir/policy/policytest"
	"weir/redact"
	"weir/redact/category"
	"weir/redact/detect"
	"weir/redact/keys"
	"weir/redact/raw"
	"weir/redact/rewrite"
	"weir/redact/transform"
)

// Bounds of what is remembered of traffic.
const (
	maxTraffic   = 256 << 20 // bytes of an archive
	maxTemplates = 5000
	maxNames     = 5000
	maxValuesOf  = 256 // hashes of values, of one name
	maxSeenHosts = 1000
)

// observed is what a policy is proposed from: categories, templates of paths, names
// of fields, and registrable domains. Of values there are hashes with a seed of this
// process, to tell whether they differ.
type observed struct {
	exchanges  int
	none       int            // lines that are of no exchange
	paths      map[string]int // templates of the service's own paths
	categories map[category.Key]bool
	places     map[string]bool // of those that rules can name
	names      map[string]map[uint64]sample
	recipients map[string]*recipient // by registrable domain

	archive  bool
	own      string // the service's registrable domain, of archives
	seed     maphash.Seed
	register *party.Register // an empty one, which tells registrable domains
}

// sample is what is known of one value.
type sample struct {
	category category.Key
	number   bool // it is long enough for somebody's, and has a digit
}

// recipient is somebody else's registrable domain.
type recipient struct {
	bare, below bool // the domain itself, hosts below it
	categories  map[category.Key]bool
}

// watcher is a policy that notes what it is asked, and has all asked for.
type watcher struct {
	*policy.Policy
	seen *observed
}

func (w *watcher) Detect() *detect.Set         { return nil }
func (w *watcher) DetectInBodies() *detect.Set { return nil }

func (w *watcher) Settled(*raw.Place, category.Key, uint8) (d transform.Decision, ok bool) {
	return d, false
}

func (w *watcher) Route(path []byte) *raw.Route {
	if !w.seen.archive {
		w.seen.path(path)
	}
	return nil
}

func (w *watcher) Decide(q *raw.Question) transform.Decision {
	w.seen.question(q)
	return w.Policy.Decide(q)
}

// observe reads a log or an archive; no format is one that is to be recognised.
func observe(file, service string, format *rewrite.Format) (*observed, error) {
	in, err := os.Open(file)
	if err != nil {
		return nil, unquoted(err)
	}
	defer in.Close()
	all, format, err := openLog(in, format)
	if err != nil {
		return nil, err
	}
	register, err := party.New(party.Config{})
	if err != nil {
		return nil, err
	}
	o := &observed{paths: map[string]int{}, categories: map[category.Key]bool{}, places: map[string]bool{}, names: map[string]map[uint64]sample{},
		recipients: map[string]*recipient{}, seed: maphash.MakeSeed(), register: register}
	if format.Name() == "har" {
		if all, err = o.hosts(all); err != nil {
			return nil, err
		}
	}
	w := &watcher{seen: o}
	if w.Policy, err = policy.Parse("weir's own policy", cautious); err != nil {
		return nil, err
	}
	w.Policy = w.For(service)
	engine, err := redact.New(redact.Config{Decider: func() redact.Decider { return w }, Service: service, Keys: keys.NewFleeting()})
	if err != nil {
		return nil, err
	}
	counter := countExchanges(format)
	_, counts, err := rewrite.Copy(context.Background(), io.Discard, io.TeeReader(all, counter), rewrite.Config{Engine: engine, Format: format, Jobs: 1, Now: time.Now()})
	read, none := counter.end()
	switch {
	case err != nil:
		return nil, err
	case counts.Bytes == 0:
		return nil, errors.New("there is nothing in it")
	case o.archive:
		read = int(counts.Lines)
	case format.Name() == "http":
		read, none = int(counts.Requests), int(counts.Broken)
	}
	if o.exchanges, o.none = read, none; read == 0 {
		return nil, fmt.Errorf("no exchange could be read in it, as %s", format.Name())
	}
	return o, nil
}

// hosts notes the hosts and paths of an archive. That of its first entry is the
// service's.
func (o *observed) hosts(in io.Reader) (io.Reader, error) {
	text, err := io.ReadAll(io.LimitReader(in, maxTraffic+1))
	if err == nil && len(text) > maxTraffic {
		err = errors.New("it is longer than 256 MiB")
	}
	if err != nil {
		return nil, err
	}
	samples, err := policytest.ReadHAR(text, policytest.Given{})
	if err != nil {
		return nil, err
	}
	o.archive = true
	for i, s := range samples {
		m := &s.Exchange().Request
		domain := o.domain(m)
		if i == 0 {
			o.own = domain
		}
		if domain == o.own {
			o.path(m.Peek(m.Path))
		} else {
			o.recipient(m, domain)
		}
	}
	return bytes.NewReader(text), nil
}

// domain is the registrable domain of who a request goes to, "" where there is none.
func (o *observed) domain(m *raw.Message) string {
	return o.register.Find(hostOf(m), "", netip.Addr{}).Host
}

// hostOf is the host of a request, which of an archive stands in its URL.
func hostOf(m *raw.Message) string {
	host := string(m.Peek(m.Authority))
	if _, rest, ok := strings.Cut(string(m.Peek(m.Target)), "://"); ok && host == "" {
		host = rest[:len(rest)-len(strings.TrimLeftFunc(rest, func(c rune) bool { return c != '/' && c != '?' }))]
		host = host[strings.LastIndexByte(host, '@')+1:]
	}
	host, _, _ = strings.Cut(strings.ToLower(host), ":")
	return strings.TrimSuffix(host, ".")
}

// path notes the template of a path: weir's own words, and a placeholder for all else.
func (o *observed) path(path []byte) {
	template := templateOf(string(path))
	if _, known := o.paths[template]; template != "" && (known || len(o.paths) < maxTemplates) {
		o.paths[template]++
	}
}

// templateOf is "" for a path of which a route would say nothing.
func templateOf(path string) string {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	if len(segments) > 8 {
		return ""
	}
	placeholders := map[string]bool{}
	for i, s := range segments {
		if s == "" {
			return "" // which a route can not have
		}
		if detect.Word([]byte(s)) {
			continue
		}
		name := "id"
		if i == 0 {
			return "" // nothing says what it is
		}
		if word := singular(segments[i-1]); placeholder.MatchString(word) {
			name = word
		}
		for placeholders[name] {
			name += "_id"
		}
		placeholders[name] = true
		segments[i] = "{" + name + "}"
	}
	if len(placeholders) == 0 {
		return ""
	}
	return "/" + strings.Join(segments, "/")
}

// singular is a word of a path without the s of its plural, as far as can be told.
func singular(word string) string {
	if strings.HasSuffix(word, "ss") || strings.HasSuffix(word, "us") {
		return word
	}
	return strings.TrimSuffix(word, "s")
}

var placeholder = regexp.MustCompile(`^[a-z][a-z_]{1,30}$`)

// recipient notes who else was sent to; nil is nobody that can be named.
func (o *observed) recipient(m *raw.Message, domain string) *recipient {
	r := o.recipients[domain]
	if domain == "" || r == nil && (len(o.recipients) == maxSeenHosts || !nameable(domain)) {
		return nil
	}
	if r == nil {
		r = &recipient{categories: map[category.Key]bool{}}
		o.recipients[domain] = r
	}
	if hostOf(m) == domain {
		r.bare = true
	} else {
		r.below = true
	}
	return r
}

// nameable reports whether a domain may stand in a policy: nothing is found in it, and it is
// one of the net or of a document. Others are machines, which have their owners' names.
func nameable(domain string) bool {
	var s detect.Scanner
	if found, _ := s.Scan([]byte(domain)); len(found) > 0 {
		return false
	}
	switch suffix, listed := publicsuffix.PublicSuffix(domain); suffix {
	case "example", "test":
		return true
	default:
		return suffix != "home.arpa" && (listed || strings.Contains(suffix, "."))
	}
}

// question notes what a rule would be asked.
func (o *observed) question(q *raw.Question) {
	x, f := q.Exchange, q.Field
	if x == nil || f == nil || q.Place == nil {
		return
	}
	m := &x.Request
	domain := o.domain(m)
	elsewhere := x.Direction == raw.Outbound || o.archive && domain != o.own
	if q.Category != "" && elsewhere && leaves(q.Place.Kind) {
		if r := o.recipient(m, domain); r != nil {
			r.categories[q.Category] = true
		}
	}
	if q.Category != "" {
		o.categories[q.Category] = true
	}
	if q.Place.Name != "*" {
		if len(o.places) < maxNames {
			o.places[q.Place.Text] = true
		}
		return
	}
	if !elsewhere {
		o.name(q.Place.Kind, string(f.Name.Peek()), f.Value.Peek(), q.Category)
	}
}

// leaves reports whether a field goes to who receives the request.
func leaves(k raw.Kind) bool {
	return !slices.Contains([]raw.Kind{raw.ClientAddress, raw.PeerAddress, raw.ResponseHeader, raw.ResponseCookie, raw.ResponseBody, raw.LogField}, k)
}

// fieldName is a name that can be one of a thing, so that its values are noted.
var fieldName = regexp.MustCompile(`^[A-Za-z][A-Za-z_-]{1,30}[0-9]{0,2}$`)

// name notes a value of a name that weir does not know.
func (o *observed) name(kind raw.Kind, name string, value []byte, k category.Key) {
	prefix := kind.Place() + "."
	switch kind {
	case raw.Query, raw.RequestCookie:
	case raw.RequestHeader:
		name = strings.ToLower(name)
	case raw.RequestBody:
		name = name[strings.LastIndexByte(name, '.')+1:]
		prefix += "**."
	default:
		return
	}
	if !fieldName.MatchString(name) || len(value) == 0 {
		return
	}
	all := o.names[prefix+name]
	if all == nil {
		if len(o.names) == maxNames {
			return
		}
		all = map[uint64]sample{}
		o.names[prefix+name] = all
	}
	hash := maphash.Bytes(o.seed, value)
	if s, known := all[hash]; known && s.category == "" || !known && len(all) < maxValuesOf {
		all[hash] = sample{k, len(value) >= 4 && len(value) <= 64 && bytes.ContainsAny(value, "0123456789")}
	}
}
