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
