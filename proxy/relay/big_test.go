package relay

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"weir/redact/raw"
)

// bigBodies is how many bytes the flat-memory test carries down and up: 10 GiB
// down, which takes some ten seconds, and both ways where WEIR_SOAK is set; less
// with -short and under the race detector.
func bigBodies() (down, up int64) {
	switch {
	case os.Getenv("WEIR_SOAK") != "":
		return 10 << 30, 10 << 30
	case raced || testing.Short():
		return 256 << 20, 256 << 20
	}
	return 10 << 30, 1 << 30
}

// highest samples the heap until stop is closed and returns the highest seen.
func highest(stop chan bool) uint64 {
	var top uint64
	var m runtime.MemStats
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		runtime.ReadMemStats(&m)
		top = max(top, m.HeapAlloc)
		select {
		case <-stop:
			return top
		case <-tick.C:
		}
	}
}

func TestHugeBodiesPassInFlatMemory(t *testing.T) {
	size, upload := bigBodies()
	var uploaded atomic.Int64
	piece := make([]byte, 256<<10)
	up := script(t, func(c net.Conn, r *bufio.Reader) {
		h, _ := readHeadText(r)
		if strings.HasPrefix(h, "PUT ") {
			n, _ := io.CopyBuffer(io.Discard, struct{ io.Reader }{io.LimitReader(r, upload)}, make([]byte, 256<<10))
			uploaded.Store(n)
			_, _ = io.WriteString(c, ok)
			return
		}
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", size)
		for left := size; left > 0; left -= int64(len(piece)) {
			if _, err := c.Write(piece); err != nil {
				return
			}
		}
	})
	s := reverse(t, up)
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	stop, top := make(chan bool), make(chan uint64, 1)
	go func() { top <- highest(stop) }()
	began := time.Now()

	c, r := dial(t, s.addr)
	_ = c.SetDeadline(time.Now().Add(10 * time.Minute))
	send(t, c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	head(t, r)
	if n, err := io.CopyBuffer(io.Discard, struct{ io.Reader }{r}, make([]byte, 256<<10)); n != size || err != nil {
		t.Errorf("%d bytes down, %v", n, err)
	}
	c, r = dial(t, s.addr)
	_ = c.SetDeadline(time.Now().Add(10 * time.Minute))
	send(t, c, fmt.Sprintf("PUT / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n", upload))
	for left := upload; left > 0; left -= int64(len(piece)) {
		if _, err := c.Write(piece); err != nil {
			t.Fatal(err)
		}
	}
	head(t, r)
	if n := uploaded.Load(); n != upload {
		t.Errorf("%d bytes up", n)
	}

	close(stop)
	took := time.Since(began)
	grown := int64(<-top) - int64(before.HeapAlloc)
	t.Logf("%d MiB down and %d up in %v, heap grew by %d KiB at most", size>>20, upload>>20, took.Round(time.Millisecond), grown>>10)
	if grown > 8<<20 {
		t.Errorf("heap grew by %d bytes", grown)
	}
	if e := s.gate.next(t); e.outcome != raw.Complete || e.responseBody != size {
		t.Errorf("%+v", e)
	}
	if e := s.gate.next(t); e.outcome != raw.Complete || e.requestBody != upload {
		t.Errorf("%+v", e)
	}
}
