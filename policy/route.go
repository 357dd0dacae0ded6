package policy

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"weir/policy/source"
	"weir/redact/category"
	"weir/redact/detect"
	"weir/redact/raw"
)

// template is one of `routes`, checked.
type template struct {
	text     string
	at       source.Pos
	segments []segment
}

// segment is a literal word, or a placeholder with a name and perhaps a category.
type segment struct {
	literal, name string
	category      category.Key
}

var (
	placeholderName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)
	// As routers of web frameworks have it: /device/:id, /device/<id>.
	foreignPlaceholder = regexp.MustCompile(`/(?::([^/]+)|<([^/>]+)>)`)
)

const (
	maxSegments = 64
	maxLiteral  = 128 // bytes of one segment
)

func readRoutes(f *source.File, n source.Node) []*template {
	var out []*template
	seen := make(map[string]*template)
	for i, entry := range n.List() {
		if i == maxRoutes {
			entry.Refuse(fmt.Sprintf("there are more than %d routes", maxRoutes), "")
			break
		}
		if entry.Is("text") {
			entry.Refuse("expected a route, found text", "- at: "+cut(entry.Text().Value))
			continue
		}
		m := entry.Map(source.Keys{Known: []string{"at"}})
		text := m.Require("at", "at: /device/{id}").Word()
		if text.Value == "" {
			continue
		}
		t, ok := parseTemplate(f, text)
		if !ok {
			continue
		}
		if first := seen[t.shape()]; first != nil {
			f.Refuse(text.Pos, fmt.Sprintf("the route in %s matches the same paths", first.at.Where()), "")
			continue
		}
		seen[t.shape()] = t
		out = append(out, t)
	}
	return out
}

// shape is the same for templates that match the same paths.
func (t *template) shape() string {
	var b strings.Builder
	for _, s := range t.segments {
		b.WriteByte('/')
		if s.name != "" {
			b.WriteString("{}")
		} else {
			b.WriteString(s.literal)
		}
	}
	return b.String()
}

// parseTemplate checks a template: "/device/{id}", "/u/{who:user.unique_id}".
func parseTemplate(f *source.File, text source.Text) (*template, bool) {
	t := &template{text: text.Value, at: text.Pos}
	ok := true
	offset := 1
	refuse := func(message, instead string) {
		f.Refuse(text.At(offset), message, instead)
		ok = false
	}
	rest, found := strings.CutPrefix(text.Value, "/")
	if !found {
		offset = 0
		refuse("a route begins with a slash", "/"+text.Value)
		return nil, false
	}
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		offset = 1 + len([]rune(rest[:i]))
		refuse("a route is a path, without a query or a fragment", "/"+rest[:i])
		return nil, false
	}
	parts := strings.Split(rest, "/")
	if len(parts) > maxSegments {
		refuse(fmt.Sprintf("a route has at most %d segments", maxSegments), "")
		return nil, false
	}
	names := make(map[string]bool)
	for i, part := range parts {
		s := segment{literal: part}
		switch {
		case part == "" && i < len(parts)-1:
			refuse("a segment is empty", "one slash")
		case part == "." || part == "..":
			refuse("a path is matched as it is sent: dots do not go up here", "the path itself")
		case len(part) > maxLiteral:
			refuse(fmt.Sprintf("a segment is at most %d bytes", maxLiteral), "")
		case foreignPlaceholder.MatchString("/" + part):
			refuse("a placeholder stands in braces", foreignPlaceholder.ReplaceAllString(text.Value, "/{$1$2}"))
		case !strings.ContainsAny(part, "{}"):
			if strings.ContainsAny(part, "%* \t") {
				refuse("a segment is written decoded, without %, * or blanks", "the words themselves, or {name} for what varies")
			}
		default:
			s, ok = parsePlaceholder(part, refuse, ok)
			if s.name != "" && names[s.name] {
				refuse(fmt.Sprintf("the placeholder {%s} stands twice in this route", s.name), "another name")
			}
			names[s.name] = true
		}
		t.segments = append(t.segments, s)
		offset += len([]rune(part)) + 1
	}
	return t, ok
}

