package walk

import "testing"

func TestArgumentsOfAQueryAreVisited(t *testing.T) {
	for _, c := range []visits{
		{``, Scanned, nil},
		{`{ me { id } }`, Scanned, nil},
		{"\ufeff{user(email: \"anna@x.dk\", id:7){name}}", Scanned, []string{"query.user.email=anna@x.dk", "query.user.id=7"}},
		{`mutation M { alias: add(input: {user: {email: "a", tags: ["b", ENUM, true, null, -1.5]}, x: $x}) }`, Scanned,
			[]string{"query.add.input.user.email=a", "query.add.input.user.tags=b", "query.add.input.user.tags=ENUM", "query.add.input.user.tags=true", "query.add.input.user.tags=-1.5"}},
		{`query Q($email: String! = "a" @d(x: 1), $l: [[Int!]!]! = [2] $n: Int) @e(y: "f") { a { b(c: "d") @include(if: true) } }`, Scanned,
			[]string{"query.email=a", "query.d.x=1", "query.l=2", "query.e.y=f", "query.b.c=d", "query.include.if=true"}},
		{"# anna\nfragment F on User { a ...G @x(y:1) ... on T { b } ... @z(w:2) { c } ... { d } }\r#b", Scanned, []string{"query= anna", "query.x.y=1", "query.z.w=2", "query=b"}},
		{`"about" query ("of a" $a: A) { b(c: "\u00e6\u{1F600}\"") d(e: """ x\""" "" y""" f: "") }`, Scanned,
			[]string{"query=about", "query=of a", "query.b.c=æ😀\"", "query.d.e= x\"\"\" \"\" y", "query.d.f="}},
		{`{ a(in: "{\"email\":\"anna@x.dk\"}") }`, Scanned, []string{"query.a.in.email=anna@x.dk"}},
		{`{ cpr_0101701234: user(u0101701234: 1) { x } }`, Scanned, []string{"query.*=cpr_0101701234", "query.user.*=u0101701234", "query.user.*=1"}},
		{`subscription { a } query B { c } { d }`, Scanned, nil},
	} {
		c.check(t, newGraphQL, defaults)
	}
}

func TestWhatIsNoQueryIsBroken(t *testing.T) {
	for _, body := range []string{
		" ", "\ufeff", "#a", "{", "{}", "}", "{a", "{a}}", "{a(}", "{a()}", "{a(b)}", "{a(b:)}", "{a(b:1}", "{a(b:1]", "{a(b:[1)}", "{a(b:{c:1)}", "{a(b:{c})}", "{a:}", "{a:b:c}", "{a{}}", "{a(b:$)}",
		"{..a}", "{....a}", "{...}", "{...on}", "{...on T}", "{...on T @d}", "{...F{a}}", "{a b(c:1)(d:2)}", "{a @d(x:1)(y:2)}", "{@d}", "a", "type A { b: C }", "query", "query {", "query Q R {a}", "query () {a}", "query ($a) {a}",
		"query ($a:) {a}", "query ($a: [A) {a}", "query ($a: A]) {a}", "query ($a: A!!) {a}", "query ($a: A =) {a}", "query (a: A) {a}", "fragment on on A {b}", "fragment F {a}", "fragment F of A {b}", "fragment F on A",
		`"about"`, `{a} "about"`, `query ("a") {b}`, `{"a"}`, `{a(b:"c)}`, "{a(b:\"c\n\")}", `{a(b:"""c"")}`, `{a(b:"\x")}`, `{a(b:"\u{}")}`, `{a(b:"\u{110000}")}`, `{a(b:"\u{12")}`, "{a(b:01)}", "{a(b:1a)}", "{a(b:1.)}", "{a(b:+1)}", "{a(b:\"\xff\")}", "#\xff\n{a}", "{æ}", "{a|b}", "{a&b}", "{a = 1}", "{a!}", "{a;b}",
	} {
		for i, cut := range []func(int) bool{whole, bytewise} {
			if w := walking(newGraphQL, defaults, []byte(body), nil, cut); w.why != Broken {
				t.Errorf("%q, %d: %q", body, i, w.why)
			}
		}
	}
}

