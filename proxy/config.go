package proxy

import (
	"net/netip"
	"net/url"
	"time"

	"weir/policy/source"
	"weir/proxy/accesslog"
	"weir/redact/record"
)

// Config mirrors weir.yaml: how one instance runs. Paths are as they open:
// those of the file are taken from the folder that it lies in.
type Config struct {
	// Service names this instance's service in entries, metrics and the domain
	// of its pseudonyms.
	Service string
	// Policy is the path of policy.yaml.
	Policy string
	// Descriptors is the path of a google.protobuf.FileDescriptorSet, by which fields
	// of protobuf are named; "" names them by their numbers.
	Descriptors string
	Listen      []Listener
	// Trust lists the networks whose X-Forwarded-For and PROXY header is believed.
	Trust []netip.Prefix
	// Forwarded says what becomes of X-Forwarded-For towards the service:
	// "append", "pass" or "drop".
	Forwarded string
	Log       []Log
	Keys      Keys
	Admin     Admin
	Telemetry Telemetry
	Limits    Limits
	// Strict serves no request for whose entry a log has no room.
	Strict bool

	file *source.File
	at   positions
}

// positions are where the values stand that are only found wrong when they are
// put to use.
type positions struct{ service, policy, descriptors, keys source.Pos }

// Listener is one address on which weir takes connections: Reverse from
// clients to the service, or Forward from the service to the world.
type Listener struct {
	Reverse string
	Forward string
	// To is where requests to a reverse listener go, by host.
	To  []Upstream
	TLS *TLS
	// Allow says who may use a forward listener; empty is everybody who can reach
	// it, which must be this machine alone.
	Allow []netip.Prefix

	at source.Pos
}

// Address is the one that the listener listens on.
func (l *Listener) Address() string {
	if l.Forward != "" {
		return l.Forward
	}
	return l.Reverse
}

// Upstream is where a reverse listener sends the requests for one host.
type Upstream struct {
	// Host is as in the request, without port and in lower case; "" is any that
	// no other names.
	Host string
	// URLs are equals, and take turns. Each has the scheme http, https or h2c
	// (HTTP/2 with prior knowledge), the same as the others, a host, and no path.
	URLs []*url.URL
}

// TLS ends TLS at a reverse listener.
type TLS struct {
	Cert, Key string
	// Min is the lowest version taken, as in crypto/tls.
	Min uint16
	// Clients are asked for a certificate; nil: they are not.
	Clients *Clients

	at source.Pos
}

// Clients says whose certificates are believed.
type Clients struct {
	// CA is the path of the authorities that they are from.
	CA string
	// Require refuses clients that show none.
	Require bool

	at source.Pos
}

// Log is one sink of the access log: a folder of segments, standard output, or a
// collector.
type Log struct {
	File   string
	Stdout bool
	OTLP   *Collector
	Format record.Format
	// MaxBytes and MaxAge end a segment.
	MaxBytes int64
	MaxAge   time.Duration
	// Buffer bounds the bytes that wait while a sink takes none; 0 is 4 MiB, or
	// 64 MiB where Config.Strict, which counts what is under way too.
	Buffer int64
	// Country is where the entries are kept (ISO 3166-1 alpha-2), "" where the file does not
	// say. The policy's residency is held against it.
	Country string
	// Sync says when the entries of a folder are brought to the disk.
	Sync accesslog.Sync

	at source.Pos
}

// Keys is where the pseudonym keys lie.
type Keys struct {
	Dir string
	// External rings are made and renewed by somebody else, and never written.
	External bool
}

// Limits bound what clients and upstreams may ask for and how long they may
// take. The zero value of a field is its default.
type Limits struct {
	HeaderBytes  int // of a head, names and values; 64 KiB
	HeaderCount  int // field lines of a head; 128
	URLBytes     int // of a request target; 16 KiB
	TrailerBytes int // of a trailer section; 16 KiB
	Connections  int // from clients at one time, to each listener; 20,000
	Streams      int // of one HTTP/2 connection at one time; 128
	// ClientConnections is how many connections one client may have to one listener
	// at one time: an IPv4 address, an IPv6 network of 64 bits. Who is in Trust is
	// not limited by it; 0, which is no limit.
	ClientConnections int
	// UpstreamConnections is how many there may be to one address of an upstream
	// at one time, idle ones included; 20,000. Who needs one more waits for Connect.
	UpstreamConnections int
	EjectAfter          int // failures in a row of one address, after which it is passed over; 3

	ReadHead  time.Duration // from a head's first byte to its last; 10 s
	Idle      time.Duration // of a kept connection between exchanges; 75 s
	Handshake time.Duration // of TLS, either side; 10 s
	Connect   time.Duration // to an upstream; 5 s
	Answer    time.Duration // from the request's end to the answer's head; 60 s
	Stall     time.Duration // that a peer may be silent within a body or tunnel; 5 min
	Drain     time.Duration // for exchanges under way when weir stops; 25 s

	UpstreamIdle time.Duration // of a kept connection to an upstream between exchanges; 60 s
	Resolve      time.Duration // from one resolution of an upstream's name to the next; 30 s
	EjectFor     time.Duration // that an address is passed over for the first time; 10 s
}

// DefaultLimits are those that hold where weir.yaml names none.
func DefaultLimits() Limits {
	return Limits{
		HeaderBytes: 64 << 10, HeaderCount: 128, URLBytes: 16 << 10, TrailerBytes: 16 << 10, Connections: 20000, Streams: 128,
		ReadHead: 10 * time.Second, Idle: 75 * time.Second, Handshake: 10 * time.Second, Connect: 5 * time.Second,
		Answer: time.Minute, Stall: 5 * time.Minute, Drain: 25 * time.Second,
		UpstreamConnections: 20000, EjectAfter: 3, UpstreamIdle: time.Minute, Resolve: 30 * time.Second, EjectFor: 10 * time.Second,
	}
}
