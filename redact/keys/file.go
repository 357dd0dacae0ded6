package keys

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"time"
)

// FORMAT.md says how a ring's file looks.
const (
	fileHeader = "weir keys 1\n"
	maxFile    = 1 << 20 // bytes
	maxLine    = len("class  -9223372036854775808  -9223372036854775808\n") + maxClass + 2*Size
	maxClass   = 64
	maxEpoch   = 1 << 40 // the number of one
)

// encode returns the file of these classes. Whoever asked for it clears it.
func encode(epoch time.Duration, classes map[string]*lineage) []byte {
	size := 3 * maxLine
	for _, l := range classes {
		size += len(l.chains) * maxLine
	}
	b := make([]byte, 0, size) // one that grew would leave keys behind
	b = append(b, fileHeader...)
	b = append(b, "epoch "...)
	b = strconv.AppendInt(b, int64(epoch/time.Second), 10)
	b = append(b, '\n')
	for _, name := range slices.Sorted(maps.Keys(classes)) {
		for i := range classes[name].chains {
			c := &classes[name].chains[i]
			b = append(b, "class "...)
			b = append(b, name...)
			b = append(b, ' ')
			b = strconv.AppendInt(b, c.oldest, 10)
			b = append(b, ' ')
			b = hex.AppendEncode(b, c.key[:])
			if c.since != 0 {
				b = append(b, ' ')
				b = strconv.AppendInt(b, c.since, 10)
			}
			b = append(b, '\n')
		}
	}
	check := sha256.Sum256(b)
	b = append(b, "check "...)
	b = hex.AppendEncode(b, check[:])
	return append(b, '\n')
}

// decode reads a ring's file. What it says of a bad one quotes nothing of it.
func decode(b []byte) (epoch time.Duration, classes map[string]*lineage, err error) {
	if len(b) < len(fileHeader)+len("check \n")+2*Size {
		return 0, nil, ErrShort
	}
	if !bytes.HasPrefix(b, []byte("weir keys ")) {
		return 0, nil, ErrDamaged
	}
	if !bytes.HasPrefix(b, []byte(fileHeader)) {
		return 0, nil, ErrVersion
	}
	at := bytes.LastIndex(b, []byte("\ncheck ")) + 1
	if at == 0 || b[len(b)-1] != '\n' {
		return 0, nil, ErrShort
	}
	check := sha256.Sum256(b[:at])
	if string(b[at:]) != "check "+hex.EncodeToString(check[:])+"\n" {
		return 0, nil, ErrDamaged
	}
	classes = make(map[string]*lineage)
	first, rest, _ := bytes.Cut(b[len(fileHeader):at], []byte("\n"))
	text, ok := bytes.CutPrefix(first, []byte("epoch "))
	seconds, fine := number(text)
	if epoch = time.Duration(seconds) * time.Second; !ok || !fine || seconds <= 0 || epoch/time.Second != time.Duration(seconds) {
		return 0, nil, ErrDamaged
	}
	last := ""
	for line := range bytes.Lines(rest) {
		if err := decodeClass(bytes.TrimSuffix(line, []byte("\n")), classes, &last); err != nil {
			wipe(classes)
			return 0, nil, err
		}
	}
	return epoch, classes, nil
}

// decodeClass reads one line of a class; last is the one before its class.
func decodeClass(line []byte, classes map[string]*lineage, last *string) error {
	word, rest, _ := bytes.Cut(line, []byte(" "))
	name, rest, _ := bytes.Cut(rest, []byte(" "))
	oldest, rest, _ := bytes.Cut(rest, []byte(" "))
	key, since, broken := bytes.Cut(rest, []byte(" "))
	c, ok := chain{}, false
	if c.oldest, ok = number(oldest); string(word) != "class" || !validClass(string(name)) || !ok || max(c.oldest, -c.oldest) > maxEpoch {
		return ErrDamaged
	}
	if len(key) != 2*Size {
		return ErrShort
	}
	if _, err := hex.Decode(c.key[:], key); err != nil || c.key == (secret{}) || bytes.ContainsAny(key, "ABCDEF") {
		return ErrDamaged
	}
	if c.since, ok = number(since); broken && (!ok || c.since <= 0) {
		return ErrDamaged
	}
	if string(name) < *last {
		return ErrDamaged
	}
	*last = string(name)
	l := classes[*last]
	if l == nil {
		l = &lineage{}
		classes[*last] = l
	} else if c.since <= l.chains[len(l.chains)-1].since {
		return ErrDamaged // the same class twice
	}
	l.add(&c)
	clear(c.key[:])
	return nil
}

// number reads a number as encode writes it.
func number(b []byte) (int64, bool) {
	n, err := strconv.ParseInt(string(b), 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == string(b)
}

// wipe clears the keys of all classes.
func wipe(classes map[string]*lineage) {
	for _, l := range classes {
		l.clear()
	}
}

// validClass reports whether a class can be named so: letters, digits, dots,
// underscores and hyphens, 64 at most.
func validClass(name string) bool {
	if name == "" || len(name) > maxClass {
		return false
	}
	for _, c := range []byte(name) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-') {
			return false
		}
	}
	return true
}
