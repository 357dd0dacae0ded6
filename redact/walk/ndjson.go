package walk

// newNDJSON walks lines of JSON texts; a line without one is passed over. A text
// of more than one line is Broken, but where record separators stand before the
// texts (RFC 7464).
func newNDJSON(o *outlet) parser { return &jsonParser{lexing: lexing{o: o}, lines: true} }
