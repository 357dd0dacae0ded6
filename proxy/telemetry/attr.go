package telemetry

import (
	"fmt"
	"strconv"
	"time"
)

// constant is a string known when weir was built. Being unexported it can be
// given only as a literal or an untyped constant: a variable cannot be
// converted to it outside this package.
type constant string

// Attr is one attribute of a log line. Its zero value is left out.
type Attr struct {
	key  string
	text string
	num  int64
	kind kind
}

type kind uint8

const (
	kindNone kind = iota
	kindText
	kindInt
	kindDuration
)

// maxText bounds one value in bytes, so that a line stays a line.
const maxText = 2048

type integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// Int is a count, a size in bytes, a status or another number.
func Int[T integer](key constant, v T) Attr {
	return Attr{key: string(key), kind: kindInt, num: int64(v)}
}

// Duration is written in seconds.
func Duration(key constant, d time.Duration) Attr {
	return Attr{key: string(key), kind: kindDuration, num: int64(d)}
}

// Name is a configured name: from weir.yaml, policy.yaml or the command line,
// never from traffic. It is the one constructor that trusts its caller.
func Name(key constant, configured string) Attr { return text(key, configured) }

// Enum is a value of an enumeration. T is a whole number, so that its text can
// only be one of those built into weir.
func Enum[T interface {
	integer
	fmt.Stringer
}](key constant, v T) Attr {
	return text(key, v.String())
}

// Err tells an error by its class, under the key "error"; see Class. It is the
// only way for an error that traffic may have caused.
func Err(err error) Attr {
	if err == nil {
		return Attr{}
	}
	return text("error", Class(err))
}

// ConfigErr tells the whole text of an error, under the key "error". It is for
// errors about weir's own files, flags and sockets, whose text is ours or the
// operator's, never for an error that traffic may have caused.
func ConfigErr(err error) Attr {
	if err == nil {
		return Attr{}
	}
	return text("error", err.Error())
}

func text(key constant, s string) Attr {
	if len(s) > maxText {
		s = s[:maxText]
	}
	return Attr{key: string(key), kind: kindText, text: s}
}

// append writes the value as JSON, which is also what a person reads save for
// the quotes.
func (a Attr) append(dst []byte) []byte {
	switch a.kind {
	case kindInt:
		return strconv.AppendInt(dst, a.num, 10)
	case kindDuration:
		return strconv.AppendFloat(dst, time.Duration(a.num).Seconds(), 'f', -1, 64)
	}
	return appendQuoted(dst, a.text)
}

// words is a closed list, fixed when it is made.
type words struct {
	index map[string]int
	list  []string
}

// other stands for what a closed list does not have.
const other = "other"

// newWords makes a list of words that come from constants or from
// configuration. "other" is added where it is missing.
func newWords(list []string) *words {
	w := &words{index: make(map[string]int, len(list)+1)}
	for _, s := range list {
		w.add(s)
	}
	w.add(other)
	return w
}

func (w *words) add(s string) {
	if _, ok := w.index[s]; !ok {
		w.index[s] = len(w.list)
		w.list = append(w.list, s)
	}
}

func (w *words) at(s string) int {
	if i, ok := w.index[s]; ok {
		return i
	}
	return w.index[other]
}
