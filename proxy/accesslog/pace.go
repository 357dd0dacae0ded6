package accesslog

import (
	"io"
	"time"
)

// paced is a reader that leaves most of a core to the exchanges: each time that a
// chunk was read and worked on, it rests for thrice as long. On one core a
// goroutine that just went on would hold everybody up for 10 ms and more at a time.
// Its error is errStopped once it is to stop: Close would wait for all the rests.
type paced struct {
	r        io.Reader
	stopping func() bool
	read     int       // bytes since the last rest
	since    time.Time // its end
}

const longestRest = 20 * time.Millisecond

func (p *paced) Read(b []byte) (int, error) {
	if p.stopping() {
		return 0, errStopped
	}
	if p.since.IsZero() {
		p.since = time.Now()
	} else if p.read >= chunkSize {
		time.Sleep(min(3*time.Since(p.since), longestRest))
		p.read, p.since = 0, time.Now()
	}
	n, err := p.r.Read(b)
	p.read += n
	return n, err
}
