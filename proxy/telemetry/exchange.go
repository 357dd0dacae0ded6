package telemetry

import "time"

// Exchange is what is counted of one exchange that ended. Nothing of it is text
// that came from traffic.
type Exchange struct {
	Method   Method
	Protocol uint8  // the client's; index into MetricsConfig.Protocols
	Status   int    // as the client received it; 0: none
	Outcome  uint8  // index into MetricsConfig.Outcomes
	Reason   string // why it was refused, else ""
	Duration time.Duration
	Received int64 // bytes of the request's body or the tunnel's way up
	Sent     int64 // bytes of the response's body or the tunnel's way down
}

// Call is the upstream's part of an exchange.
type Call struct {
	Method    Method
	Status    int           // as the upstream sent it; 0: none
	Outcome   uint8         // index into MetricsConfig.Outcomes
	Duration  time.Duration // from the request's being ready to the exchange's end
	FirstByte time.Duration // to the head of the response; 0: there was none
}

// Method is one of the methods that the semantic conventions know, or _OTHER.
type Method uint8

var methods = [...]string{"_OTHER", "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"}

const get Method = 1

func (m Method) String() string { return methods[m] }

// MethodOf finds the method of a request: RFC 9110 section 9, RFC 5789 and
// QUERY. Every other is _OTHER.
func MethodOf(b []byte) Method {
	switch string(b) {
	case "GET":
		return get
	case "HEAD":
		return 2
	case "POST":
		return 3
	case "PUT":
		return 4
	case "DELETE":
		return 5
	case "CONNECT":
		return 6
	case "OPTIONS":
		return 7
	case "TRACE":
		return 8
	case "PATCH":
		return 9
	case "QUERY":
		return 10
	}
	return 0
}
