package category

import "strings"

// qualifies are the segments whose children are adjectives: name.first is a
// first name, not a first.
var qualifies = map[string]bool{"name": true, "location": true, "content": true, "unique_id": true}

var capitals = map[string]string{"ip": "IP", "id": "ID", "url": "URL", "mac": "MAC"}

// Label returns a short English name of k for people, without the places above
// it in the tree: "IP address", "first name", "email".
func Label(k Key) string {
	segments := strings.Split(string(k), ".")
	word := segments[len(segments)-1]
	switch {
	case k == Remainder:
		return "remainder"
	case len(segments) == 1:
		return word + " data"
	}
	if parent := segments[len(segments)-2]; qualifies[parent] {
		word += "_" + parent
	}
	words := strings.Split(word, "_")
	for i, w := range words {
		if c, ok := capitals[w]; ok {
			words[i] = c
		}
	}
	return strings.Join(words, " ")
}
