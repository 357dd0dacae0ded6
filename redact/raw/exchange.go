package raw

import (
	"net/netip"
	"time"
)

// Direction says on which side of the service an exchange passed.
type Direction uint8

const (
	Inbound  Direction = iota // from a client to the service: a reverse listener
	Outbound                  // from the service to the world: a forward listener
)

func (d Direction) String() string {
	if d == Outbound {
		return "outbound"
	}
	return "inbound"
}

// Visibility says how much of an exchange was seen.
type Visibility uint8

const (
	SeenHeaders Visibility = iota // both heads; bodies only counted
	SeenFull                      // heads and bodies
	SeenTunnel                    // host, server name, bytes and times of a tunnel
)

func (v Visibility) String() string {
	switch v {
	case SeenFull:
		return "full"
	case SeenTunnel:
		return "tunnel"
	}
	return "headers"
}

// Outcome says how an exchange ended. Its text is written to the log and used
// as a metric label: the list is closed.
type Outcome uint8

const (
	Complete            Outcome = iota // the response ended as its framing says
	Refused                            // not forwarded: ambiguous or over a limit
	Denied                             // not forwarded: the gate said no
	NoRoute                            // not forwarded: no upstream for this host
	UpstreamUnreachable                // no connection, or its TLS did not verify
	UpstreamBroken                     // the upstream ended or broke the protocol early
	UpstreamTimeout                    // the upstream was silent too long
	ClientGone                         // the client left before the end
	ClientTimeout                      // the client was silent too long
	Panicked                           // weir itself failed
	Stopped                            // cut off when weir's drain deadline passed
	UpstreamFull                       // every connection that there may be to it was in use
	OutcomeCount        int     = iota
)

var outcomes = [OutcomeCount]string{"complete", "refused", "denied", "no_route", "upstream_unreachable", "upstream_broken",
	"upstream_timeout", "client_gone", "client_timeout", "panicked", "stopped", "upstream_full"}

func (o Outcome) String() string { return outcomes[o] }

// Exchange is one request and its response, or one tunnel. It is made and
// owned by the goroutine that carries it, reused for the next one, and valid
// until the observer returns.
type Exchange struct {
	hidden

	Direction  Direction
	Visibility Visibility
	Outcome    Outcome
	// Reason says why an exchange was refused: a key from the closed list of
	// the package that refused it, such as "content_length_and_transfer_encoding".
	Reason string

	// Started is when the first byte of the request was read; Duration is from
	// there to the end, FirstByte to the response's head, 0 if there was none.
	Started   time.Time
	Duration  time.Duration
	FirstByte time.Duration

	// Peer is who holds the connection. Client is who is behind it, where a
	// PROXY header or a forwarding field from a trusted peer says so; else it
	// is the same.
	Peer    Address
	Client  Address
	Trusted bool // Client was told by a trusted peer

	// TLSVersion is the client connection's, as in crypto/tls; 0 is plain.
	TLSVersion uint16
	// ClientCertificate is whom the client's certificate was issued to: its
	// subject (RFC 4514), or where that is empty the first of its other names. It is
	// verified, and a span of Request.
	ClientCertificate Span
	// Attempts counts how often an upstream was tried: connections that were sent
	// the request, and those that could not be opened.
	Attempts int

	// To is the host that a reverse listener relays to, as its upstream is configured,
	// and no value of the exchange. It is empty where no upstream was chosen, and for
	// what goes out: then the request names it.
	To string
	// Recipient is the address that a request is relayed to, where it is known.
	Recipient netip.Addr

	// Trace is nil where no spans are made of the exchange.
	Trace *Trace

	Request  Message
	Response Message

	// Tunnel is of a CONNECT or an upgrade: what was seen of it. ServerName is a
	// span of Request.
	ServerName Span
	BytesUp    int64
	BytesDown  int64
	Upgraded   bool
}

// Reset empties x and keeps its memory for the next exchange.
func (x *Exchange) Reset() {
	req, resp := x.Request, x.Response
	*x = Exchange{Request: req, Response: resp}
	x.Request.Reset()
	x.Response.Reset()
}

// Verdict is what the gate says of an exchange.
type Verdict struct {
	// Deny stops the exchange: nothing goes upstream and the client is answered
	// with Status, 403 where that is 0.
	Deny   bool
	Status int
	// Reason says why where weir itself could not go on, as Exchange.Reason does.
	Reason string
	// Request and Response say which bodies the observer, which is a Taps then, is
	// to be given.
	Request, Response Wish
}

// Wish is what the gate wants of a body.
type Wish uint8

const (
	Counted Wish = iota // nothing but how long it was
	Tapped              // its bytes as they pass
)
