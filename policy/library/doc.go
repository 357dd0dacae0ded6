// Package library holds ready policies, each with the document that it carries
// out, cases that show what it does, and a page that says what it enforces, what
// it only observes and what a proxy cannot do. They are embedded in the binary,
// for `weir init --from NAME`.
//
// Five of the documents are privacy policies as companies published them, word for
// word, so that quotes can be checked against them. The sixth, eea-default, is one
// that anybody can start with.
//
// The package imports nothing of weir.
package library
