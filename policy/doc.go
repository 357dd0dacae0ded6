// Package policy compiles policy.yaml and answers, for each finding and each
// remainder that redact has, what may be written of it.
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
// # Places
//
// A place is known where the policy or weir's vocabulary knows its name; all
// others of one kind are one place, "url.query.*".
//
// A Policy is immutable and safe for concurrent use. The package must not
// import redact, walk, record or anything of proxy.
package policy
