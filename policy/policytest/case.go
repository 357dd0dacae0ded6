package policytest

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"time"

	"weir/policy/source"
	"weir/redact/category"
)

// Case is one exchange and what a policy is expected to make of it.
type Case struct {
	Name string
	File string
	At   source.Pos

	service string
	// began is the time that the case says; zero is that of the run.
	began    time.Time
	given    Given
	choices  []choice // besides what the exchange says
	gpc, dnt bool
	found    []category.Key // besides what is found
	written  []category.Key // besides what the entry shows
	keep     time.Duration  // 0: as the policy says

	sample  *Sample
	expect  *expectation
	monitor *expectation // under monitor mode; nil where nothing is expected of it
}

// maxCases bounds the cases of one file.
const maxCases = 10_000

// maxHAR bounds the bytes of an archive.
const maxHAR = 64 << 20

// ReadCases reads a file of cases: a list. What is wrong with it is told as
// source.Errors, all at once. Archives that it names are read from its folder.
func ReadCases(path string) ([]*Case, error) {
	data, err := source.ReadBytes(path)
	if err != nil {
		return nil, err
	}
	return ParseCases(path, data)
}

// ParseCases is ReadCases of a file that was read; name stands for it in errors.
func ParseCases(name string, data []byte) ([]*Case, error) {
	f := source.Parse(name, data)
	all := readCases(f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return all, nil
}

// readCases reads a list of cases. What is wrong is noted in f.
func readCases(f *source.File) []*Case {
	r := &caseReader{file: f, seen: map[string]int{}, archives: map[string]*archive{}}
	var all []*Case
	for i, n := range f.Root().List() {
		if i == maxCases {
			n.Refuse("there are more than 10,000 cases in this file", "several files")
			break
		}
		if c := r.read(n); c != nil {
			all = append(all, c)
		}
	}
	return all
}

// caseReader reads the cases of one file.
type caseReader struct {
	file     *source.File
	seen     map[string]int      // lines of names
	archives map[string]*archive // by their names
}

var caseKeys = source.Keys{
	Known: []string{"name", "at", "given", "send", "answer", "har", "fields", "expect", "monitor"},
	Elsewhere: map[string]string{
		"service": "given: {service: …}", "consent": "given: {consent: …}", "client": "given: {client: …}", "direction": "given: {direction: …}",
		"visibility": "given: {visibility: …}", "tls": "given: {tls: …}", "verdict": "expect: {verdict: …}", "entry": "expect: {entry: …}",
		"by": "expect: {by: …}", "promises": "expect: {promises: …}", "nowhere": "expect: {nowhere: …}", "redacted": "expect: {redacted: …}",
	},
}

func (r *caseReader) read(n source.Node) *Case {
	if !n.Is("a mapping") {
		n.Refuse("expected a case", "- name: what it shows, send: | a message, expect: what becomes of it")
		return nil
	}
	m := n.Map(caseKeys)
	c := &Case{File: r.file.Name, At: n.Pos()}
	name := m.Require("name", "name: what the case shows").Word()
	if c.Name = name.Value; len(c.Name) > 200 {
		r.file.Refuse(name.Pos, "a name is at most 200 bytes", "")
	}
	if line, again := r.seen[c.Name]; again && c.Name != "" {
		r.file.Refuse(name.Pos, fmt.Sprintf("the case in line %d has the same name, and failures are told by names", line), "another name")
	}
	r.seen[c.Name] = c.At.Line
	c.began = r.time(m.Get("at"))
	r.given(c, m.Get("given"))
	r.exchange(c, m)
	c.expect = r.expectation(m.Require("expect", "expect: {verdict: allow}, or entry, redacted, promises, nowhere …"), false)
	if monitor := m.Get("monitor"); monitor.Exists() {
		c.monitor = r.expectation(monitor, true)
	}
	if c.sample == nil || c.expect == nil {
		return nil // and why was noted
	}
	for _, signal := range []struct {
		name string
		sent bool
	}{{"Sec-GPC", c.gpc}, {"DNT", c.dnt}} {
		if signal.sent {
			c.sample.exchange.Request.Add([]byte(signal.name), []byte("1"))
		}
	}
	return c
}

// time reads a day or a time.
func (r *caseReader) time(n source.Node) time.Time {
	if !n.Exists() {
		return time.Time{}
	}
	text := n.Word()
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text.Value); err == nil && t.Year() >= 1970 && t.Year() < 2200 {
			return t
		}
	}
	if text.Value != "" {
		n.Refuse("this is no time", "2026-11-22T10:00:00Z, or 2026-11-22")
	}
	return time.Time{}
}

var givenKeys = source.Keys{Known: []string{"service", "consent", "client", "trusted", "tls", "visibility", "direction", "to", "recipient", "categories", "written", "keep", "duration"},
	Elsewhere: map[string]string{"tenant": "a header or what else the policy's `tenant` reads"}}

// DefaultService is the service of cases that name none.
const DefaultService = "www"

