// Command weir is a logging proxy that redacts personal data before anything
// is written. Each of its commands has a file.
//
// Exit codes: 0 done, 1 the thing checked is not so, 2 usage or configuration,
// 3 fault.
package main
