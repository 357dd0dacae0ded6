package http1

import (
	"testing"

	"weir/redact/raw"
)

// A forwarding field is put behind the head while the trailers of a chunked
// body are still on their way.
func TestTrailersStayWholeWhenTheArenaGrowsMeanwhile(t *testing.T) {
	const section = "X-A: first\r\nX-B: second\r\n\r\n"
	lim := Default()
	for cut := range len(section) {
		for again := cut; again < len(section); again++ {
			var m raw.Message
			m.Reset()
			m.AppendString("GET / HTTP/1.1")
			var h head
			h.reset(&lim, &m, false)
			h.trailer = true
			done := false
			for _, part := range []string{section[:cut], section[cut:again], section[again:]} {
				m.AppendString("for=192.0.2.1")
				n, end, why := h.feed([]byte(part))
				if n != len(part) || why != 0 {
					t.Fatalf("cut at %d and %d: took %d of %d, %v", cut, again, n, len(part), why.refused())
				}
				done = end
			}
			if !done || len(m.Trailer) != 2 || string(m.Peek(m.Trailer[0].Name)) != "X-A" || string(m.Peek(m.Trailer[0].Value)) != "first" ||
				string(m.Peek(m.Trailer[1].Name)) != "X-B" || string(m.Peek(m.Trailer[1].Value)) != "second" {
				t.Fatalf("cut at %d and %d: %d lines, done %v", cut, again, len(m.Trailer), done)
			}
		}
	}
}

func TestWhatOthersPutBetweenDoesNotCountAsTrailer(t *testing.T) {
	lim := Default()
	var m raw.Message
	m.Reset()
	var h head
	h.reset(&lim, &m, false)
	h.trailer = true
	for _, part := range []string{"X-A", ": b\r\n", "\r\n"} {
		m.Append(make([]byte, lim.TrailerBytes+1))
		if _, _, why := h.feed([]byte(part)); why != 0 {
			t.Fatal(why.refused())
		}
	}
}
