package policy

import (
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// Defect is a fault of weir's own: it panicked over a policy. It holds where in weir that
// was, and nothing of the file nor of what it panicked with.
type Defect struct {
	File string // that could not be taken
	At   string // the function and its line
}

func (d *Defect) Error() string {
	return d.File + ": " + d.Said()
}

// Said is the error without the file's name.
func (d *Defect) Said() string {
	return "weir failed at " + d.At + " and does not take this file: that is a defect of weir"
}

// guarded makes a policy. A panic is returned as a *Defect.
func guarded(name string, make func() (*Policy, error)) (p *Policy, err error) {
	defer func() {
		if recover() != nil {
			p, err = nil, &Defect{File: name, At: panickedAt()}
		}
	}()
	return make()
}

// panickedAt is the innermost function of weir's that panicked: it is asked by what recovers.
func panickedAt() string {
	pcs := make([]uintptr, 64)
	pcs = pcs[:runtime.Callers(2, pcs)]
	frames, inPanic := runtime.CallersFrames(pcs), false
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			inPanic = true
		case inPanic && strings.HasPrefix(f.Function, "weir/"):
			return strings.TrimPrefix(f.Function, "weir/") + ", " + filepath.Base(f.File) + ":" + strconv.Itoa(f.Line)
		}
		if !more {
			return "a place that is not known"
		}
	}
}
