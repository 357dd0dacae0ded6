// Package policytest runs exchanges that are written down, cases above all,
// through a policy: through the same engine that live traffic passes, with keys
// that end with the process, and through the policy's own judgement.
//
// A Sample is one exchange with its bodies, read from HTTP text, from an archive
// or from a list of places. A Runner redacts it and says what was found where,
// what decided, and what would be written. What a Sample holds is personal until
// it is redacted: it prints as a placeholder, and no report shows anything of it
// but categories, places and what the engine wrote.
//
// The package must not import anything of proxy.
package policytest
