package walk

import "weir/redact/raw"

// shape is what the value of a header is made of.
type shape uint8

const (
	plain     shape = iota
	cookies         // RFC 6265 section 4.2: name=value; name=value
	setCookie       // RFC 6265 section 4.1: name=value; attributes
	addresses       // addresses divided by commas
	forwarded       // RFC 7239 section 4
	location        // a URL
	refresh         // 5; url=URL
	link            // RFC 8288 section 3: <URL>; rel=…, …
)

// shapes holds, by the length of their names, the headers that are taken apart.
var shapes = byLength(map[string]shape{
	"cookie": cookies, "set-cookie": setCookie,

	"x-forwarded-for": addresses, "x-original-forwarded-for": addresses, "x-real-ip": addresses, "x-client-ip": addresses,
	"client-ip": addresses, "true-client-ip": addresses, "cf-connecting-ip": addresses, "cf-connecting-ipv6": addresses,
	"cf-pseudo-ipv4": addresses, "fastly-client-ip": addresses, "x-cluster-client-ip": addresses, "fly-client-ip": addresses,
	"x-envoy-external-address": addresses, "x-azure-clientip": addresses, "x-azure-socketip": addresses,
	"x-appengine-user-ip": addresses, "x-remote-ip": addresses, "x-remote-addr": addresses, "x-originating-ip": addresses,
	"x-forwarded": addresses, "forwarded-for": addresses, "x-nf-client-connection-ip": addresses, "do-connecting-ip": addresses,
	"forwarded": forwarded,

	"referer": location, "origin": location, "location": location, "content-location": location, "destination": location,
	"x-original-url": location, "x-rewrite-url": location, "x-original-uri": location, "x-forwarded-uri": location,
	"sourcemap": location,
	"refresh":   refresh, "link": link,
})

type named struct {
	name  string
	shape shape
}

const longestShape = 26

// firsts tells of each length which first letters a name in shapes has: most
// headers are none of them.
var firsts = func() (table [longestShape + 1]uint32) {
	for n := range shapes {
		for i := range shapes[n] {
			table[n] |= letter(shapes[n][i].name[0])
		}
	}
	return table
}()

// letter is the bit of an ASCII letter, in either case.
func letter(c byte) uint32 { return 1 << ((c | 0x20 - 'a') & 31) }

func byLength(all map[string]shape) (table [longestShape + 1][]named) {
	for name, s := range all {
		table[len(name)] = append(table[len(name)], named{name, s})
	}
	return table
}

// shapeOf looks a header's name up, ignoring ASCII case. Cookies are cookies
// only in the message that carries them.
func shapeOf(name []byte, kind raw.Kind) shape {
	n := find(name)
	if n == nil || n.shape == cookies && kind != raw.RequestHeader || n.shape == setCookie && kind != raw.ResponseHeader {
		return plain
	}
	return n.shape
}

// shapeKnown is that of a header by the name that it is known under, in lower case.
func shapeKnown(name string) shape {
	if len(name) == 0 || len(name) > longestShape || firsts[len(name)]&letter(name[0]) == 0 {
		return plain
	}
	for i := range shapes[len(name)] {
		if shapes[len(name)][i].name == name {
			return shapes[len(name)][i].shape
		}
	}
	return plain
}

func find(name []byte) *named {
	if len(name) == 0 || len(name) > longestShape || firsts[len(name)]&letter(name[0]) == 0 {
		return nil
	}
	for i := range shapes[len(name)] {
		if n := &shapes[len(name)][i]; raw.EqualFold(name, n.name) {
			return n
		}
	}
	return nil
}