func parsePlaceholder(part string, refuse func(message, instead string), ok bool) (segment, bool) {
	inner, opened := strings.CutPrefix(part, "{")
	inner, closed := strings.CutSuffix(inner, "}")
	name, key, typed := strings.Cut(inner, ":")
	switch {
	case !opened || !closed || strings.ContainsAny(inner, "{}"):
		refuse("a placeholder is a whole segment", "{name}")
	case strings.Contains(inner, "...") || strings.Contains(inner, "*"):
		refuse("a placeholder stands for one segment: there is none for the rest of a path", "a placeholder for each segment")
	case !typed && category.Known(category.Key(name)) && strings.Contains(name, "."):
		refuse("a placeholder has a name, and its category behind a colon", "{id:"+name+"}")
	case !placeholderName.MatchString(name):
		refuse("the name of a placeholder is a letter, then letters, digits, _ and -", "{id}")
	case typed && !category.Known(category.Key(key)):
		refuse(unknownCategory(key))
	default:
		return segment{name: name, category: category.Key(key)}, ok
	}
	return segment{}, false
}

// router finds the template that a path matches. It is immutable.
type router struct {
	route    *raw.Route // that ends here
	literals map[string]*router
	any      *router // behind a placeholder
}

func newRouter(templates []*template, ps *places) *router {
	root := &router{}
	made := make(map[segment]*raw.Place)
	for _, t := range templates {
		at := root
		route := &raw.Route{}
		for _, s := range t.segments {
			if s.name == "" {
				route.Segments = append(route.Segments, raw.RouteSegment{Literal: s.literal})
				at = at.literal(s.literal)
				continue
			}
			if made[s] == nil {
				made[s] = ps.placeholder(s)
			}
			route.Segments = append(route.Segments, raw.RouteSegment{Name: s.name, Place: made[s]})
			if at.any == nil {
				at.any = &router{}
			}
			at = at.any
		}
		route.Template = t.written()
		at.route = route
	}
	return root
}

// written is a route as request.route has it: without categories.
func (t *template) written() string {
	var out strings.Builder
	for _, s := range t.segments {
		if out.WriteByte('/'); s.name == "" {
			out.WriteString(s.literal)
		} else {
			out.WriteString("{" + s.name + "}")
		}
	}
	return out.String()
}

// placeholder makes the place of a placeholder: url.path.who.
func (ps *places) placeholder(s segment) *raw.Place {
	p := ps.make(raw.Path, raw.Path.Place(), s.name, detect.Match{}, false)
	if s.category != "" {
		p.Category, p.Confidence, p.Harmless = s.category, 100, false
		p.category = ps.categories[s.category]
	}
	ps.inPath = append(ps.inPath, p)
	return &p.Place
}

func (r *router) literal(word string) *router {
	if r.literals == nil {
		r.literals = make(map[string]*router)
	}
	if r.literals[word] == nil {
		r.literals[word] = &router{}
	}
	return r.literals[word]
}

// Route is the template that a path as it was sent matches, or nil. A literal
// segment must be equal once percent-decoded, case counts; a placeholder is any segment
// that is not empty; a slash at the end counts. Of several templates it is the one
// whose first differing segment is a literal. A slash that is sent encoded divides nothing.
func (p *Policy) Route(path []byte) *raw.Route {
	if len(path) == 0 || path[0] != '/' {
		return nil
	}
	return p.routes.match(path[1:], 0)
}

func (r *router) match(path []byte, depth int) *raw.Route {
	if depth == maxSegments {
		return nil
	}
	end := 0
	for end < len(path) && path[end] != '/' {
		end++
	}
	word, last := path[:end], end == len(path)
	var buf [maxLiteral]byte
	if next := r.literals[string(decodeSegment(&buf, word))]; next != nil {
		if found := next.after(path, end, last, depth); found != nil {
			return found
		}
	}
	if r.any != nil && end > 0 {
		return r.any.after(path, end, last, depth)
	}
	return nil
}

func (r *router) after(path []byte, end int, last bool, depth int) *raw.Route {
	if last {
		return r.route
	}
	return r.match(path[end+1:], depth+1)
}

// decodeSegment decodes a segment as it was sent. One that is longer than any
// literal stays as it is.
func decodeSegment(buf *[maxLiteral]byte, sent []byte) []byte {
	if bytes.IndexByte(sent, '%') < 0 {
		return sent
	}
	n := 0
	for i := 0; i < len(sent); i++ {
		c := sent[i]
		if c == '%' && i+2 < len(sent) {
			if high, low := unhex(sent[i+1]), unhex(sent[i+2]); high >= 0 && low >= 0 {
				c = byte(high<<4 | low)
				i += 2
			}
		}
		if n == len(buf) {
			return sent
		}
		buf[n] = c
		n++
	}
	return buf[:n]
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