func TestGraphQLBeyondALimitSaysWhich(t *testing.T) {
	small := Limits{Depth: 4, Values: 2, Value: 12}
	for _, c := range []visits{
		{`{a(b:"123")}`, Scanned, []string{"query.a.b=123"}},
		{`{a(b:"1234567890123")}`, TooLong, nil},
		{`{a(b:1234567890123)}`, TooLong, nil},
		{`#1234567890123`, TooLong, nil},
		{`{abcdefghijklm}`, TooLong, nil},
		{`{a(bcdef:1)}`, TooLong, nil},
		{`{a(b:[1 2 3])}`, TooDeep, nil},
		{`{a{b{c}}}`, Scanned, nil},
		{`{a{b{c{d}}}}`, TooDeep, nil},
		{`query($a:[[[[[A]]]]]){b}`, TooDeep, nil},
		{`#1` + "\n#2\n#3\n", TooMany, []string{"query=1", "query=2"}},
	} {
		c.check(t, newGraphQL, small)
	}
}

func TestAChangeOfAQueryChangesNothingElse(t *testing.T) {
	for _, c := range []rewrite{
		{`{ a(b : "x", c:["kept" 1, E],d:"""x""") , e(f:"\u006bept") }`, "<\">", `{ a(b : "<\">", c:["kept" "<\">", "<\">"],d:"<\">") , e(f:"\u006bept") }`},
		{"{a(b:true c:null)}#x\r\n", "-1", "{a(b:-1 c:null)}#-1\r\n"},
		{`{a(b:["x""y"E-1])}`, "", `{a(b:["" ""null null])}`},
		{`{a(b:[E-1"x"],c:[kept-1""])}`, "7", `{a(b:[7 7"7"],c:[kept 7"7"])}`},
		{"{a}#x", "y\nz", "{a}#y z"},
		{`{a(b:"""kept""" c:"")}`, "", `{a(b:"""kept""" c:"")}`},
		{`{ a0101701234: b }`, "<id>", `{ __id_: b }`},
		{`{a(b:"{\"c\":1}")}`, "y", `{a(b:"{\"c\":\"y\"}")}`},
	} {
		c.check(t, newGraphQL)
	}
}

func TestAQueryInJSONIsWalked(t *testing.T) {
	for _, c := range []visits{
		{`{"query":"query Q($e:E){user(email:\"anna@x.dk\"){id}}","variables":{"e":"b"}}`, Scanned, []string{"query.user.email=anna@x.dk", "variables.e=b"}},
		{`[{"query":"{a(b:\"c\")}"}]`, Scanned, []string{"query.a.b=c"}},
		{`{"gql":{"query":"{a(b:1)}"}}`, Scanned, []string{"gql.query.a.b=1"}},
		{`{"query":"anna {at} x.dk"}`, Scanned, []string{"query=anna {at} x.dk"}},
		{`{"query":"anna","subquery":"{a(b:1)}","query":""}`, Scanned, []string{"query=anna", "subquery={a(b:1)}", "query="}},
		{`{"query":"{a(query:\"{b(c:\\\"d\\\")}\")}"}`, Scanned, []string{"query.a.query.b.c=d"}},
	} {
		c.check(t, newJSON, defaults)
	}
	rewrite{`{"query":"{a(b:\"x\", c:\"kept\")}"}`, `"`, `{"query":"{a(b:\"\\\"\", c:\"kept\")}"}`}.check(t, newJSON)
}

func TestAQueryInJSONThatIsTooDeepIsAText(t *testing.T) {
	for depth, want := range map[int]string{4: "query={a{b(x:1)}}", 5: "query={a{b(x:1)}}", 6: "query.b.x=1", 7: "query.b.x=1"} {
		limits := defaults
		limits.Depth = depth
		visits{`{"query":"{a{b(x:1)}}","to":"anna"}`, Scanned, []string{want, "to=anna"}}.check(t, newJSON, limits)
	}
}
