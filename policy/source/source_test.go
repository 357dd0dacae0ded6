package source_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"weir/policy/source"
)

// problems is what a file's errors print, one a line.
func problems(f *source.File) string {
	if err := f.Err(); err != nil {
		return err.Error()
	}
	return ""
}

func TestUnreadableFileIsRefusedWithItsPlace(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"empty":             {"", "f:1:1: is empty"},
		"only comments":     {"# nothing\n", "f:1:1: is empty"},
		"not utf-8":         {"a: 1\nb: \xff", "f:2:4: is not UTF-8 from here on; write instead: the file in UTF-8"},
		"bare cr":           {"a: 1\rb: 2\n", "f:1:5: has a carriage return without a line feed; write instead: a line feed"},
		"nul":               {"a: \x00\n", "f:1:4: has the control character U+0000"},
		"tab":               {"a:\n\tb: 1\n", "f:2:1: is indented with a tab; write instead: spaces"},
		"too large":         {strings.Repeat("#\n", source.MaxBytes), "f: is larger than 1048576 bytes"},
		"blank lines":       {"a: |\n  x\n" + strings.Repeat("\n", 5000) + "b: 1\n", "f:103:1: has more than 100 blank lines in a row"},
		"two documents":     {"a: 1\n---\nb: 2\n", "f:2:1: a second document begins here; write instead: one document in each file"},
		"document end":      {"a: 1\n...\n", `f:2:1: the document end "..." is not supported; write instead: the file without it`},
		"anchor":            {"a: &x 1\n", `f:1:4: an unquoted "&" begins an anchor, which is not supported; write instead: the value itself, wherever it is needed`},
		"alias":             {"a: *x\n", `f:1:4: an unquoted "*" begins an alias, which is not supported; write instead: "*x"`},
		"starred key":       {"a:\n  **.x: y # z\n", `f:2:3: an unquoted "*" begins an alias, which is not supported; write instead: "**.x": y`},
		"escape":            {"a: \"^x\\d\"\n", `f:1:8: a backslash in double quotes begins an escape, and this is none; write instead: single quotes around the whole, or \\ for each backslash`},
		"indented deeper":   {"a: b\n  c: d\n", `f:1:4: has a value, and the next line is indented deeper; write instead: the next key in the column of this one`},
		"indented quoted":   {"a: \"b\"\n  c: d\n", `f:2:3: is indented as no line above it is; write instead: the column of the key or the dash that this stands beside`},
		"indented less":     {"a:\n    b: c\n  d: e\n", `f:3:3: is indented as no line above it is; write instead: the column of the key or the dash that this stands beside`},
		"bracket alone":     {"a: ]\n", "f:1:4: this bracket closes none that is open"},
		"merge key":         {"a:\n  <<: {b: 1}\n", `f:2:3: the merge key "<<" is not supported; write instead: the keys themselves`},
		"complex key":       {"? a\n: b\n", `f:1:1: an unquoted "?" begins a complex key, which is not supported; write instead: "? a"`},
		"deep flow":         {"a: " + strings.Repeat("[", 40) + strings.Repeat("]", 40), "f:1:36: is nested deeper than 32 levels"},
		"deep entries":      {strings.Repeat("- ", 40) + "a", "f:1:65: is nested deeper than 32 levels"},
		"deep blocks":       {deep(40), "f:33:33: is nested deeper than 32 levels"},
		"many keys":         {"{" + strings.Repeat("a: b,", 20001) + "}", "f:1:100003: has more than 20000 keys"},
		"open list":         {"a: [x, y", `f:1:4: this list is not closed; write instead: "]" at its end`},
		"colon in value":    {"a: x ? y : z\n", `f:1:4: an unquoted value holds ": "; write instead: "x ? y : z"`},
		"behind a quote":    {"a: \"b\" == c\n", `f:1:8: text goes on behind a closing quote; write instead: the whole value in one pair of quotes, such as 'field.name == "x"'`},
		"reserved":          {"a: @b\n", `f:1:4: an unquoted value cannot begin with "@"; write instead: "@b"`},
		"tag":               {"- when: !party.declared\n  then: x\n", `f:1:9: an unquoted value that begins with "!" is a YAML tag, not an expression; write instead: "!party.declared"`},
		"tag with a call":   {"- when: !a.within(\"x\") && b # why\n", `f:1:9: an unquoted value that begins with "!" is a YAML tag, not an expression; write instead: '!a.within("x") && b'`},
		"tag with brackets": {"- when: !(a || b)\n", `f:1:9: an unquoted value that begins with "!" is a YAML tag, not an expression; write instead: "!(a || b)"`},
		"tag in a mapping":  {"- {when: !a.b, then: keep()}\n", `f:1:10: an unquoted value that begins with "!" is a YAML tag, not an expression; write instead: "!a.b"`},
		"tag at the end":    {"- {then: keep(), when: !a.b}\n", `f:1:24: an unquoted value that begins with "!" is a YAML tag, not an expression; write instead: "!a.b"`},
	} {
		t.Run(name, func(t *testing.T) {
			f := source.Parse("f", []byte(c.in))
			if got := problems(f); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if f.Root().Exists() {
				t.Error("a refused file has a root")
			}
		})
	}
}

