package walk

import (
	"testing"
)

func TestEveryValueOfAFormIsVisited(t *testing.T) {
	for _, c := range []visits{
		{"", Scanned, nil}, {"&&", Scanned, nil},
		{"email=anna%40x.dk&name=Anna+J%C3%A6ger&a.b=1=2", Scanned, []string{"email=anna@x.dk", "name=Anna Jæger", "a.b=1=2"}},
		{"a=&=b&c&user[email]=d&%61=e", Scanned, []string{"a=", "=b", "=c", "user[email]=d", "a=e"}},
		{"anna%40x.dk=1&+4512345678=2", Scanned, []string{"*=anna@x.dk", "*=1", "*= 4512345678", "*=2"}},
		{`payload={"email":"anna%40x.dk"}&%5B1%5D`, Scanned, []string{"payload.email=anna@x.dk", "=1"}},
		{"query={a(b:1)}&variables={}", Scanned, []string{"query.a.b=1"}},
		{"a=b;c=d", Scanned, []string{"a=b;c=d"}},
	} {
		c.check(t, newForm, defaults)
	}
}

func TestWhatIsNoFormIsBroken(t *testing.T) {
	for _, body := range []string{"a=%", "a=%4", "a=%4&b=1", "a=%zz", "%=a", "a%", "a=%ff", "a=\xff", "%c3=%a6"} {
		for i, cut := range []func(int) bool{whole, bytewise} {
			if w := walking(newForm, defaults, []byte(body), nil, cut); w.why != Broken {
				t.Errorf("%q, %d: %q", body, i, w.why)
			}
		}
	}
}

func TestAFormBeyondALimitSaysWhich(t *testing.T) {
	small := Limits{Depth: 1, Values: 2, Value: 4}
	for _, c := range []visits{
		{"abc=defg", Scanned, []string{"abc=defg"}},
		{"abcde=f", TooLong, nil}, {"a=bcdef", TooLong, nil}, {"abcde", TooLong, nil},
		{"a&b&c", TooMany, []string{"=a", "=b"}},
		{"a=[1]", TooDeep, nil},
	} {
		c.check(t, newForm, small)
	}
}

func TestAChangeOfAFormChangesNothingElse(t *testing.T) {
	for _, c := range []rewrite{
		{"a=x&%62=%6bept&c=x+y&&d", "<e> =&%", "a=%3Ce%3E+%3D%26%25&%62=%6bept&c=%3Ce%3E+%3D%26%25&&%3Ce%3E+%3D%26%25"},
		{"anna%40x.dk=kept", "æ*-._~", "%C3%A6*-._%7E=kept"},
		{`p={"a":+"x"}`, "y", "p=%7B%22a%22%3A+%22y%22%7D"},
		{"a=x&b=1", "", "a=&b="},
	} {
		c.check(t, newForm)
	}
}
