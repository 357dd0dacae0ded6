package transform

// Kind is what sort of thing a transform does. The order is by how little it
// leaves: the first is the strictest.
type Kind uint8

const (
	KindDrop          Kind = iota // nothing is left
	KindReplace                   // a text of the policy's
	KindType                      // what kind of data it is
	KindHash                      // a pseudonym under the key of the epoch
	KindEncrypt                   // an address encrypted
	KindEncryptPrefix             // an address encrypted bit by bit
	KindMask                      // the first and last characters, stars between
	KindTruncate                  // the network of an address
	KindShorten                   // the first characters of a text
	KindFamily                    // family and major version of a user agent
	KindPhoneCountry              // country code of a telephone number
	KindYear                      // year of a date
	KindMonth                     // year and month of a date
	KindBucket                    // lower end of the bucket that a number is in
	KindCoordinates               // coordinates to some decimals
	KindDomain                    // domain of a mail address
	KindOrigin                    // scheme and registrable domain of a URL
	KindTemplate                  // the same and the template of its path
	KindNoQuery                   // a URL without what stands behind its path
	KindKeep                      // the value
)

var kindNames = [...]string{"drop", "replace", "replace", "hash", "encrypt", "encrypt_prefix", "mask", "truncate", "truncate",
	"family", "phone_country", "year", "month", "bucket", "coordinates", "domain", "origin", "template", "no_query", "keep"}

// Generalises reports whether k leaves of a value something that many have in
// common, and drops a value that it cannot read.
func (k Kind) Generalises() bool { return k >= KindFamily && k <= KindNoQuery }

// Once reports whether of a value that is in several pieces k is done to one
// alone: what it shows it shows once.
func (k Kind) Once() bool { return k == KindMask || k == KindShorten || k.Generalises() }

// OfAddresses reports whether k drops all that is no address.
func (k Kind) OfAddresses() bool {
	return k == KindTruncate || k == KindEncrypt || k == KindEncryptPrefix
}

// scale is what a generalisation is a step of. Of two on one scale the earlier
// leaves less; of two on unlike ones neither leaves part of the other.
func (k Kind) scale() Kind {
	switch k {
	case KindMonth:
		return KindYear
	case KindTemplate, KindNoQuery:
		return KindOrigin
	}
	return k
}

// partial reports whether k leaves a part of a value that another kind may hide:
// a network, the first characters, a generalisation.
func (k Kind) partial() bool { return k >= KindTruncate && k <= KindNoQuery }

// Stricter is the transform that shows nothing that either of a and b hides. What
// shows no part of a value comes before what does, and all before keep. Two that
// leave parts are done as one only where they are steps of one scale: of those it
// takes the earlier, of two of one kind the smaller of each number, of two buckets
// the one that both fit into. Where they leave unlike parts it drops, and where one
// of them is a mask stars are left.
func Stricter(a, b Transform) Transform {
	if a.kind > b.kind {
		a, b = b, a
	}
	switch {
	case a.kind == KindMask && b.kind != KindKeep && a != b:
		return Transform{kind: KindMask} // also of two: the one that shows less shows it of shorter values
	case a.kind.partial() && b.kind.partial() && a.kind.scale() != b.kind.scale():
		return Drop()
	case a.kind != b.kind, a.kind == KindReplace:
		return a
	case a.kind == KindBucket:
		return commonBucket(a, b)
	}
	return Transform{kind: a.kind, a: min(a.a, b.a), b: min(a.b, b.b)}
}

// commonBucket is the narrowest bucket that holds whole ones of a and of b; it
// drops where that is wider than a policy could ask for.
func commonBucket(a, b Transform) Transform {
	x, y := a.a, b.a
	for y != 0 {
		x, y = y, x%y
	}
	wide := uint64(a.a) / uint64(x) * uint64(b.a)
	if wide > MaxBucket {
		return Drop()
	}
	return Transform{kind: KindBucket, a: uint32(wide)}
}

// Shown is the part of text that t leaves as it stands, beginning where text
// does: all of it, or the first characters, or nothing.
func (t Transform) Shown(text []byte) []byte {
	switch t.kind {
	case KindKeep:
		return text
	case KindShorten:
		return text[:runes(text, int(t.a))]
	case KindNoQuery:
		if scheme, rest, ok := WithoutQuery(text); ok && len(scheme)+len(rest) <= len(text) && string(text[:len(scheme)+len(rest)]) == string(scheme)+string(rest) {
			return text[:len(scheme)+len(rest)]
		}
	}
	return nil
}
