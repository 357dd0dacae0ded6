package keys

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A ring's file is text of these lines, each ended by a line feed:
//
//	weir keys 1
//	epoch 86400
//	class 30d 20413 6b2f… (64 hexadecimal digits)
//	check 91c0… (64 hexadecimal digits)
//
// epoch is the length of an epoch in seconds. For each retention class, in
// alphabetical order, class says its name, the number of the oldest epoch that is
// kept, counted in epochs from 1970-01-01T00:00:00Z on, and that epoch's key. The
// keys of later epochs follow from it; those of earlier ones stand nowhere. check
// is the SHA-256 of all that stands before it.
const (
	fileHeader = "weir keys 1\n"
	maxFile    = 1 << 20 // bytes
)

type chain struct {
	oldest int64  // number of the oldest epoch that is kept
	key    secret // that epoch's
	keep   time.Duration
}

// encode returns the file of these chains.
func encode(epoch time.Duration, chains map[string]*chain) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%sepoch %d\n", fileHeader, int64(epoch/time.Second))
	names := make([]string, 0, len(chains))
	for name := range chains {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		c := chains[name]
		fmt.Fprintf(&b, "class %s %d %s\n", name, c.oldest, hex.EncodeToString(c.key[:]))
	}
	fmt.Fprintf(&b, "check %x\n", sha256.Sum256(b.Bytes()))
	return b.Bytes()
}

// decode reads a ring's file. What it says of a bad one quotes nothing of it.
func decode(b []byte) (epoch time.Duration, chains map[string]*chain, err error) {
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
	if string(b[at:]) != fmt.Sprintf("check %x\n", sha256.Sum256(b[:at])) {
		return 0, nil, ErrDamaged
	}
	chains = make(map[string]*chain)
	for i, line := range strings.Split(strings.TrimSuffix(string(b[:at]), "\n"), "\n") {
		f := strings.Split(line, " ")
		switch {
		case i == 0:
		case i == 1 && len(f) == 2 && f[0] == "epoch":
			seconds, err := strconv.ParseInt(f[1], 10, 64)
			if epoch = time.Duration(seconds) * time.Second; err != nil || seconds <= 0 || epoch/time.Second != time.Duration(seconds) {
				return 0, nil, ErrDamaged
			}
		case i > 1 && len(f) == 4 && f[0] == "class" && validClass(f[1]) && chains[f[1]] == nil:
			c := new(chain)
			key, err := hex.DecodeString(f[3])
			if err != nil {
				return 0, nil, ErrDamaged
			}
			if len(key) != Size {
				return 0, nil, ErrShort
			}
			copy(c.key[:], key)
			if c.oldest, err = strconv.ParseInt(f[2], 10, 64); err != nil {
				return 0, nil, ErrDamaged
			}
			if c.key == (secret{}) {
				return 0, nil, ErrDamaged
			}
			chains[f[1]] = c
		default:
			return 0, nil, ErrDamaged
		}
	}
	if epoch == 0 {
		return 0, nil, ErrDamaged
	}
	return epoch, chains, nil
}

// validClass reports whether a class can be named so: letters, digits, dots,
// underscores and hyphens, 64 at most.
func validClass(name string) bool {
	if name == "" || len(name) > 64 {
		return false
	}
	for _, c := range []byte(name) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-') {
			return false
		}
	}
	return true
}
