// Package walk visits every field of an exchange's heads: addresses, method,
// URL, headers, cookies, trailers, and the parts of headers whose value is a
// URL. It is a push parser: it calls a Visitor, allocates nothing, and stops at
// MaxFields.
//
// What it can not take apart it gives whole, so that nothing goes unseen; it
// never guesses. The package imports raw and must not import detect, policy
// or transform.
package walk
