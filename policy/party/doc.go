// Package party tells who receives data: from host, path and address to the party
// and the use that a policy declares for it, and whether the law of a day lets
// personal data go there.
//
// A Register is immutable and safe for concurrent use. The package knows nothing of
// an exchange but the host, the path and the address that it is asked about.
package party
