package walk

import "testing"

func TestEventsAreVisited(t *testing.T) {
	for _, c := range []visits{
		{"", Scanned, nil}, {"\n\n\r\n", Scanned, nil}, {"\ufeff", Scanned, nil},
		{"data: anna@x.dk\n\n", Scanned, []string{"data=anna@x.dk"}},
		{"\ufeffdata:a\r\ndata: b\rdata\ndata:  c\n\nid: 7\nevent:x\n: note\n:\nretry: 5\nanna@x.dk\nname: anna\n", Scanned,
			[]string{"data=a\nb\n\n c", "id=7", "event=x", "comment=note", "retry=5", "*=anna@x.dk", "*=name: anna"}},
		{"data: {\"a\":\ndata: 1}\n\ndata: [DONE]", Scanned, []string{"data.a=1", "data=[DONE]"}},
		{"data: a\nid: b\n\n", Scanned, []string{"id=b", "data=a"}},
		{"data: \xff\n\n", Broken, nil}, {": \xff", Broken, nil},
	} {
		c.check(t, newEvents, defaults)
	}
}

func TestEventsBeyondALimitSayWhich(t *testing.T) {
	small := Limits{Depth: 3, Values: 2, Value: 16}
	for _, c := range []visits{
		{"data: 1234567890\n\n", Scanned, []string{"data=1234567890"}},
		{"data: 12345678901\n\n", TooLong, nil},
		{": 123456789012345", TooLong, nil},
		{"data: 1\ndata: 234\n\n", TooLong, nil},
		{"data: 1\n: 123456789\n\n", TooLong, nil},
		{"id:1\nid:2\nid:3\n", TooMany, []string{"id=1", "id=2"}},
		{"data:[[[1]]]\n\n", TooDeep, nil},
	} {
		c.check(t, newEvents, small)
	}
}

func TestAChangeOfEventsChangesNothingElse(t *testing.T) {
	for _, c := range []rewrite{
		{"data:x\r\nid: kept\r\ndata: z\r\n\r\ndata: kept\n\n", "a\nb\r\nc\r\r", "id: kept\r\ndata: a\r\ndata: b\r\ndata: c\r\ndata: \r\ndata: \r\n\r\ndata: kept\n\n"},
		{"id:x\nevent: x\n:x\nretry:5\nother: x\n", "a\nb", "id:a b\nevent: a b\n:a b\nretry:a b\na b\n"},
		{"data: {\"a\":\ndata: \"x\"}\n\n", "y", "data: {\"a\":\ndata: \"y\"}\n\n"},
		{"data: x", "", "data: "}, {"data: x\rid:kept\rdata: y\n\n", "a\nb", "id:kept\rdata: a\ndata: b\n\n"}, {"data: x\ndata: y", "a\nb", "data: a\ndata: b"}, {"data: x", "a\nb", "data: a\ndata: b"},
		{"id: x\rdata: x\rdata: x\r\r\n", "y", "id: y\rdata: y\r\r\n"},
	} {
		c.check(t, newEvents)
	}
}
