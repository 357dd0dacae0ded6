// Package rewrite writes logs that other programs wrote anew, so that they hold
// what the policy leaves of them and keep their format: a reader of the format
// reads what comes out. What stands in a line that is not of its format is not
// copied: the line gives way to one that says so.
//
// It decides nothing itself: capture says what a field is, a redact.Cleaner what
// is written of it. What it remembers of a field is a keyed hash and the clean
// text, never what was read.
//
// The package imports redact and what lies below redact/. It must not import
// policy or anything below proxy/.
package rewrite
