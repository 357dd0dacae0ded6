// Command redact measures what redacting an access log costs in processor time:
// weir redact beside sed, perl and Go's regexp with patterns that do as much, over
// the same log in the same run.
//
//	go run ./bench/redact -size 192
//
// The log is made up: visitors with an address, a user agent and a cookie of their
// own, some of whom come often; pages, searches nobody made before, and mail
// addresses in one line of ten. Each line has what Combined Log Format has, and
// the Cookie header. All truncate addresses, and drop the cookie; weir and regexp
// put a keyed pseudonym in the place of a mail address, sed and perl a word.
// weir also takes each line and each URL apart, decodes, and decides on everything.
package main
