package walk

import (
	"strings"
	"testing"
)

func TestEveryValueOfJSONIsVisitedByItsName(t *testing.T) {
	for _, c := range []visits{
		{``, Scanned, nil},
		{`"anna"`, Scanned, []string{"=anna"}},
		{"\ufeff[1]", Scanned, []string{"=1"}},
		{` 12.5e-3 `, Scanned, []string{"=12.5e-3"}},
		{`{}`, Scanned, nil}, {`[]`, Scanned, nil}, {`null`, Scanned, nil}, {`[[],{},[{}]]`, Scanned, nil},
		{`{"user": {"email": "anna@x.dk", "age" : 7, "old":false , "x":null}}`, Scanned, []string{"user.email=anna@x.dk", "user.age=7", "user.old=false"}},
		{`{"items":[{"email":"a"},{"email":"b"},["c",[-1]],true]}`, Scanned, []string{"items.email=a", "items.email=b", "items=c", "items=-1", "items=true"}},
		{`{"a":1,"a":2}`, Scanned, []string{"a=1", "a=2"}},
		{`{"a.b":{"":"c"}}`, Scanned, []string{"a.b.=c"}},
		{`["\"\\\/\b\f\n\r\t\u00E6\ud83D\uDE00"]`, Scanned, []string{"=\"\\/\b\f\n\r\tæ😀"}},
		{`["\ud83d", "\ude00\ud83d", "\ud83dx", "\ud83d\u0041"]`, Scanned, []string{"=\ufffd", "=\ufffd\ufffd", "=\ufffdx", "=\ufffdA"}},
		{`{"f\u00f8dt":"æ"}`, Scanned, []string{"født=æ"}},
		{"[\"\x7f\"]", Scanned, []string{"=\x7f"}},
	} {
		c.check(t, newJSON, defaults)
	}
}

func TestJSONInStringsIsWalked(t *testing.T) {
	for _, c := range []visits{
		{`{"payload":"{\"email\":\"anna@x.dk\",\"n\":[1]}"}`, Scanned, []string{"payload.email=anna@x.dk", "payload.n=1"}},
		{`{"payload":" [\"a\", \"[\\\"b\\\"]\"]"}`, Scanned, []string{"payload=a", "payload=b"}},
		{`{"payload":"{anna@x.dk}"}`, Scanned, []string{"payload={anna@x.dk}"}},
		{`{"payload":"\"anna\"","b":"12","c":"{}","d":" "}`, Scanned, []string{`payload="anna"`, "b=12", "d= "}},
		{`{"payload":"{\"anna@x.dk\":1}"}`, Scanned, []string{"payload.*=anna@x.dk", "payload.*=1"}},
	} {
		c.check(t, newJSON, defaults)
	}
}

func TestKeysThatLookLikeValuesAreVisited(t *testing.T) {
	for _, c := range []visits{
		{`{"anna@x.dk":{"age":3}}`, Scanned, []string{"*=anna@x.dk", "*.age=3"}},
		{`{"by":{"203.0.113.7":1,"0101701234":2,"fe80::1":3,"anna%40x.dk":4,"ａｎｎａ":5}}`, Scanned,
			[]string{"by.*=203.0.113.7", "by.*=1", "by.*=0101701234", "by.*=2", "by.*=fe80::1", "by.*=3", "by.*=anna%40x.dk", "by.*=4", "by.*=ａｎｎａ", "by.*=5"}},
		{`{"@id":1,"First Name":2,"x-y_z.w":3,"dc:title":4,"items[]":5,"line2":6}`, Scanned, []string{"@id=1", "First Name=2", "x-y_z.w=3", "dc:title=4", "items[]=5", "line2=6"}},
		{`{"` + strings.Repeat("a", longestName+1) + `":null}`, Scanned, []string{"*=" + strings.Repeat("a", longestName+1)}},
		{`{"` + strings.Repeat("a", longestName) + `":null}`, Scanned, nil},
	} {
		c.check(t, newJSON, defaults)
	}
}

