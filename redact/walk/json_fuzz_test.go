package walk

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

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

func TestWhatIsChangedToItselfReadsTheSame(t *testing.T) {
	for _, s := range jsonSeeds {
		w := walking(newJSON, defaults, []byte(s), same, pieces(7))
		if w.why == Scanned {
			if again := walking(newJSON, defaults, w.out, nil, whole); !slices.Equal(again.values, w.values) {
				t.Errorf("%q reads %q, was %q", w.out, again.values, w.values)
			}
		}
	}
}
