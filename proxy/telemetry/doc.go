// Package telemetry holds what weir says of itself: its own log, its metrics
// and its health.
//
// It passes the same boundary as the access log, by construction. Events and
// attribute keys have the unexported type constant: other packages can pass
// string constants to them and nothing else, so no text that came from traffic
// can be one. Values come only from the constructors in attr.go, none of which
// takes free text from traffic; errors are told by a word from a closed list,
// panics by their type and place. What third-party code would print is counted
// and classified, never repeated. Metric labels are configured names and words
// of closed lists, so their number is bounded.
//
// The package must not import redact/raw, net/http's client, or any package of
// weir but redact/category.
package telemetry
