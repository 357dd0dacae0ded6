package main

import (
	"context"
	"io"
	"time"

	"weir/redact/raw"
	"weir/redact/rewrite"
)

// exchangeCounter is written a log of lines, and counts its exchanges and the lines of none.
type exchangeCounter struct {
	*io.PipeWriter
	done       chan struct{}
	read, none int
}

func countExchanges(f *rewrite.Format) *exchangeCounter {
	in, out := io.Pipe()
	c := &exchangeCounter{PipeWriter: out, done: make(chan struct{})}
	go func() {
		defer close(c.done)
		counts, err := rewrite.Exchanges(context.Background(), in, f, time.Now(), func(int64, func(*raw.Exchange)) error {
			c.read++
			return nil
		})
		if err == nil {
			c.none = int(counts.Broken)
		}
		_, _ = io.Copy(io.Discard, in) // what is read must not wait
	}()
	return c
}

// end counts to the end of what was written.
func (c *exchangeCounter) end() (read, none int) {
	_ = c.Close()
	<-c.done
	return c.read, c.none
}
