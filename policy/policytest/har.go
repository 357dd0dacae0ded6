package policytest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"weir/redact/raw"
)

// archive is what is read of an HTTP Archive (HAR 1.2, section "entries").
type archive struct {
	Log struct {
		Entries []archived `json:"entries"`
	} `json:"log"`
}

type archived struct {
	Started string  `json:"startedDateTime"`
	Time    float64 `json:"time"` // milliseconds
	Request struct {
		Method  string     `json:"method"`
		URL     string     `json:"url"`
		Headers []nameText `json:"headers"`
		Post    *content   `json:"postData"`
		Size    int64      `json:"bodySize"`
	} `json:"request"`
	Response struct {
		Status  int        `json:"status"`
		Headers []nameText `json:"headers"`
		Content content    `json:"content"`
	} `json:"response"`
}

type nameText struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type content struct {
	Type     string     `json:"mimeType"`
	Text     string     `json:"text"`
	Encoding string     `json:"encoding"`
	Size     int64      `json:"size"`
	Params   []nameText `json:"params"`
}

var errNoArchive = errors.New("this is no HTTP Archive: an object with log.entries")

// ReadHAR reads all exchanges of an HTTP Archive, in their order. What each does
// not say itself is taken from given. The error quotes nothing of the archive. A
// body that the archive names and does not hold was not seen.
func ReadHAR(data []byte, given Given) ([]*Sample, error) {
	a, err := readArchive(data)
	if err != nil {
		return nil, err
	}
	var all []*Sample
	for i := range a.Log.Entries {
		s, err := a.Log.Entries[i].sample(given)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

func readArchive(data []byte) (*archive, error) {
	a := &archive{}
	if err := json.Unmarshal(data, a); err != nil || a.Log.Entries == nil {
		return nil, errNoArchive
	}
	return a, nil
}

var errNoRequest = errors.New("an entry of this archive has no method or no URL")

func (e *archived) sample(given Given) (*Sample, error) {
	s := &Sample{}
	s.exchange.Reset()
	m := &s.exchange.Request
	m.Proto, m.Method = raw.HTTP11, m.AppendString(e.Request.Method)
	target, _, _ := strings.Cut(e.Request.URL, "#")
	if !isToken(e.Request.Method) || target == "" || !setTarget(m, e.Request.Method, target) {
		return nil, errNoRequest
	}
	if post := e.Request.Post; post != nil {
		if post.Text == "" && len(post.Params) > 0 {
			post.Text, post.Type = form(post.Params), "application/x-www-form-urlencoded"
		}
		s.request = post.bytes()
	}
	m.BodyBytes = max(e.Request.Size, 0)
	typed(m, e.Request.Headers, e.Request.Post, s.request)
	if e.Response.Status > 0 {
		r := &s.exchange.Response
		r.Proto, r.Status, s.answered = raw.HTTP11, e.Response.Status, true
		s.response = e.Response.Content.bytes()
		r.BodyBytes = max(e.Response.Content.Size, 0)
		typed(r, e.Response.Headers, &e.Response.Content, s.response)
	}
	if at, err := time.Parse(time.RFC3339Nano, e.Started); err == nil && given.At.IsZero() {
		given.At = at
	}
	if given.Duration == 0 && e.Time > 0 && e.Time < 1e9 {
		given.Duration = time.Duration(e.Time * float64(time.Millisecond))
	}
	s.give(&given)
	return s, nil
}

// typed adds the header lines, but for those of HTTP/2's own and for the coding of a
// body that an archive holds without it.
func typed(m *raw.Message, lines []nameText, body *content, text []byte) {
	has := false
	for _, l := range lines {
		lower := strings.ToLower(l.Name)
		if !isToken(l.Name) || len(text) > 0 && (lower == "content-encoding" || lower == "transfer-encoding") {
			continue
		}
		has = has || lower == "content-type"
		m.Add([]byte(l.Name), []byte(l.Value))
	}
	if !has && len(text) > 0 && body.Type != "" {
		m.Add([]byte("Content-Type"), []byte(body.Type))
	}
	if host, ok := m.Lookup("host"); ok && m.Authority.Len() == 0 {
		m.Authority = host
	}
	seen := m.BodyBytes
	finish(m, text)
	if len(text) == 0 {
		m.BodyBytes = seen
	}
}

func (c *content) bytes() []byte {
	if strings.EqualFold(c.Encoding, "base64") {
		b, err := base64.StdEncoding.DecodeString(c.Text)
		if err != nil {
			return nil
		}
		return b
	}
	return []byte(c.Text)
}

func form(params []nameText) string {
	parts := make([]string, len(params))
	for i, p := range params {
		parts[i] = url.QueryEscape(p.Name) + "=" + url.QueryEscape(p.Value)
	}
	return strings.Join(parts, "&")
}