func (r *caseReader) given(c *Case, n source.Node) {
	c.service = DefaultService
	if !n.Exists() {
		return
	}
	m := n.Map(givenKeys)
	if s := m.Get("service"); s.Exists() {
		if c.service = s.Word().Value; c.service == "" {
			c.service = DefaultService
		}
	}
	address := func(key string) netip.Addr {
		v := m.Get(key)
		if !v.Exists() {
			return netip.Addr{}
		}
		a, err := netip.ParseAddr(v.Word().Value)
		if err != nil || a.Zone() != "" {
			v.Refuse("this is no address", "such as 203.0.113.77")
		}
		return a
	}
	c.given.Client, c.given.Recipient = address("client"), address("recipient")
	c.given.Trusted = m.Get("trusted").Bool()
	if v := m.Get("tls"); v.Is("a number") {
		v.Refuse("a version of TLS is a text", `"1.2"`)
	} else {
		c.given.TLS = v.Enum("1.0", "1.1", "1.2", "1.3", "none")
	}
	c.given.Visibility = m.Get("visibility").Enum("full", "headers", "tunnel")
	c.given.Direction = m.Get("direction").Enum("inbound", "outbound")
	c.given.Duration = m.Get("duration").Duration()
	if to := m.Get("to"); to.Exists() {
		c.given.To = to.Word().Value
	}
	c.found, c.written = readCategories(m.Get("categories")), readCategories(m.Get("written"))
	c.keep = m.Get("keep").Duration()
	r.consent(c, m.Get("consent"))
}

// readCategories reads a list of categories.
func readCategories(n source.Node) []category.Key {
	out := []category.Key{}
	for _, t := range n.List() {
		text := t.Word().Value
		k, err := category.Parse(text)
		if err != nil && text != "" {
			instead := "one of Fideslang's, or one of your own below x."
			var unknown *category.UnknownError
			if e, ok := err.(*category.UnknownError); ok {
				unknown = e
			}
			if unknown != nil && len(unknown.Nearest) > 0 {
				instead = string(unknown.Nearest[0])
			}
			t.Refuse("unknown category", instead)
			continue
		}
		out = append(out, k)
	}
	return out
}

// exchange reads the one way of three in which a case has its exchange.
func (r *caseReader) exchange(c *Case, m source.Mapping) {
	send, har, fields, answer := m.Get("send"), m.Get("har"), m.Get("fields"), m.Get("answer")
	given := 0
	for _, n := range []source.Node{send, har, fields} {
		if n.Exists() {
			given++
		}
	}
	switch {
	case given == 0:
		m.Node().Refuse("nothing says what is sent", "send: | and the message, or har: or fields:")
		return
	case given > 1:
		m.Node().Refuse("one of send, har and fields says what is sent, and here are several", "one of them")
		return
	case answer.Exists() && !send.Exists():
		answer.Refuse("an answer belongs to send", "send: | and the message")
		return
	}
	switch {
	case send.Exists():
		c.sample = r.message(send, answer)
	case har.Exists():
		if c.sample = r.archived(har, &c.given); c.sample != nil && c.began.IsZero() {
			c.began = c.sample.exchange.Started
		}
		return // which has all that was given
	default:
		c.sample = readPlaces(r.file, fields, &c.given)
	}
	if c.sample != nil {
		c.sample.give(&c.given)
	}
}

func (r *caseReader) message(send, answer source.Node) *Sample {
	text, behind := send.Text(), ""
	if answer.Exists() {
		if behind = answer.Text().Value; behind == "" {
			answer.Refuse("there is no message here", "HTTP/1.1 200 OK")
			return nil
		}
	}
	if text.Value == "" {
		send.Refuse("there is no message here", "GET https://www.example/page?x=1")
		return nil
	}
	s, inAnswer, err := ReadHTTP(text.Value, behind)
	if err == nil {
		return s
	}
	if inAnswer {
		text = answer.Text()
	}
	if e, ok := err.(*TextError); ok {
		r.file.Refuse(text.At(lineStart(text.Value, e.Line)), e.Message, e.Instead)
	}
	return nil
}

// lineStart is the index, in characters, of a line's first one.
func lineStart(text string, line int) int {
	at := 0
	for _, c := range text {
		if line <= 1 {
			break
		}
		if at++; c == '\n' {
			line--
		}
	}
	return at
}

// archived reads `har: FILE`, or `har: {file: FILE, entry: N}`, from 0.
func (r *caseReader) archived(n source.Node, given *Given) *Sample {
	file, entry := n, 0
	if n.Is("a mapping") {
		m := n.Map(source.Keys{Known: []string{"file", "entry"}})
		file = m.Require("file", "file: traffic.har")
		entry = m.Get("entry").Int(0, 1_000_000)
	}
	name := file.Word().Value
	if name == "" {
		return nil
	}
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(r.file.Name), path)
	}
	a := r.archives[path]
	if a == nil {
		data, err := source.ReadRegular(path, maxHAR+1)
		if err != nil || len(data) > maxHAR {
			file.Refuse("this archive cannot be read", "a file of at most 64 MiB, named from the folder of the cases")
			return nil
		}
		if a, err = readArchive(data); err != nil {
			file.Refuse(err.Error(), "")
			return nil
		}
		r.archives[path] = a
	}
	if entry >= len(a.Log.Entries) {
		n.Refuse("the archive has fewer entries; the first is 0", "")
		return nil
	}
	s, err := a.Log.Entries[entry].sample(*given)
	if err != nil {
		n.Refuse(err.Error(), "")
		return nil
	}
	return s
}
