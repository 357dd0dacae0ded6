package raw

// Head is a head as it goes on to the next hop: what of a message is forwarded
// and what the next hop is told. All spans lie in From's arena.
type Head struct {
	hidden

	From *Message

	// Of a request. Target is in the form to send; Authority is what HTTP/2
	// sends as :authority, HTTP/1.x sends the Host line in Header.
	Method    Span
	Target    Span
	Authority Span
	Scheme    Scheme

	// Of a response.
	Status int
	Reason Span

	// Header holds the end-to-end field lines in order, Content-Length in its
	// place. Hop-by-hop fields are not among them.
	Header []Pair

	// Framing is that of the body toward this hop, Length its bytes where it is
	// Length. Chunked means streamed: HTTP/1.1 writes Transfer-Encoding.
	Framing Framing
	Length  int64
	// HeadOnly is a response to HEAD or a 304: framing fields may stand in
	// Header, no body follows.
	HeadOnly bool

	// Upgrade is the protocol written as Upgrade beside Connection: upgrade.
	// An empty span writes none.
	Upgrade Span
	// TE names the TE field in Connection: it stands in Header.
	TE bool
	// Close writes Connection: close, and the connection ends with this message.
	Close bool
}
