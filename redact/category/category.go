package category

import "strings"

// Key is a category's key, such as "user.contact.email". "" is the remainder.
type Key string

// Within reports whether k is ancestor or lies below it in the tree.
func (k Key) Within(ancestor Key) bool {
	return strings.HasPrefix(string(k), string(ancestor)) &&
		(len(k) == len(ancestor) || ancestor != "" && k[len(ancestor)] == '.')
}
