// Package record holds what may be written of an exchange, and writes it as a
// line: JSON with the names of OpenTelemetry's semantic conventions, Common
// and Combined Log Format.
//
// An Entry is made of clean values and numbers, so that nothing else can
// reach a line. The package imports transform; it must not import raw.
//
// # The line
//
// A JSON line is one object and ends in a line feed. Names stand in the order
// of Entry's fields, each at most once; what is not set is absent. Times are
// RFC 3339 in UTC to the millisecond, durations seconds to the microsecond,
// sizes bytes of payload. A header that some rule lets through stands as
// http.request.header.<name>, an array with an element for each value; cookies
// as one element, "sid=h1.x; theme=dark". "*" stands for a name or a host that
// neither the policy nor the vocabulary knows. url.query is percent-encoded,
// "name=" is a value that was dropped, "…" ends a query of which not all is
// written.
//
// A gap stands where entries could not be written:
//
//	{"time":"…","service":"www","gap":{"entries":3,"first":"…","last":"…"}}
package record
