package walk

import (
	"strings"
	"testing"
)

func TestTextIsVisitedInWindows(t *testing.T) {
	small := Limits{Depth: 1, Values: 9, Value: 16}
	for _, c := range []visits{
		{"", Scanned, nil}, {"\ufeff", Scanned, nil}, {"\xef\xbb", Broken, nil}, {"a\xff", Broken, nil},
		{"\ufeffanna\n", Scanned, []string{"=anna\n"}},
		{"0123456789abcdef", TooLong, nil}, {"0123456789abcde", Scanned, []string{"=0123456789abcde"}},
		{"one\ntwo\nthree four five", Scanned, []string{"=one\ntwo\n", "=three four five"}},
		{"one\rtwo threefour five", Scanned, []string{"=one\r", "=two ", "=threefour five"}},
		{"0123456789abcde\r\nb", Scanned, []string{"=0123456789abcde\r", "=\nb"}},
		{"anna 0123456789abcdef", TooLong, []string{"=anna "}},
		{strings.Repeat(" ", 20), Scanned, []string{"=" + strings.Repeat(" ", 16), "=    "}},
	} {
		c.check(t, newText, small)
	}
}

func TestTextThatIsJSONIsWalkedAsThat(t *testing.T) {
	for _, c := range []visits{
		{"\ufeff{\"email\":\"anna@x.dk\",\n\"n\":[1]}\n", Scanned, []string{"email=anna@x.dk", "n=1"}},
		{"[1] and [2]", Scanned, []string{"=[1] and [2]"}},
		{"\"anna\"", Scanned, []string{"=\"anna\""}},
	} {
		c.check(t, newText, defaults)
	}
	visits{"[\n" + strings.Repeat(" ", 16) + "1]", Scanned, []string{"=[\n", "=" + strings.Repeat(" ", 16), "=1]"}}.check(t, newText, Limits{Depth: 1, Values: 9, Value: 16})
	rewrite{"{ \"a\": \"x\" }", "\"", "{ \"a\": \"\\\"\" }"}.check(t, newText)
}

func TestNumbersInGroupsAreNotDividedWhereTextIs(t *testing.T) {
	small := Limits{Depth: 1, Values: 9, Value: 24}
	for _, c := range []visits{
		{"please call +45 12 34 56 78 now", Scanned, []string{"=please ", "=call +45 12 34 56 78 ", "=now"}},
		{"so I said  12 34 56 78 90", Scanned, []string{"=so I ", "=said  12 34 56 78 90"}},
		{"12 34 56 78 90 12 34 56 78", Scanned, []string{"=12 34 56 78 90 12 34 56 ", "=78"}},
	} {
		c.check(t, newText, small)
	}
}

func TestAChangeOfTextChangesNothingElse(t *testing.T) {
	for _, c := range []rewrite{{"\ufeffx", "y", "\ufeffy"}, {"kept", "y", "kept"}, {"x", "", ""}} {
		c.check(t, newText)
	}
}
