package policytest

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"weir/policy/source"
)

// readPlaces makes an exchange of the values that stand at places: the URL, header
// lines, cookies, and bodies, which become JSON.
func readPlaces(f *source.File, n source.Node, given *Given) *Sample {
	p := &placed{file: f, head: map[string][]string{}, bodies: map[string]map[string]any{}, plain: map[string]string{}, method: "GET", path: "/"}
	m := n.Entries()
	for key, value := range m.All() {
		if !value.Is("text") && !value.Is("a number") && !value.Is("a list") {
			p.broken = true
			value.Refuse(fmt.Sprintf("%q: expected a value, or a list of them", short(key.Text)), `"the value in quotes"`)
			continue
		}
		texts := []source.Node{value}
		if value.Is("a list") {
			texts = value.List()
		}
		for _, t := range texts {
			text := t.Plain()
			if strings.ContainsAny(text.Value, "\r\n") {
				t.Refuse("a value stands on one line here", "send: | and the message")
				p.broken = true
				continue
			}
			p.put(key, text, given)
		}
	}
	if p.broken || m.Len() == 0 {
		if m.Len() == 0 {
			n.Refuse("no field is given", "fields: {url.query.email: anna@example.dk}")
		}
		return nil
	}
	return p.sample(n, given)
}

// placed is an exchange as it is put together.
type placed struct {
	file                       *source.File
	method, host, path, status string
	userinfo                   string
	query, cookies             []string
	head                       map[string][]string // "request", "response": header lines
	bodies                     map[string]map[string]any
	plain                      map[string]string // bodies that are one text
	broken                     bool
}

var placesKnown = []string{"client.address", "request.method", "url.host", "url.path", "url.userinfo", "response.status", "request.body", "response.body",
	"url.query.NAME", "request.header.NAME", "request.cookie.NAME", "request.body.KEYS", "response.header.NAME", "response.cookie.NAME", "response.body.KEYS"}

func (p *placed) refuse(at source.Pos, message, instead string) {
	p.broken = true
	p.file.Refuse(at, message, instead)
}

func (p *placed) put(key source.Key, value source.Text, given *Given) {
	switch key.Text {
	case "client.address":
		a, err := netip.ParseAddr(value.Value)
		if err != nil {
			p.refuse(value.Pos, "this is no address", "such as 203.0.113.77")
			return
		}
		given.Client = a
	case "request.method":
		if p.method = value.Value; !isToken(p.method) {
			p.refuse(value.Pos, "this is no method", "GET")
		}
	case "url.host":
		p.host = value.Value
	case "url.path":
		p.path = value.Value
	case "url.userinfo":
		p.userinfo = value.Value
	case "response.status":
		p.status = value.Value
	case "request.body", "response.body":
		side, _, _ := strings.Cut(key.Text, ".")
		p.plain[side] = value.Value
	default:
		p.named(key, value)
	}
}

// named puts what has a name.
func (p *placed) named(key source.Key, value source.Text) {
	words := strings.SplitN(key.Text, ".", 3)
	if len(words) < 3 || words[2] == "" {
		words = []string{"", "", ""}
	}
	side, kind, name := words[0], words[1], words[2]
	switch {
	case side == "url" && kind == "query":
		p.query = append(p.query, url.QueryEscape(name)+"="+url.QueryEscape(value.Value))
	case side == "request" && kind == "cookie" && isToken(name):
		p.cookies = append(p.cookies, name+"="+value.Value)
	case (side == "request" || side == "response") && kind == "header" && isToken(name):
		p.head[side] = append(p.head[side], name+": "+value.Value)
	case side == "response" && kind == "cookie" && isToken(name):
		p.head[side] = append(p.head[side], "Set-Cookie: "+name+"="+value.Value)
	case (side == "request" || side == "response") && kind == "body":
		if p.bodies[side] == nil {
			p.bodies[side] = map[string]any{}
		}
		p.into(p.bodies[side], strings.Split(name, "."), key, value)
	default:
		instead, ok := source.Nearest(key.Text, placesKnown)
		if !ok {
			instead = "one of " + strings.Join(placesKnown, ", ")
		}
		p.refuse(key.Pos, fmt.Sprintf("%q is no place that a case can fill", short(key.Text)), instead)
	}
}

// into puts a value into an object, below its keys; a second one makes a list.
func (p *placed) into(object map[string]any, keys []string, key source.Key, value source.Text) {
	for _, k := range keys[:len(keys)-1] {
		below, ok := object[k].(map[string]any)
		if !ok {
			if object[k] != nil {
				p.refuse(key.Pos, fmt.Sprintf("%q has a value and keys below it", short(k)), "either")
				return
			}
			below = map[string]any{}
			object[k] = below
		}
		object = below
	}
	last := keys[len(keys)-1]
	switch before := object[last].(type) {
	case nil:
		object[last] = value.Value
	case map[string]any:
		p.refuse(key.Pos, fmt.Sprintf("%q has a value and keys below it", short(last)), "either")
	case []any:
		object[last] = append(before, value.Value)
	default:
		object[last] = []any{before, value.Value}
	}
}

// sample writes the messages and reads them as any others.
func (p *placed) sample(n source.Node, given *Given) *Sample {
	target := p.path
	if len(p.query) > 0 {
		target += "?" + strings.Join(p.query, "&")
	}
	if p.plain["request"] != "" || p.bodies["request"] != nil {
		if p.method == "GET" {
			p.method = "POST"
		}
	}
	switch {
	case given.Direction == "outbound":
		userinfo := ""
		if p.userinfo != "" {
			userinfo = p.userinfo + "@"
		}
		target = "https://" + userinfo + p.host + target
	case p.host != "":
		p.head["request"] = append([]string{"Host: " + p.host}, p.head["request"]...)
	}
	if len(p.cookies) > 0 {
		p.head["request"] = append(p.head["request"], "Cookie: "+strings.Join(p.cookies, "; "))
	}
	request := p.message(p.method+" "+target+" HTTP/1.1", "request")
	answer := ""
	if p.status != "" || len(p.head["response"]) > 0 || p.bodies["response"] != nil || p.plain["response"] != "" {
		if p.status == "" {
			p.status = "200"
		}
		answer = p.message("HTTP/1.1 "+p.status, "response")
	}
	s, _, err := ReadHTTP(request, answer)
	if err != nil {
		n.Refuse("these fields make no exchange", "url.host for what goes out, and a path that begins with / and is percent-encoded")
		return nil
	}
	return s
}

func (p *placed) message(first, side string) string {
	lines := append([]string{first}, p.head[side]...)
	body := p.plain[side]
	if object := p.bodies[side]; object != nil {
		b, _ := json.Marshal(object) // of texts, which can be marshalled
		body = string(b)
		lines = append(lines, "Content-Type: application/json")
	} else if body != "" && !slices.ContainsFunc(p.head[side], isContentType) {
		lines = append(lines, "Content-Type: text/plain")
	}
	return strings.Join(lines, "\n") + "\n\n" + body
}

func isContentType(line string) bool {
	return strings.HasPrefix(strings.ToLower(line), "content-type:")
}

// short cuts a text of the file for a message.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
