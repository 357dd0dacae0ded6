package listen

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Why a tunnel ended before both sides had. Errors of the net package name both
// ends, so none is kept.
var (
	ErrIdle     = errors.New("listen: tunnel was idle too long")
	ErrClient   = errors.New("listen: the client's side of the tunnel failed")
	ErrUpstream = errors.New("listen: the upstream's side of the tunnel failed")
)

// errOver ends a tunnel without fault. errTakesNoMore ends one direction: what
// its target has sent before it closed is still to be read, and says how it ended.
var (
	errOver        = errors.New("listen: tunnel is over")
	errTakesNoMore = errors.New("listen: side takes no more")
)

// halfClosed is how long a tunnel may be silent once one side has said that it
// is done. Many never hear from the other again.
const halfClosed = 10 * time.Minute

// spliceAfter is how many bytes in one go make a direction worth the kernel's
// splice, and the pipe that it holds. They come in large reads: messages cost
// less when they are copied.
const (
	spliceAfter = 256 << 10
	largeRead   = bufferSize / 4
)

// spliceRound is the longest that a direction stays with the kernel before its
// pipe is given back, if it does not keep the pace of spliceAfter a round.
const spliceRound = time.Second

// buffers holds what tunnels carry bytes in. A direction that waits holds none,
// where its source is a plain socket.
var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// tunnel is what both directions share.
type tunnel struct {
	client, upstream net.Conn

	idle  time.Duration
	start time.Time
	last  atomic.Int64   // when bytes last moved, since start
	half  atomic.Bool    // one direction has ended
	said  [2]atomic.Bool // the client, the upstream is done
	once  sync.Once
	err   error
}

// Splice carries bytes between two connections until both directions have ended,
// one side fails, or nothing has moved for idle, 0 being no limit; then it closes
// both and returns how many bytes went up and how many came down. The end of one
// direction is passed on by CloseWrite; a side that has none ends the tunnel.
// The error is nil, ErrIdle, ErrClient or ErrUpstream.
func Splice(client, upstream net.Conn, idle time.Duration) (up, down int64, err error) {
	t := &tunnel{client: client, upstream: upstream, idle: idle, start: time.Now()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		down = t.carry(client, upstream)
	}()
	up = t.carry(upstream, client)
	<-done
	t.end(nil)
	return up, down, t.err
}

// end closes both sides; the first reason counts.
func (t *tunnel) end(err error) {
	t.once.Do(func() {
		t.err = err
		_ = t.client.Close()
		_ = t.upstream.Close()
	})
}

// limit is the silence allowed at present.
func (t *tunnel) limit() time.Duration {
	if t.half.Load() {
		return min(t.idle, halfClosed)
	}
	return t.idle
}

func (t *tunnel) moved(now time.Time) { t.last.Store(int64(now.Sub(t.start))) }

// silent is how long nothing has moved.
func (t *tunnel) silent() time.Duration { return time.Since(t.start) - time.Duration(t.last.Load()) }

// carry is one direction.
func (t *tunnel) carry(dst, src net.Conn) int64 {
	d := &direction{t: t, dst: dst, src: src, to: socket(dst, false), now: t.start}
	if d.to != nil {
		d.send = newSender(d.to)
	}
	err := d.run()
	switch err {
	case io.EOF:
	case errTakesNoMore:
		return d.n
	case errOver:
		t.end(nil)
		return d.n
	default:
		t.end(err)
		return d.n
	}
	t.done(src).Store(true)
	half, ok := dst.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		t.end(nil)
		return d.n
	}
	t.half.Store(true)
	t.moved(time.Now())
	if limit := t.limit(); limit > 0 {
		_ = dst.SetReadDeadline(time.Now().Add(limit))
	}
	return d.n
}

// direction carries from src to dst.
type direction struct {
	t        *tunnel
	dst, src net.Conn
	to, from *net.TCPConn // beneath dst and src, nil where they are no plain sockets
	n        int64
	burst    int64     // bytes since the last pause
	now      time.Time // when the last read returned
	readBy   time.Time // deadlines that are set
	writeBy  time.Time
	half     bool // with the limit of a half-closed tunnel
	wait     *waiter
	send     *sender
}

// run returns io.EOF where src ended, else why the tunnel ends.
func (d *direction) run() error {
	for {
		if d.from == nil {
			if d.from = socket(d.src, true); d.from != nil {
				d.wait = newWaiter(d.from)
			}
		}
		var err error
		if d.burst >= spliceAfter && d.from != nil && d.to != nil {
			err = d.kernel()
		} else {
			err = d.copy()
		}
		if err != nil {
			return err
		}
	}
}

// copy reads once and writes what came.
func (d *direction) copy() error {
	if err := d.deadline(d.now); err != nil {
		return err
	}
	buf, n, err := d.read()
	now := time.Now()
	switch {
	case now.Sub(d.now) > spliceRound: // a source that pauses is not worth a pipe
		d.burst = 0
	case n < largeRead:
		d.burst = max(0, d.burst-bufferSize)
	default:
		d.burst += int64(n)
	}
	d.now = now
	if n > 0 {
		d.t.moved(now)
		werr := d.write(buf[:n])
		buffers.Put(buf)
		switch {
		case werr == nil:
			d.n += int64(n)
		case isTimeout(werr):
			return ErrIdle
		default:
			return errTakesNoMore
		}
	} else if buf != nil {
		buffers.Put(buf)
	}
	return d.failed(err)
}

