package transform

import "fmt"

// Family writes the family and the major version of a user agent, or of the
// brands in a client hint, "Firefox 145", where the family is one of a closed
// list; a platform that a client hint names is one too.
func Family() Transform { return Transform{kind: KindFamily} }

// PhoneCountry writes the country code of a telephone number, "+45". A number
// that was written without one is dropped.
func PhoneCountry() Transform { return Transform{kind: KindPhoneCountry} }

// Year writes the year of a date: "1990".
func Year() Transform { return Transform{kind: KindYear} }

// Month writes the year and month of a date: "1990-11".
func Month() Transform { return Transform{kind: KindMonth} }

// Domain writes the domain of a mail address: the host where it may be written
// whole, else the registrable domain. One that is below no suffix of the public
// list is dropped, unless its last label is reserved (RFC 2606).
func Domain() Transform { return Transform{kind: KindDomain} }

// Origin writes the scheme and the registrable domain of a URL.
func Origin() Transform { return Transform{kind: KindOrigin} }

// Template writes the template of a path, by the routes and the words that paths
// are written by, and of a URL its origin before it.
func Template() Transform { return Transform{kind: KindTemplate} }

// NoQuery writes a URL, or a path from its first slash on, without user
// information, parameters, query and fragment.
func NoQuery() Transform { return Transform{kind: KindNoQuery} }

// Bucket writes the lower end k*n of the bucket [k*n, (k+1)*n) that a number is
// in. n is 1 to MaxBucket.
func Bucket(n int) (Transform, error) {
	if n < 1 || n > MaxBucket {
		return Transform{}, fmt.Errorf("bucket: its width is 1 to %d", MaxBucket)
	}
	return Transform{kind: KindBucket, a: uint32(n)}, nil
}

// Coordinates writes coordinates in degrees with n decimals, 0 to MaxDecimals: 1
// is about 11 km, 2 about 1 km.
func Coordinates(n int) (Transform, error) {
	if n < 0 || n > MaxDecimals {
		return Transform{}, fmt.Errorf("coordinates: decimals are 0 to %d", MaxDecimals)
	}
	return Transform{kind: KindCoordinates, a: uint32(n)}, nil
}

// Encrypt writes an address encrypted by ipcrypt-deterministic under the key of
// the epoch: 16 bytes, which nearly always are an IPv6 address, also of IPv4.
// Who has the key can decrypt it. A value that is no address is dropped.
func Encrypt() Transform { return Transform{kind: KindEncrypt} }

// EncryptPrefix writes an address encrypted by ipcrypt-pfx under the key of the
// epoch: addresses that begin with the same bits do so encrypted, too, and IPv4
// stays IPv4.
func EncryptPrefix() Transform { return Transform{kind: KindEncryptPrefix} }
