package policytest

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"weir/redact/raw"
)

// Sample is one exchange with its bodies, as it passed or might pass. It may be
// run any number of times, by one goroutine at a time.
type Sample struct {
	exchange          raw.Exchange
	request, response []byte
	answered          bool
	partly            bool // more was sent than is known
}

func (*Sample) String() string             { return raw.Placeholder }
func (*Sample) GoString() string           { return raw.Placeholder }
func (*Sample) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, raw.Placeholder) }

// Exchange is the exchange itself, raw.
func (s *Sample) Exchange() *raw.Exchange { return &s.exchange }

// Given is what is said of an exchange that its messages do not say. What is
// zero is taken from them.
type Given struct {
	At         time.Time     // when it began
	Client     netip.Addr    // who sent it; 192.0.2.1, of RFC 5737, where nobody is named
	Trusted    bool          // Client was told by a trusted peer
	TLS        string        // the client connection's version, "1.3", or "none"
	Visibility string        // "full", "headers", "tunnel"
	Direction  string        // "inbound", "outbound": by the form of the target
	Duration   time.Duration // to the end of the answer
	To         string        // the host that a reverse listener relays to
	Recipient  netip.Addr    // the address that the request goes to
}

// nobody is the client where a case names none.
var nobody = netip.MustParseAddr("192.0.2.1")

var versions = map[string]uint16{"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13, "none": 0}

// give sets what g says.
func (s *Sample) give(g *Given) {
	x := &s.exchange
	x.Started, x.Duration, x.Attempts = g.At, g.Duration, 1
	x.To, x.Recipient = g.To, g.Recipient
	if x.Duration == 0 {
		x.Duration = 12 * time.Millisecond
	}
	if s.answered {
		x.FirstByte = x.Duration / 2
	}
	client := g.Client
	if !client.IsValid() {
		client = nobody
	}
	x.Client = raw.AddressOf(netip.AddrPortFrom(client, 49152))
	if x.Peer = x.Client; g.Trusted {
		x.Peer, x.Trusted = raw.AddressOf(netip.AddrPortFrom(nobody, 49152)), true
	}
	m := &x.Request
	switch {
	case g.TLS != "":
		x.TLSVersion = versions[g.TLS]
		if m.Scheme == raw.SchemeUnknown && g.TLS == "none" {
			m.Scheme = raw.HTTP
		}
	case m.Scheme != raw.HTTP && g.Visibility != raw.SeenTunnel.String():
		x.TLSVersion = tls.VersionTLS13
	}
	if m.Scheme == raw.SchemeUnknown && !s.connects() {
		m.Scheme = raw.HTTPS
	}
	switch {
	case g.Direction == raw.Outbound.String():
		x.Direction = raw.Outbound
	case g.Direction == "" && m.Target.Len() > 0 && m.Peek(m.Target)[0] != '/' && m.Peek(m.Target)[0] != '*':
		x.Direction = raw.Outbound
	}
	if g.Visibility == raw.SeenTunnel.String() || s.connects() {
		x.Visibility = raw.SeenTunnel
	}
	if g.Visibility != "" && g.Visibility != raw.SeenFull.String() {
		s.request, s.response = nil, nil
	}
}

func (s *Sample) connects() bool {
	m := &s.exchange.Request
	return string(m.Peek(m.Method)) == "CONNECT"
}

// TextError is a line of a message that is none of HTTP. It quotes nothing.
type TextError struct {
	Line    int // from 1
	Message string
	Instead string
}

func (e *TextError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Message) }

// ReadHTTP reads a request, and where answer is not "" its response, as HTTP/1.1
// has them: a first line, header lines, an empty line, a body. The version may be
// left out, the target may be a whole URL, and line feeds end lines; those behind
// the body are not of it. The error is a *TextError of the message in which it is.
func ReadHTTP(request, answer string) (s *Sample, inAnswer bool, err error) {
	s = &Sample{}
	s.exchange.Reset()
	if err := s.readRequest(request); err != nil {
		return nil, false, err
	}
	if answer != "" {
		if err := s.readAnswer(answer); err != nil {
			return nil, true, err
		}
	}
	return s, false, nil
}

func (s *Sample) readRequest(text string) error {
	m := &s.exchange.Request
	first, rest, at, err := opening(text)
	if err != nil {
		return err
	}
	words := strings.Fields(first)
	if len(words) == 3 && strings.HasPrefix(words[2], "HTTP/") {
		if !slices.Contains(protocols, words[2]) {
			return &TextError{at, "this is no version of HTTP", "HTTP/1.1, or nothing"}
		}
		words = words[:2]
	}
	if len(words) != 2 || !isToken(words[0]) {
		return &TextError{at, "this is no request line", "a method and a target, such as GET https://www.example/page?x=1"}
	}
	m.Proto, m.Method = raw.HTTP11, m.AppendString(words[0])
	if !setTarget(m, words[0], words[1]) {
		return &TextError{at, "this is no target of a request", "a URL, or a path that begins with /"}
	}
	if s.request, err = s.readRest(m, rest, at+1); err != nil {
		return err
	}
	if host, ok := m.Lookup("host"); ok && m.Authority.Len() == 0 {
		m.Authority = host
	}
	finish(m, s.request)
	return nil
}