func TestWhatIsNoJSONIsBroken(t *testing.T) {
	for _, body := range []string{
		" ", "\ufeff", "\xef", "\xef\xbb", "\xef\xbb[", "{", "[", "}", "]", `"`, `"a`, "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{1:2}", `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":1 "b":2}`, `{,}`,
		`{"a":1]`, `[1}`, "[] []", "1 2", "tru", "truee", "nul", "True", "NaN", "-", "01", "1.", ".5", "+1", "1e", "1e+", "0x1", "--1", "1-", "1_0",
		`"\x"`, `"\u12"`, `"\u12g4"`, `"\`, "\"\t\"", "\"\n\"", "\"\x00\"", "\"\xff\"", "\"\xc3\"", "\"\xed\xa0\x80\"", "\"\\\xc3\xa6\"", "\xa0[]", "[\ufeff]", "// c\n1", "'a'", "[1]\x00", "a", "\"a\"b",
	} {
		c := visits{body: body, why: Broken}
		for i, cut := range []func(int) bool{whole, bytewise} {
			if w := walking(newJSON, defaults, []byte(c.body), nil, cut); w.why != Broken {
				t.Errorf("%q, %d: %q", body, i, w.why)
			}
		}
	}
}

func TestJSONBeyondALimitSaysWhich(t *testing.T) {
	small := Limits{Depth: 3, Values: 3, Value: 8}
	for _, c := range []visits{
		{`"12345678"`, Scanned, []string{"=12345678"}},
		{`"123456789"`, TooLong, nil},
		{`"12345678`, Broken, nil},
		{`"123456789a`, TooLong, nil},
		{`12345678`, Scanned, []string{"=12345678"}},
		{`123456789`, TooLong, nil},
		{`{"12345678":1}`, Scanned, []string{"*=12345678", "*=1"}},
		{`{"123456789":1}`, TooLong, nil},
		{`{"abcd":{"efgh":1}}`, TooLong, nil},
		{`[1,2,3]`, Scanned, []string{"=1", "=2", "=3"}},
		{`[1,2,3,4]`, TooMany, []string{"=1", "=2", "=3"}},
		{`[[[1]]]`, Scanned, []string{"=1"}},
		{`[[[[1]]]]`, TooDeep, nil},
		{`{"a":{"b":{"c":1}}}`, Scanned, []string{"a.b.c=1"}},
		{`{"a":{"b":{"c":{"d":1}}}}`, TooDeep, nil},
		{`{"a":"[[1]]"}`, TooDeep, nil},
		{`{"a":"[1]"}`, Scanned, []string{"a=1"}},
		{`{"a":"[[["}`, Scanned, []string{"a=[[["}},
	} {
		c.check(t, newJSON, small)
	}
}

func TestAChangeOfJSONChangesNothingElse(t *testing.T) {
	for _, c := range []rewrite{
		{` { "a" : "x" ,"b":[ 1 ,true, null,"\u006bept"]}`, "<e>", ` { "a" : "<e>" ,"b":[ "<e>" ,"<e>", null,"\u006bept"]}`},
		{`{"a":"x","b":1,"c":true}`, "-7.5", `{"a":"-7.5","b":-7.5,"c":-7.5}`},
		{`["x",1]`, "", `["",null]`},
		{`["x"]`, "\"\\\n\r\t\x01\x7f æ\xff", `["\"\\\n\r\t\u0001` + "\x7f æ\ufffd\"]"},
		{`{"anna@x.dk":"x","kept":"kept"}`, "<e>", `{"<e>":"<e>","kept":"kept"}`},
		{`{"p":"{ \"a\" :\"x\"}","q":"{\u0022a\u0022:\"kept\"}"}`, "\"", `{"p":"{ \"a\" :\"\\\"\"}","q":"{\u0022a\u0022:\"kept\"}"}`},
		{`["[\"[1]\"]"]`, "y", `["[\"[\\\"y\\\"]\"]"]`},
		{"\ufeff1", "y", "\ufeff\"y\""},
	} {
		c.check(t, newJSON)
	}
}

func TestLinesOfJSONAreWalked(t *testing.T) {
	for _, c := range []visits{
		{"", Scanned, nil}, {"\n\r\n \n", Scanned, nil},
		{"{\"a\":1}\n\n[2]\r\n 3 \n\"4\"", Scanned, []string{"a=1", "=2", "=3", "=4"}},
		{"\ufeff1\n2", Scanned, []string{"=1", "=2"}},
		{"\x1e{\"a\":\n1}\n\x1e\x1e2\n", Scanned, []string{"a=1", "=2"}}, {"\x1e[\x1e]", Broken, nil}, {"\x1e1 2", Broken, []string{"=1"}},
		{"1 2", Broken, []string{"=1"}}, {"[1\n]", Broken, []string{"=1"}}, {"1\n[", Broken, []string{"=1"}}, {"1\n\ufeff2", Broken, []string{"=1"}}, {"\xef\xbb", Broken, nil}, {"\"a\n\"", Broken, nil}, {"{\"a\":\n1}", Broken, nil},
	} {
		c.check(t, newNDJSON, defaults)
	}
	rewrite{"{\"a\":1}\n\n[2, \"kept\"]\r\n3", "y", "{\"a\":\"y\"}\n\n[\"y\", \"kept\"]\r\n\"y\""}.check(t, newNDJSON)
}
