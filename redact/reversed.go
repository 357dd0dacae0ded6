package redact

import "weir/redact/raw"

// reversed reports whether what follows an address makes a name in the DNS of it
// (RFC 1035 section 3.5): there its last part comes first, so that cutting its end
// would leave the host and take the network.
func reversed(after []byte) bool {
	const zone = ".in-addr.arpa"
	return len(after) >= len(zone) && raw.EqualFold(after[:len(zone)], zone)
}