// protocols are the versions that a message can say it is of.
var protocols = []string{"HTTP/1.1", "HTTP/1.0", "HTTP/2", "HTTP/2.0", "HTTP/3", "HTTP/3.0"}

// isAuthority reports whether s is a host and a port, which may be left out: an address
// of IPv6 stands in brackets, and nothing else does (RFC 3986 section 3.2.2).
func isAuthority(s string) bool {
	host, port := s, ""
	if i := strings.LastIndexByte(s, ':'); i >= 0 && !strings.HasSuffix(s, "]") {
		host, port = s[:i], s[i+1:]
	}
	if strings.Trim(port, "0123456789") != "" || host == "" {
		return false
	}
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, ok = strings.CutSuffix(inner, "]")
		addr, err := netip.ParseAddr(inner)
		return ok && err == nil && addr.Is6()
	}
	return !strings.ContainsAny(host, "[]:")
}

// setTarget takes a request-target apart, RFC 9112 section 3.2.
func setTarget(m *raw.Message, method, target string) bool {
	m.Target = m.AppendString(target)
	if method == "CONNECT" {
		m.Authority = m.Target
		return !strings.ContainsAny(target, "/?") && isAuthority(target)
	}
	if scheme, rest, ok := strings.Cut(target, "://"); ok && !strings.Contains(scheme, "/") {
		switch strings.ToLower(scheme) {
		case "http":
			m.Scheme = raw.HTTP
		case "https":
			m.Scheme = raw.HTTPS
		default:
			return false
		}
		end := strings.IndexAny(rest, "/?")
		if end < 0 {
			end = len(rest)
		}
		authority := rest[:end]
		target = rest[end:]
		if i := strings.LastIndexByte(authority, '@'); i >= 0 {
			m.Userinfo, authority = m.AppendString(authority[:i]), authority[i+1:]
		}
		if m.Authority = m.AppendString(authority); !isAuthority(authority) {
			return false
		}
		if target == "" || target[0] == '?' {
			target = "/" + target
		}
	}
	if target != "*" && target[0] != '/' {
		return false
	}
	path, query, has := strings.Cut(target, "?")
	m.Path, m.Query, m.HasQuery = m.AppendString(path), m.AppendString(query), has
	return true
}

func (s *Sample) readAnswer(text string) error {
	m := &s.exchange.Response
	first, rest, at, err := opening(text)
	if err != nil {
		return err
	}
	first = strings.TrimSpace(first)
	if version, behind, ok := strings.Cut(first, " "); ok && strings.HasPrefix(version, "HTTP/") {
		if !slices.Contains(protocols, version) {
			return &TextError{at, "this is no version of HTTP", "HTTP/1.1 200 OK"}
		}
		first = behind
	}
	code, reason, _ := strings.Cut(first, " ")
	if len(code) != 3 || strings.Trim(code, "0123456789") != "" || code < "100" {
		return &TextError{at, "this is no status line", "HTTP/1.1 200 OK"}
	}
	m.Proto, m.Status = raw.HTTP11, int(code[0]-'0')*100+int(code[1]-'0')*10+int(code[2]-'0')
	m.Reason = m.AppendString(reason)
	if s.response, err = s.readRest(m, rest, at+1); err != nil {
		return err
	}
	s.answered = true
	finish(m, s.response)
	return nil
}

// opening is the first line that is not empty, and its number.
func opening(text string) (first, rest string, at int, err error) {
	for at = 1; ; at++ {
		line, more, ok := strings.Cut(text, "\n")
		if line = strings.TrimSuffix(line, "\r"); strings.TrimSpace(line) != "" {
			return line, more, at, nil
		}
		if !ok {
			return "", "", 1, &TextError{1, "there is no message here", "GET https://www.example/page?x=1"}
		}
		text = more
	}
}

// readRest reads header lines and returns the body behind them.
func (s *Sample) readRest(m *raw.Message, text string, at int) ([]byte, error) {
	for ; text != ""; at++ {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		if line = strings.TrimSuffix(line, "\r"); strings.TrimSpace(line) == "" {
			return bytes.TrimRight([]byte(text), "\r\n"), nil
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || !isToken(name) {
			return nil, &TextError{at, "this is no header line", "Name: value, and an empty line before a body"}
		}
		m.Add([]byte(name), []byte(strings.TrimSpace(value)))
	}
	return nil, nil
}

// finish says of a message what its body is.
func finish(m *raw.Message, body []byte) {
	m.Whole = true
	if len(body) > 0 {
		m.Framing, m.ContentLength, m.BodyBytes = raw.Length, int64(len(body)), int64(len(body))
	}
}

// isToken reports whether s is a token of RFC 9110 section 5.6.2.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0) {
			return false
		}
	}
	return s != ""
}