func deep(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func TestAllErrorsAreToldAtOnceInOrder(t *testing.T) {
	f := source.Parse("f", []byte("nmae: x\nretain: soon\nname: [a]\nname: b\negress: {}\nzzz: 1\n"))
	m := f.Root().Map(source.Keys{Known: []string{"name", "retain"}, Later: []string{"egress"}})
	m.Get("retain").Duration()
	m.Require("name", "").Text()
	m.Require("owner", "owner: somebody")
	want := strings.Join([]string{
		`f:1:1: unknown key "nmae"; write instead: name`,
		`f:1:1: "owner" is missing; write instead: owner: somebody`,
		`f:2:9: "retain": "soon" is not a duration; write instead: a number and a unit, such as 30d, 24h, 5m, 1s or 500ms`,
		`f:3:7: "name": expected text, found a list`,
		`f:4:1: the key "name" stands here for the second time, first in line 3`,
		`f:5:1: "egress" is not supported by this version of weir; write instead: nothing`,
		`f:6:1: unknown key "zzz"; write instead: one of name, retain`,
	}, "\n")
	if got := problems(f); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var one *source.Error
	if err := f.Err(); !errors.As(err, &one) || one.Line != 1 {
		t.Errorf("errors.As found %v", one)
	}
}

func TestScalarsAreRead(t *testing.T) {
	f := source.Parse("f", []byte("\xef\xbb\xbf---\r\nd: 1d12h\r\ns: 64KiB\r\nb: true\r\ni: 12\r\nt: Nordhøst \"x\"\r\np: 10.0.0.0/8\r\nq: 192.0.2.1\r\nl: \":8080\"\r\nu: https://x.example:99/a\r\nh: WWW.x.example\r\ne: pass\r\n"))
	m := f.Root().Entries()
	if d := m.Get("d").Duration(); d != 36*time.Hour {
		t.Error("duration", d)
	}
	if s := m.Get("s").Size(); s != 65536 {
		t.Error("size", s)
	}
	if !m.Get("b").Bool() || m.Get("i").Int(0, 20) != 12 || m.Get("t").Text().Value != `Nordhøst "x"` {
		t.Error("bool, int or text")
	}
	if p := m.Get("p").Prefix().String(); p != "10.0.0.0/8" {
		t.Error(p)
	}
	if p := m.Get("q").Prefix().String(); p != "192.0.2.1/32" {
		t.Error(p)
	}
	if a := m.Get("l").Address(); a != ":8080" {
		t.Error(a)
	}
	if u := m.Get("u").URL("https"); u == nil || u.Port() != "99" {
		t.Error(u)
	}
	if h := m.Get("h").Host(); h != "www.x.example" {
		t.Error(h)
	}
	if e := m.Get("e").Enum("append", "pass"); e != "pass" {
		t.Error(e)
	}
	if m.Get("absent").Duration() != 0 || m.Get("absent").List() != nil || m.Get("absent").Map(source.Keys{}).Len() != 0 {
		t.Error("an absent value is not zero")
	}
	if err := f.Err(); err != nil {
		t.Error(err)
	}
}

func TestWrongScalarsAreRefused(t *testing.T) {
	for _, c := range []struct {
		in   string
		read func(source.Node)
		want string
	}{
		{"30", func(n source.Node) { n.Duration() }, `f:1:4: "k": a duration needs a unit; write instead: 30s, or another unit of d, h, m, s, ms`},
		{"0", func(n source.Node) { n.Duration() }, `f:1:4: "k": a duration is above zero and at most 100 years; write instead: a number and a unit, such as 30d, 24h, 5m, 1s or 500ms`},
		{"-5", func(n source.Node) { n.Duration() }, `f:1:4: "k": a duration is above zero and at most 100 years; write instead: a number and a unit, such as 30d, 24h, 5m, 1s or 500ms`},
		{"-5s", func(n source.Node) { n.Duration() }, `f:1:4: "k": "-5s" is not a duration; write instead: a number and a unit, such as 30d, 24h, 5m, 1s or 500ms`},
		{"0s", func(n source.Node) { n.Duration() }, `f:1:4: "k": a duration is above zero and at most 100 years; write instead: a number and a unit, such as 30d, 24h, 5m, 1s or 500ms`},
		{"999999999999d", func(n source.Node) { n.Duration() }, `f:1:4: "k": a duration is above zero and at most 100 years; write instead: a number and a unit, such as 30d, 24h, 5m, 1s or 500ms`},
		{"64kb", func(n source.Node) { n.Size() }, `f:1:4: "k": "64kb" is not a size; write instead: 64KiB`},
		{"64", func(n source.Node) { n.Size() }, `f:1:4: "k": a size needs a unit; write instead: 64B, or another unit of B, KiB, MiB, GiB, TiB`},
		{"0", func(n source.Node) { n.Size() }, `f:1:4: "k": a size is above zero; write instead: a number and a unit, such as 512B, 64KiB, 10MiB or 1GiB`},
		{"99999999TiB", func(n source.Node) { n.Size() }, `f:1:4: "k": "99999999TiB" is not a size; write instead: a number and a unit, such as 512B, 64KiB, 10MiB or 1GiB`},
		{"yes", func(n source.Node) { n.Bool() }, `f:1:4: "k": expected true or false, found text; write instead: true`},
		{"1.2", func(n source.Node) { n.Text() }, `f:1:4: "k": expected text, found a number; write instead: "1.2"`},
		{"{a: b}", func(n source.Node) { n.Text() }, `f:1:4: "k": expected text, found a mapping`},
		{"{a: [http://b:80]}", func(n source.Node) { n.Entries().Get("a").List()[0].URL("http") }, `f:1:9: "a": expected text, found a mapping; write instead: the same in double quotes`},
		{`"1.1"`, func(n source.Node) { n.Enum("1.2", "1.3") }, `f:1:4: "k" cannot be "1.1"; write instead: "1.2"`},
		{"010", func(n source.Node) { n.Int(0, 99) }, `f:1:4: "k" is not a decimal number from 0 to 99`},
		{"1.5", func(n source.Node) { n.Share() }, `f:1:4: "k" is not a share; write instead: a number from 0 to 1, such as 0.01`},
		{"-1", func(n source.Node) { n.Share() }, `f:1:4: "k" is not a share; write instead: a number from 0 to 1, such as 0.01`},
		{"half", func(n source.Node) { n.Share() }, `f:1:4: "k": expected a share, found text; write instead: a number from 0 to 1, such as 0.01`},
		{"12", func(n source.Node) { n.Int(0, 9) }, `f:1:4: "k" is not a decimal number from 0 to 9`},
		{"10.0.0.1/8", func(n source.Node) { n.Prefix() }, `f:1:4: "10.0.0.1/8" has bits set behind its prefix; write instead: 10.0.0.0/8`},
		{"ten", func(n source.Node) { n.Prefix() }, `f:1:4: "ten" is not a network; write instead: an address and a prefix length, such as 10.0.0.0/8 or 2001:db8::/32`},
		{"8080", func(n source.Node) { n.Address() }, `f:1:4: "k": expected an address and a port; write instead: ":8080"`},
		{"a b:80", func(n source.Node) { n.Address() }, `f:1:4: "a b:80" has no address or name of a host; write instead: such as ":8080", 127.0.0.1:8080 or "[::1]:8080"`},
		{"x:99999", func(n source.Node) { n.Address() }, `f:1:4: "x:99999" has no port from 0 to 65535; write instead: such as ":8080", 127.0.0.1:8080 or "[::1]:8080"`},
		{"ftp://u:secret@x", func(n source.Node) { n.URL("http", "https") }, `f:1:4: "k": the scheme of this URL is not http or https; write instead: such as http://127.0.0.1:3000`},
		{"http://", func(n source.Node) { n.URL("http") }, `f:1:4: "k": this URL has no host; write instead: such as http://127.0.0.1:3000`},
		{"appendd", func(n source.Node) { n.Enum("append", "pass") }, `f:1:4: "k" cannot be "appendd"; write instead: append`},
		{"a_b!", func(n source.Node) { n.Host() }, `f:1:4: "a_b!" is not the name of a host; write instead: such as www.nordhost.example`},
		{"text", func(n source.Node) { n.List() }, `f:1:4: "k": expected a list, found text; write instead: "- " before each entry`},
		{"[a]", func(n source.Node) { n.Entries() }, `f:1:4: "k": expected a mapping, found a list; write instead: the entries without dashes`},
		{"", func(n source.Node) { n.List() }, `f:1:4: "k": expected a list, found nothing; write instead: []`},
		{"''", func(n source.Node) { n.Word() }, `f:1:4: "k": expected some text on one line`},
	} {
		f := source.Parse("f", []byte("k: "+c.in+"\n"))
		c.read(f.Root().Entries().Get("k"))
		if got := problems(f); got != c.want {
			t.Errorf("%q\ngot  %s\nwant %s", c.in, got, c.want)
		}
	}
}

func TestDurationIsWrittenInItsLargestUnit(t *testing.T) {
	for in, want := range map[string]string{"720h": "30d", "30d": "30d", "90m": "90m", "1h30m": "90m", "1500ms": "1500ms", "60s": "1m"} {
		d, ok := source.ParseDuration(in)
		if got := source.FormatDuration(d); !ok || got != want {
			t.Errorf("%s is written %s, want %s", in, got, want)
		}
	}
}

func TestMissingFileIsToldByName(t *testing.T) {
	_, err := source.Read(t.TempDir() + "/none.yaml")
	if err == nil || !strings.HasSuffix(err.Error(), "none.yaml: cannot be read: no such file or directory") {
		t.Error(err)
	}
	if _, err := source.Read(t.TempDir()); err == nil {
		t.Error("a folder was read")
	}
}

func TestPlainIsAnyScalarAsItIsWritten(t *testing.T) {
	f := source.Parse("f.yaml", []byte("a: 0.012\nb: true\nc: text\nd:\ne: [x]\n"))
	m := f.Root().Entries()
	for key, want := range map[string]string{"a": "0.012", "b": "true", "c": "text", "d": "", "z": ""} {
		if got := m.Get(key).Plain().Value; got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if m.Get("e").Plain(); f.Err() == nil {
		t.Error("a list is plain")
	}
}
