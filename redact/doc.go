// Package redact turns what passed by into what may be written. It walks an
// exchange, detects what is in it, asks the policy through an interface of its
// own, transforms, and seals the entry.
//
// The Engine is relay's gate and makes its observers. It runs on the
// exchange's own goroutine, keeps nothing of an exchange once Observe has
// returned, and never panics outward: a fault of its own costs the entry its
// details.
//
// The package imports only packages below redact/. It must not import policy,
// which happens to satisfy Decider, nor anything below proxy/.
package redact