// write writes p, which the other side must take in time.
func (d *direction) write(p []byte) error {
	if limit := d.t.limit(); limit > 0 && d.writeBy.Sub(d.now) < limit*3/4 {
		d.writeBy = d.now.Add(limit)
		_ = d.dst.SetWriteDeadline(d.writeBy) // a side that is gone fails by itself
	}
	var err error
	if d.send != nil {
		err = d.send.write(p)
	} else {
		_, err = d.dst.Write(p)
	}
	if d.send == nil || d.send.waited { // silence begins now, not when they were read
		d.now = time.Now()
		d.t.moved(d.now)
	}
	return err
}

// read takes a buffer from the pool, late if it can: buf is nil where there was
// nothing to read.
func (d *direction) read() (*[bufferSize]byte, int, error) {
	if d.wait != nil {
		return d.wait.read()
	}
	buf := buffers.Get().(*[bufferSize]byte)
	n, err := d.src.Read(buf[:])
	return buf, n, err
}

// failed says what an error of reading means for the tunnel.
func (d *direction) failed(err error) error {
	switch {
	case err == nil, err == io.EOF:
		return err
	case !isTimeout(err):
		return d.t.broke(d.src)
	}
	d.burst = 0
	if limit := d.t.limit(); limit > 0 && d.t.silent() >= limit {
		return ErrIdle
	}
	d.readBy = time.Time{}
	return nil
}

// kernel moves bytes by splice(2), without their passing through this process.
// A read deadline ends the round and loses nothing; a write deadline could leave
// bytes behind in the pipe, so there is a timer instead.
func (d *direction) kernel() error {
	_ = d.dst.SetWriteDeadline(time.Time{})
	d.writeBy = time.Time{}
	_ = d.src.SetReadDeadline(time.Now().Add(spliceRound))
	d.readBy = time.Time{}
	var stalled *time.Timer
	if limit := d.t.limit(); limit > 0 {
		stalled = time.AfterFunc(limit+spliceRound, func() { d.t.end(ErrIdle) })
	}
	round := io.LimitedReader{R: d.from, N: 4 << 20}
	n, err := d.to.ReadFrom(&round)
	if stalled != nil {
		stalled.Stop()
	}
	d.n += n
	d.now = time.Now()
	if n > 0 {
		d.t.moved(d.now)
	}
	if n < spliceAfter {
		d.burst = 0
	}
	switch {
	case err == nil && round.N > 0:
		err = io.EOF
	case err != nil && !isTimeout(err) && errors.Is(err, syscall.EPIPE):
		return errTakesNoMore // only writing gives it; a reset can be either's
	}
	return d.failed(err)
}

// done is whether a side has said that nothing more will come from it.
func (t *tunnel) done(c net.Conn) *atomic.Bool {
	if c == t.client {
		return &t.said[0]
	}
	return &t.said[1]
}

// broke is the error of a failure on the side of c. One that has said goodbye
// and then takes no more has closed, as most do: what a TLS client says last
// finds nobody.
func (t *tunnel) broke(c net.Conn) error {
	switch {
	case t.done(c).Load():
		return errOver
	case c == t.client:
		return ErrClient
	}
	return ErrUpstream
}

// deadline sets the limit of the next read, anew when a good part of it has
// passed and not for each.
func (d *direction) deadline(now time.Time) error {
	limit := d.t.limit()
	if limit <= 0 {
		if d.readBy.IsZero() {
			d.readBy = d.t.start
			_ = d.src.SetReadDeadline(time.Time{})
		}
		return nil
	}
	for {
		half := d.t.half.Load()
		if d.readBy.IsZero() || half != d.half || d.readBy.Sub(now) < limit*3/4 {
			d.half = half
			d.readBy = now.Add(limit - min(d.t.silent(), limit*3/4))
			if d.src.SetReadDeadline(d.readBy) != nil {
				return d.t.broke(d.src)
			}
		}
		// The other direction may have ended meanwhile, and lowered the limit.
		if d.t.half.Load() == half {
			return nil
		}
		limit = d.t.limit()
	}
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

// socket is the plain socket beneath c, nil where there is none, or where c
// holds bytes that were read early and reading is meant. A type that wraps one
// says by having Buffered that its NetConn can be used in its place: a *tls.Conn
// has NetConn too, and must not be passed by.
func socket(c net.Conn, reading bool) *net.TCPConn {
	for {
		switch v := c.(type) {
		case *net.TCPConn:
			return v
		case interface {
			net.Conn
			NetConn() net.Conn
			Buffered() int
		}:
			if reading && v.Buffered() > 0 {
				return nil
			}
			c = v.NetConn()
		default:
			return nil
		}
	}
}
