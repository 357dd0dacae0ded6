package raw

import "weir/redact/category"

// Question is what a policy is asked: what is to be done with one finding of a
// field, or, where Category is "", with the remainder.
type Question struct {
	hidden

	Exchange *Exchange
	Field    *Field
	Place    *Place
	Category category.Key
	// Confidence is in hundredths.
	Confidence uint8
}

// Route is a path template that matched. It holds nothing of an exchange.
type Route struct {
	// Template is the path as it is written, "/device/{id}".
	Template string
	Segments []RouteSegment
}

// RouteSegment is a literal word, or a placeholder whose Place may carry a category.
type RouteSegment struct {
	Literal string // "" for a placeholder
	Name    string // of a placeholder, without braces
	Place   *Place // of a placeholder
}

// Observer is given the exchange that it was made for when that has ended.
type Observer interface {
	Observe(*Exchange)
}

// Taps is an Observer that is given the bodies of its exchange as they pass,
// without framing, in pieces of any size. A piece is valid during the call. Requests and
// responses may come on two goroutines at one time, each in order; both have ended
// before Observe is called. A call that returns false wants no more of that body.
type Taps interface {
	Observer
	// RequestBody is first called when the request's head has been read.
	RequestBody(p []byte) (more bool)
	// ResponseBody is first called when the response's head has been read.
	ResponseBody(p []byte) (more bool)
	// Upgraded says that the protocol has changed: from now on the two are given
	// what passes on the connection, if it returns true.
	Upgraded() bool
}
