// Command accuracy measures how much of what is personal weir's detectors find in
// a corpus, and how much they take for it that is not.
//
// A corpus is JSON lines, of texts with spans, in bytes,
//
//	{"text": "skriv til a@b.dk", "spans": [{"start": 10, "end": 16, "category": "user.contact.email"}], "language": "da"}
//
// or of fields, judged by name and value together:
//
//	{"field": "e_mail", "value": "a@b.dk", "category": "user.contact.email"}
//
// A span is hit by a finding that overlaps it and whose category is the span's,
// or lies above or below it in Fideslang's tree. It is hit exactly if one such
// finding has its start and end. A finding that hits no span is false, under its own
// category. Neither way count spans of the category "ignore" and findings that
// overlap one, nor what is found by decoding a token that is itself a span that was
// hit. Of a field, whatever its name or its value says is a finding, as long as none
// of them is right; the category "" is that of a field that is nothing personal.
//
// One line for each category has the spans, those hit, missed and hit exactly, the
// false findings, then F1 if only exact hits counted, precision, recall and F1.
// "all" is their sum.
//
// The generator makes corpora by code and data of its own: it imports nothing of
// weir, so that a mistake in a detector is not made here too. Everything in them is
// made up, and may be printed.
package main
