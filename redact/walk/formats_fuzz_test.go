package walk

import (
	"bytes"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"weir/redact/raw"
)

// tight are limits that small bodies reach.
var tight = Limits{Body: 1 << 20, Ratio: 100, Depth: 6, Values: 24, Value: 40}

// gone stands in the place of values: it is no number, no name and no JSON.
const gone = "x0000"

func drop(string, string) (string, bool) { return gone, true }
func same(_, text string) (string, bool) { return text, true }

// pieces are cuts that seed chooses.
func pieces(seed uint64) func(int) bool {
	return func(int) bool {
		seed ^= seed << 13
		seed ^= seed >> 7
		seed ^= seed << 17
		return seed%3 == 0
	}
}

// invariant walks body by f and checks what holds for every format. It returns the
// body with each value replaced by gone.
func invariant(t *testing.T, f format, limits Limits, body []byte, seed uint64) (w, dropped walked) {
	t.Helper()
	w = walking(f, limits, body, nil, whole)
	dropped = walking(f, limits, body, drop, whole)
	for _, cut := range []func(int) bool{bytewise, pieces(seed | 1)} {
		v, d := walking(f, limits, body, nil, cut), walking(f, limits, body, drop, cut)
		if v.why != w.why || !slices.Equal(v.values, w.values) || d.why != dropped.why {
			t.Fatalf("in pieces %q is %q %q, whole %q %q", body, v.why, v.values, w.why, w.values)
		}
		if v.why == Scanned && !bytes.Equal(d.out, dropped.out) {
			t.Fatalf("in pieces %q becomes %q, whole %q", body, d.out, dropped.out)
		}
	}
	silent := &seen{}
	o := &outlet{kind: raw.RequestBody, values: silent, limits: limits}
	p := f(o)
	why := p.write(body)
	if why == Scanned {
		why = p.close()
	}
	if why != w.why || !slices.Equal(silent.values, w.values) {
		t.Fatalf("where nothing is written %q is %q %q, else %q %q", body, why, silent.values, w.why, w.values)
	}
	if w.why != dropped.why || !slices.Equal(w.values, dropped.values) {
		t.Fatalf("where values change %q is %q %q, else %q %q", body, dropped.why, dropped.values, w.why, w.values)
	}
	if w.why == Scanned && !bytes.Equal(w.out, body) {
		t.Fatalf("%q went on as %q", body, w.out)
	}
	return w, dropped
}

// holdsNone checks that all that a walk finds in what was written is gone: under
// the same names, as often.
func holdsNone(t *testing.T, f format, w, dropped walked) {
	t.Helper()
	again := walking(f, defaults, dropped.out, nil, whole)
	if again.why != Scanned || len(again.values) != len(w.values) {
		t.Fatalf("%q, of which %q were dropped, is %q %q", dropped.out, w.values, again.why, again.values)
	}
	for i, v := range again.values {
		before, _, _ := strings.Cut(w.values[i], "=")
		name, _, _ := strings.Cut(v, "=")
		if !strings.HasSuffix(v, "="+gone) && !strings.HasSuffix(v, "=_"+gone) || name != before {
			t.Fatalf("%q stands for %q in %q", v, w.values[i], dropped.out)
		}
	}
}

