package telemetry

import (
	"fmt"
	"path"
	"runtime"
	"strconv"
	"strings"
)

// maxFrames bounds the places told of one panic.
const maxFrames = 12

// Panic tells a recovered panic at level error: the type of its value, for the
// runtime's own errors a word for the kind, and the functions and lines it came
// through. The value and the functions' arguments are never written: they may
// hold what passed by. It is called from the deferred function that recovered.
func (l *Log) Panic(event constant, value any, attrs ...Attr) {
	if l == nil {
		return
	}
	l.panics.Add(1)
	all := make([]Attr, 0, len(attrs)+3)
	all = append(all, text("panic", fmt.Sprintf("%T", value)))
	if word := runtimeWord(value); word != "" {
		all = append(all, text("kind", word))
	}
	all = append(all, text("at", frames()))
	l.write(LevelError, event, append(all, attrs...))
}

// frames lists the innermost functions of the panic, "a.f:12 < b.g:3".
func frames() string {
	pcs := make([]uintptr, 64)
	pcs = pcs[:runtime.Callers(3, pcs)]
	var places []string
	inPanic := false
	for it := runtime.CallersFrames(pcs); ; {
		f, more := it.Next()
		switch {
		case f.Function == "runtime.gopanic":
			// What lies further in is the recovering code.
			places, inPanic = places[:0], true
		case inPanic && strings.HasPrefix(f.Function, "runtime."):
		case len(places) < maxFrames:
			places = append(places, path.Base(f.Function)+":"+strconv.Itoa(f.Line))
		}
		if !more {
			return strings.Join(places, " < ")
		}
	}
}

// runtimeWord is the kind of one of the runtime's own errors.
func runtimeWord(value any) string {
	e, ok := value.(runtime.Error)
	if !ok {
		return ""
	}
	if _, ok := e.(*runtime.TypeAssertionError); ok {
		return "type_assertion"
	}
	s := e.Error()
	for _, k := range runtimeKinds {
		if strings.Contains(s, k.part) {
			return k.word
		}
	}
	return other
}

var runtimeKinds = []struct{ part, word string }{
	{"nil pointer dereference", "nil_dereference"},
	{"index out of range", "index_out_of_range"},
	{"slice bounds out of range", "slice_out_of_range"},
	{"divide by zero", "divide_by_zero"},
	{"nil map", "nil_map"},
	{"makeslice", "bad_length"},
	{"negative shift", "negative_shift"},
}
