// Package capture reads what other programs wrote of exchanges: access logs by
// the format that they were configured with, and the names that loggers have for
// the parts of an exchange. It says where in a line each field stands and what
// it is, in the words of weir's own places; what becomes of it is for others to
// say.
//
// A line that is not of its format is refused as a whole: nobody could say what
// stands in it.
//
// The package imports raw. It must not import detect, policy or anything that
// writes.
package capture
