package rewrite

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"weir/redact/capture"
	"weir/redact/raw"
	"weir/redact/record"
)

// ErrNoExchanges is of a format whose lines tell of no exchange, or that is not made of
// lines.
var ErrNoExchanges = errors.New("lines of this format tell of no exchange")

// TellsExchanges reports whether each line of the format is of one exchange.
func (f *Format) TellsExchanges() bool { return f.name == "jsonl" || len(f.templates) > 0 }

// Exchanges reads a log as Copy does, and calls yield for each line that tells of an
// exchange: with its number, from 1, and what puts all that it tells into an exchange, by
// the time yield returns. Other lines are counted as broken. now is the time of lines that
// name none. The error is ErrNoExchanges, or that of in, ctx or yield.
func Exchanges(ctx context.Context, in io.Reader, f *Format, now time.Time, yield func(line int64, tell func(*raw.Exchange)) error) (Counts, error) {
	w := &lines{format: f, now: now, members: make(map[string]*capture.Field)}
	if !f.TellsExchanges() {
		return w.counts, ErrNoExchanges
	}
	r := &reader{in: in, ctx: ctx}
	var src []byte
	for {
		var err error
		if src, err = r.next(src[:0]); err != nil || len(src) == 0 {
			w.counts.Bytes = r.total
			return w.counts, err
		}
		for line := range bytes.Lines(src) {
			w.counts.Lines++
			if line = bytes.TrimRight(line, "\r\n"); !w.reads(line) {
				w.counts.Broken++
				continue
			}
			if err := yield(w.counts.Lines, w.whole); err != nil {
				return w.counts, err
			}
		}
		clear(w.members)
	}
}

// reads takes a line apart, and reports whether it tells of an exchange: by a method and
// what that is asked of.
func (w *lines) reads(line []byte) bool {
	if len(line) > MaxLine {
		return false
	}
	w.line = line
	if w.format.name == "jsonl" {
		if trimmed := bytes.TrimSpace(line); len(trimmed) < 2 || trimmed[0] != '{' {
			return false
		}
		w.style = record.Bare
	} else if !w.parse(line) {
		return false
	}
	w.probe.Reset()
	if !w.exchange(&w.probe) {
		return false
	}
	m := &w.probe.Request
	return isMethod(m.Peek(m.Method)) && m.Path.Len() > 0
}

// whole puts all that the line at hand tells into an exchange.
func (w *lines) whole(x *raw.Exchange) {
	w.exchange(x)
	if w.style == record.Bare {
		x.Started = w.named()
	} else {
		x.Started = w.time()
	}
	if latest := w.latest(); x.Started.After(latest) {
		x.Started = latest
	}
}
