package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
)

// lost is the share of the requests that the proxy has no line for, 0 to 1. A
// log that sheds lines under load would be cheaper than it looks. It is asked
// after the proxy has ended; before, flushed waits for what is buffered.
func (c *contest) lost() (float64, error) {
	if c.proxy.log == "" || c.sent == 0 {
		return 0, nil
	}
	lines, err := countLines(c.stand.file(c.proxy.log))
	return max(0, 1-lines/c.sent), err
}

// flushed gives a proxy that buffers its log the time to write it.
func (c *contest) flushed(ctx context.Context) {
	for range 10 {
		if gone, err := c.lost(); err != nil || gone == 0 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// countLines counts those of the files that match a pattern, of which the ones
// whose name ends in .zst are compressed. A file that is there in both forms
// counts once.
func countLines(pattern string) (float64, error) {
	files, err := filepath.Glob(pattern)
	if err != nil {
		return 0, err
	}
	sum := 0.0
	for _, name := range files {
		plain, packed := strings.CutSuffix(name, ".zst")
		if packed {
			if _, err := os.Stat(plain); err == nil {
				continue
			}
		}
		n, err := linesOf(name, packed)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

func linesOf(name string, packed bool) (float64, error) {
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil // compressed meanwhile
	}
	if err != nil {
		return 0, err
	}
	defer f.Close()
	var r io.Reader = f
	if packed {
		z, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return 0, err
		}
		defer z.Close()
		r = z
	}
	n, buf := 0, make([]byte, 1<<20)
	for {
		m, err := r.Read(buf)
		n += bytes.Count(buf[:m], []byte{'\n'})
		if err == io.EOF {
			return float64(n), nil
		}
		if err != nil {
			return 0, err
		}
	}
}
