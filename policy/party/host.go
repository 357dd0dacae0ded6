package party

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"weir/policy/source"
)

// Host is a host that a policy declares, whole or one path of it.
type Host struct {
	Name  string // in lower case, in ASCII (RFC 5891), without a dot at its end
	Below bool   // all hosts below Name, at any depth, and not Name itself: "*.x.example"
	Path  string // "" for all of the host, else "/tr", decoded
	Tree  bool   // all below Path as well: "/tr/*"
	At    source.Pos
}

// HostError says what is wrong with a declared host, and what to write, "" where that
// does not follow.
type HostError struct{ Message, Instead string }

func (e *HostError) Error() string { return e.Message }

// Bounds of a declared host. RFC 1035 section 2.3.4 gives the first.
const (
	maxName     = 253
	maxHost     = 4*maxName + 8 // in Unicode, with a port
	maxPath     = 512
	maxSegments = 16
)

// ParseHost reads a host as a policy declares it: "api.x.example", "*.x.example", and
// either with a path, "x.example/tr" or "x.example/tr/*". Its error is a *HostError.
func ParseHost(text string) (Host, error) {
	refuse := func(message, instead string) (Host, error) {
		return Host{}, &HostError{fmt.Sprintf("%q %s", cut(text), message), instead}
	}
	if len(text) > maxHost+maxPath {
		return refuse("is longer than any host and path", "")
	}
	if _, rest, ok := strings.Cut(text, "://"); ok {
		return refuse("has a scheme, which is no part of a host", rest)
	}
	if strings.ContainsAny(text, "?#") {
		return refuse("has a query, which is no part of a host or its path", text[:strings.IndexAny(text, "?#")])
	}
	name, path, hasPath := strings.Cut(text, "/")
	if strings.Contains(name, "@") {
		return refuse("has a user, which is no part of a host", text[strings.LastIndex(name, "@")+1:])
	}
	bare := strings.Trim(name, "[]")
	if p, err := netip.ParsePrefix(text); err == nil {
		return refuse("is a network", "addresses: ["+p.Masked().String()+"]")
	}
	if a, err := netip.ParseAddr(bare); err == nil {
		return refuse("is an address", "addresses: ["+a.Unmap().WithZone("").String()+"]")
	}
	if host, port, ok := strings.Cut(name, ":"); ok {
		if strings.Trim(port, "0123456789") != "" {
			return refuse("is not the name of a host", "such as api.nordhost.example")
		}
		return refuse("has a port, and a party has all of a host's ports", host+text[len(name):])
	}
	h := Host{Name: name}
	if rest, ok := strings.CutPrefix(name, "*."); ok {
		h.Name, h.Below = rest, true
	}
	switch {
	case name == "*", name == "*.":
		return refuse("stands for every host", "the hosts of this party")
	case strings.Contains(h.Name, "*"):
		return refuse("has a star that is no whole label in front", `such as "*.nordhost.example"`)
	}
	var ok bool
	if h.Name, ok = normal(h.Name); !ok {
		return refuse("is not the name of a host", "such as api.nordhost.example")
	}
	if suffix, listed := publicsuffix.PublicSuffix(h.Name); h.Below && listed && suffix == h.Name {
		return refuse("stands for the hosts of everybody below a public suffix", "the hosts of this party")
	}
	if !hasPath {
		return h, nil
	}
	if path == "" || path == "*" {
		return refuse("means all of the host", name)
	}
	h.Path, h.Tree = "/"+path, false
	if rest, ok := strings.CutSuffix(h.Path, "/*"); ok {
		h.Path, h.Tree = rest, true
	}
	if message, instead := h.checkPath(name); message != "" {
		return refuse(message, instead)
	}
	return h, nil
}

// checkPath decodes the path and tells what a path of a request never is, or can be
// read as in two ways.
func (h *Host) checkPath(name string) (message, instead string) {
	if strings.Contains(h.Path, "*") {
		return "has a star that is no whole part at the end of the path", "such as " + name + "/orders/*"
	}
	decoded, err := url.PathUnescape(h.Path)
	if err != nil {
		return "has a percent sign that begins no escape", "%25 for the sign itself"
	}
	decoded = strings.TrimSuffix(decoded, "/")
	segments := strings.Split(decoded, "/")[1:]
	switch {
	case strings.Count(h.Path, "/") != strings.Count(decoded, "/") && !strings.HasSuffix(h.Path, "/"), strings.ContainsAny(decoded, "\\;%*?#"), hasControl(decoded):
		return "has a character in its path that servers read in different ways", "the path up to there, and /*"
	case len(decoded) > maxPath || len(segments) > maxSegments:
		return fmt.Sprintf("has a path of more than %d bytes or %d parts", maxPath, maxSegments), "the path up to there, and /*"
	}
	for _, s := range segments {
		if s == "" || s == "." || s == ".." {
			return "has an empty part in its path, or one of dots alone", "the path that this leads to"
		}
	}
	h.Path = decoded
	return "", ""
}

func hasControl(s string) bool {
	return strings.IndexFunc(s, func(c rune) bool { return c < ' ' || c == 0x7f }) >= 0
}

// normal is a name in lower case and ASCII, without a dot at its end.
func normal(name string) (string, bool) {
	var space [maxName]byte
	out, ok := lower(space[:0], name)
	return string(out), ok
}

// lower appends name in lower case and ASCII, without a dot at its end, and reports
// whether it can be a name in the DNS that is no spelling of an IPv4 address. It
// allocates only where name is not ASCII.
func lower(dst []byte, name string) ([]byte, bool) {
	for i := range len(name) {
		if name[i] >= 0x80 {
			ascii, err := idna.Lookup.ToASCII(name)
			if err != nil {
				return nil, false
			}
			name = ascii
			break
		}
	}
	name = strings.TrimSuffix(name, ".")
	if len(name) == 0 || len(name) > maxName {
		return nil, false
	}
	label, last := 0, 0
	for i := range len(name) {
		c := name[i]
		switch {
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case c == '.':
			if label == 0 {
				return nil, false
			}
			dst, label, last = append(dst, c), 0, i+1
			continue
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return nil, false
		}
		dst = append(dst, c)
		if label++; label > 63 {
			return nil, false
		}
	}
	return dst, label > 0 && (name[last] < '0' || name[last] > '9')
}

// Same reports whether two are one host with one path, wherever they stand.
func (h Host) Same(other Host) bool { return h.Pattern() == other.Pattern() }

// Pattern is h without where it stands.
func (h Host) Pattern() Host {
	h.At = source.Pos{}
	return h
}

// key is the host without its path, as it is written.
func (h Host) key() string {
	if h.Below {
		return "*." + h.Name
	}
	return h.Name
}

// String is the host as it is written.
func (h Host) String() string {
	s := h.key() + h.Path
	if h.Tree {
		s += "/*"
	}
	return s
}

func cut(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
