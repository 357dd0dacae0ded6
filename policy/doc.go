// Package policy compiles policy.yaml and answers what may be written of an exchange, for
// each finding and each remainder that redact has, and what may become of it: Decide and
// Judge.
//
// # Rules
//
// For a finding the first rule whose `when` is true decides. A rule that does
// not test field.category decides only the remainder of a field. What no rule
// names is dropped, and so is what a rule fails over while it is evaluated.
//
// # Decided once
//
// When a policy is compiled each `when` is taken apart along &&, ||, ! and ?:
// into atoms, and each atom is known by the variables that it reads. What reads
// only the place, the kind, the category, the confidence and the service is
// evaluated once for each (place, category, confidence band) and remembered; of
// the rest only those atoms are left for run time that could still change the
// answer. Confidence bands lie between the constants that rules compare
// field.confidence with; a rule that does anything else with the confidence is
// evaluated each time. What reads the name of an unknown place, or the path of
// the request, is remembered by a keyed hash of that text in a table of fixed
// size. Nothing that a sender chooses makes anything grow.
//
// # Judged
//
// Of what leaves, and of what comes back to a browser, every rule that matches counts
// and the strongest decides. Expressions read a view of the exchange in which all that was
// not seen is CEL unknown; a condition then comes to unseen, and the rule does its
// `unseen`. What rules say of the recipient alone is evaluated once for each declared
// use; equal parts of several rules once for each exchange. An expression's cost, and
// what it makes, is bounded; what it fails over is never quoted.
//
// # Places
//
// A place is known where the policy or weir's vocabulary knows its name; all
// others of one kind are one place, "url.query.*".
//
// A Policy is immutable and safe for concurrent use. The package must not
// import redact, walk, record or anything of proxy.
package policy