var tokens = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[-+.\w]+`)

// skeleton is what stands between the strings, numbers and words of JSON.
func skeleton(b []byte) string { return tokens.ReplaceAllString(string(b), "S") }

// unlikeJSON says where was and is, decoded, differ but in values; "" is nowhere.
func unlikeJSON(was, is any) string {
	switch was := was.(type) {
	case nil:
		if is != nil {
			return "null"
		}
	case []any:
		is, ok := is.([]any)
		if !ok || len(was) != len(is) {
			return "array"
		}
		for i := range was {
			if why := unlikeJSON(was[i], is[i]); why != "" {
				return why
			}
		}
	case map[string]any:
		is, ok := is.(map[string]any)
		if !ok || len(is) > len(was) {
			return "object"
		}
		for key, v := range was {
			if isName([]byte(key)) {
				if why := unlikeJSON(v, is[key]); why != "" {
					return key + "." + why
				}
			} else if _, left := is[key]; left && key != gone {
				return "key"
			}
		}
	case string:
		var inner, changed any
		text, ok := is.(string)
		if opens([]byte(was)) && json.Unmarshal([]byte(was), &inner) == nil {
			if !ok || json.Unmarshal([]byte(text), &changed) != nil {
				return "string"
			}
			return unlikeJSON(inner, changed)
		}
		if text != gone && !strings.Contains(was, "{") {
			return "text"
		}
	default:
		if is != gone {
			return "word"
		}
	}
	return ""
}

var jsonSeeds = []string{`{"a":{"email":"anna@x.dk","n":[1,-2.5e+3,true,false,null]}}`, "\ufeff {\"a\\u00e6\\ud83d\\ude00\\ud800\":\"\\\"\\n\"}", `{"p":"{\"a\":\"[1]\"}","anna@x.dk":0}`, `[[[[[[[[1]]]]]]]]`,
	`{"query":"{a(b:\"c\")}"}`, `"\u12"`, `1`, `01`, `[1,]`, `{"a":1,"a":"2"}`, "[1]\n2", "\"\xff\"", `"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"`, `"{\"query\":\"{a(b:\\\"[1]\\\")}\"}"`, `{"query":"# {anna}\n{a}"}`}

func FuzzJSON(f *testing.F) {
	for i, s := range jsonSeeds {
		f.Add([]byte(s), uint64(i))
	}
	f.Fuzz(checkJSON)
}

func checkJSON(t *testing.T, body []byte, seed uint64) {
	invariant(t, newJSON, tight, body, seed)
	w, dropped := invariant(t, newJSON, defaults, body, seed)
	accepted := json.Valid(bytes.TrimPrefix(body, byteOrderMark))
	// encoding/json takes bytes that are not UTF-8, and deeper texts; no bytes at all are
	// no text for it, and no byte order mark.
	if w.why == Scanned != (len(body) == 0 || accepted && utf8.Valid(body)) && (w.why == Scanned || w.why == Broken) {
		t.Fatalf("%q is %q, encoding/json says %t", body, w.why, accepted)
	}
	if w.why != Scanned || len(body) == 0 {
		return
	}
	holdsNone(t, newJSON, w, dropped)
	if was, is := skeleton(body), skeleton(dropped.out); was != is {
		t.Fatalf("%q became %q", was, is)
	}
	if why := unlikeJSON(decoded(t, body), decoded(t, dropped.out)); why != "" {
		t.Fatalf("%q became %q: %s", body, dropped.out, why)
	}
}

func decoded(t *testing.T, body []byte) (v any) {
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, byteOrderMark)))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%q: %v", body, err)
	}
	return v
}

func FuzzNDJSON(f *testing.F) {
	for i, s := range jsonSeeds {
		f.Add([]byte(s+"\n\r\n"+s), uint64(i))
	}
	f.Fuzz(checkNDJSON)
}

func checkNDJSON(t *testing.T, body []byte, seed uint64) {
	if bytes.IndexByte(body, separator) >= 0 {
		return
	}
	invariant(t, newNDJSON, tight, body, seed)
	w, dropped := invariant(t, newNDJSON, defaults, body, seed)
	valid := utf8.Valid(body)
	for line := range bytes.SplitSeq(bytes.TrimPrefix(body, byteOrderMark), []byte("\n")) {
		valid = valid && (len(bytes.Trim(line, " \t\r")) == 0 || json.Valid(line))
	}
	if w.why == Scanned != valid && (w.why == Scanned || w.why == Broken) {
		t.Fatalf("%q is %q, encoding/json says %t", body, w.why, valid)
	}
	if w.why == Scanned {
		holdsNone(t, newNDJSON, w, dropped)
		if was, is := skeleton(body), skeleton(dropped.out); was != is {
			t.Fatalf("%q became %q", was, is)
		}
	}
}

func FuzzForm(f *testing.F) {
	for i, s := range []string{"a=b&c=d", "email=anna%40x.dk&name=Anna+J%C3%A6ger&&x", "a%=1", "p={\"a\":\"b\"}&query={a(b:1)}", "=;=&%00=%zz", "anna%40x.dk=1"} {
		f.Add([]byte(s), uint64(i))
	}
	f.Fuzz(checkForm)
}

func checkForm(t *testing.T, body []byte, seed uint64) {
	invariant(t, newForm, tight, body, seed)
	w, dropped := invariant(t, newForm, defaults, body, seed)
	valid := true
	was, is := bytes.Split(body, []byte("&")), bytes.Split(dropped.out, []byte("&"))
	for i, piece := range was {
		key, value, found := bytes.Cut(piece, []byte("="))
		k, err := url.QueryUnescape(string(key))
		v, fault := url.QueryUnescape(string(value))
		// net/url takes what is no UTF-8.
		if valid = valid && err == nil && fault == nil && utf8.ValidString(k) && utf8.ValidString(v); !valid || w.why != Scanned {
			continue
		}
		if len(was) != len(is) {
			t.Fatalf("%q became %q", body, dropped.out)
		}
		other, _, also := bytes.Cut(is[i], []byte("="))
		if found != also || found && isName([]byte(k)) && !bytes.Equal(key, other) {
			t.Fatalf("%q became %q", piece, is[i])
		}
	}
	if w.why == Scanned != valid && (w.why == Scanned || w.why == Broken) {
		t.Fatalf("%q is %q, net/url says %t", body, w.why, valid)
	}
	if w.why == Scanned {
		holdsNone(t, newForm, w, dropped)
		// The only semicolons net/url could refuse stand in values that are replaced, or in names.
		if _, err := url.ParseQuery(strings.ReplaceAll(string(dropped.out), ";", "")); err != nil {
			t.Fatalf("%q: %v", dropped.out, err)
		}
	}
}
