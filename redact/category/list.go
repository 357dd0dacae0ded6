package category

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed fideslang.txt
var listing string

// tree is the embedded list, read once and never changed: each key with the
// one that Fideslang has put in its place, "" for a current key.
var tree, keys = read(listing)

func read(listing string) (map[Key]Key, []Key) {
	replaced := make(map[Key]Key)
	var keys []Key
	for line := range strings.Lines(listing) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, by, _ := strings.Cut(line, " > ")
		replaced[Key(key)] = Key(by)
		keys = append(keys, Key(key))
	}
	return replaced, keys
}

// maybeReplaced is set at the hints of all replaced keys.
var maybeReplaced = func() (t [256]bool) {
	for k, by := range tree {
		if by != "" {
			t[hint(k)] = true
		}
	}
	return t
}()

func hint(k Key) uint8 {
	if k == "" {
		return 0
	}
	return uint8(len(k))*31 + k[len(k)-1]
}

// All returns Fideslang's keys in alphabetical order, the replaced ones among
// them. The slice is the caller's.
func All() []Key { return slices.Clone(keys) }

// Known reports whether k is a key that can be used: one of Fideslang's, or
// one of the user's own below "x.". The remainder is not.
func Known(k Key) bool {
	_, ok := tree[k]
	return ok || own(k)
}

// Replaced returns the key that Fideslang has put in the place of k, and
// whether there is one.
func Replaced(k Key) (Key, bool) {
	by := tree[k]
	return by, by != ""
}

// Parse returns s as a key. The error for an unknown one is an *UnknownError.
func Parse(s string) (Key, error) {
	if Known(Key(s)) {
		return Key(s), nil
	}
	return "", &UnknownError{Text: s, Nearest: nearest(s)}
}

// UnknownError says that a text of the policy is no category.
type UnknownError struct {
	Text    string
	Nearest []Key // up to three, the likeliest first
}

func (e *UnknownError) Error() string {
	if strings.HasPrefix(e.Text, "x.") {
		return fmt.Sprintf("%q is no category of your own: write x. and words of a-z, 0-9 and _, each beginning with a letter, such as x.customer", e.Text)
	}
	if len(e.Nearest) == 0 {
		return fmt.Sprintf("unknown category %q: write one of Fideslang's, or one of your own below x.", e.Text)
	}
	quoted := make([]string, len(e.Nearest))
	for i, k := range e.Nearest {
		quoted[i] = string(k)
	}
	return fmt.Sprintf("unknown category %q: the nearest are %s", e.Text, strings.Join(quoted, ", "))
}
