package http1

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"
)

// bounded is a pool of at most that many connections to a listener of the test.
func bounded(t *testing.T, most int, wait time.Duration) (*Pool, net.Listener) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	lim := Default()
	var p *Pool
	p, err = NewPool(PoolConfig{Limits: &lim, Sweeper: newSweeper(t), Most: most, Wait: wait, Dial: func(context.Context) (net.Conn, error) {
		nc, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			p.Leave()
			return nil, err
		}
		return p.Hold(nc, nil), nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p, ln
}

func counts(p *Pool) [3]int {
	open, idle, waiting := p.Count()
	return [3]int{open, idle, waiting}
}

func TestWhoWaitsLongestIsServedFirst(t *testing.T) {
	p, _ := bounded(t, 1, patience)
	c, err := p.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const n = 5
	order := make(chan int, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			c, err := p.Get(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			order <- i
			c.Release() // not clean: it is closed, and the next one dials
		})
		eventually(t, "the wait", func() bool { _, _, waiting := p.Count(); return waiting == i+1 })
	}
	if !p.Full() {
		t.Error("not full")
	}
	c.Release()
	all.Wait()
	for i := range n {
		if got := <-order; got != i {
			t.Errorf("%d came as number %d", got, i)
		}
	}
	if counts(p) != [3]int{} || p.Full() {
		t.Errorf("left %v", counts(p))
	}
}

func TestWaitingForAConnectionEnds(t *testing.T) {
	p, _ := bounded(t, 1, 20*time.Millisecond)
	c, err := p.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Get(t.Context()); err != ErrFull {
		t.Errorf("%v", err)
	}
	p.cfg.Wait = patience
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	if _, err := p.Fresh(ctx); err != context.Canceled {
		t.Errorf("%v", err)
	}
	c.Release()
	if counts(p) != [3]int{} {
		t.Errorf("left %v", counts(p))
	}
}

// TestIdleConnectionMakesPlaceForAFresh one, and is given to one who waits for any.
func TestIdleConnectionMakesPlaceForAFreshOne(t *testing.T) {
	p, ln := bounded(t, 1, patience)
	c, err := p.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	up, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer up.Close()
	given := make(chan *ClientConn)
	go func() {
		other, _ := p.Get(t.Context())
		given <- other
	}()
	eventually(t, "the wait", func() bool { _, _, waiting := p.Count(); return waiting == 1 })
	exchange(t, up, c)
	c.Release()
	if other := <-given; other != c || !other.Reused() {
		t.Fatal("who waits was not given what was kept")
	}
	exchange(t, up, c)
	c.Release()
	if counts(p) != [3]int{1, 1, 0} || p.Full() {
		t.Errorf("%v", counts(p))
	}
	fresh, err := p.Fresh(t.Context())
	if err != nil || fresh.Reused() || counts(p) != [3]int{1, 0, 0} {
		t.Errorf("%v %v", err, counts(p))
	}
	wantEnd(t, up)

	// A place is held until what was taken over is closed.
	tunnel, err := fresh.Takeover()
	if err != nil || !p.Full() {
		t.Errorf("%v, full %v", err, p.Full())
	}
	fresh.Release()
	_ = tunnel.Close()
	_ = tunnel.Close()
	if counts(p) != [3]int{} {
		t.Errorf("left %v", counts(p))
	}
}

// TestEveryIdleConnectionMakesPlaceForAFreshOne has somebody else take the place
// of the first that was closed for it.
func TestEveryIdleConnectionMakesPlaceForAFreshOne(t *testing.T) {
	p, ln := bounded(t, 2, 50*time.Millisecond)
	dial, first := p.cfg.Dial, true
	p.cfg.Dial = func(ctx context.Context) (net.Conn, error) {
		nc, err := dial(ctx)
		if h, ok := nc.(*held); ok && first {
			first = false
			h.ended = func() {
				if err := p.Take(t.Context()); err != nil {
					t.Error(err)
				}
			}
		}
		return nc, err
	}
	var both [2]*ClientConn
	var ups [2]net.Conn
	for i := range both {
		var err error
		if both[i], err = p.Get(t.Context()); err != nil {
			t.Fatal(err)
		}
		if ups[i], err = ln.Accept(); err != nil {
			t.Fatal(err)
		}
		defer ups[i].Close()
	}
	for i, c := range both {
		exchange(t, ups[i], c)
		c.Release()
	}
	if counts(p) != [3]int{2, 2, 0} {
		t.Fatalf("%v", counts(p))
	}
	fresh, err := p.Fresh(t.Context())
	if err != nil {
		t.Fatalf("%v: %v", err, counts(p))
	}
	fresh.Release()
	p.Leave()
	if counts(p) != [3]int{} {
		t.Errorf("left %v", counts(p))
	}
}

// TestDeadConnectionCostsNobodyTheTurn has an upstream end a connection without
// having said so, while two wait.
func TestDeadConnectionCostsNobodyTheTurn(t *testing.T) {
	p, ln := bounded(t, 1, patience)
	c, err := p.Get(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	up, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	order := make(chan int, 2)
	var both sync.WaitGroup
	for i := range 2 {
		both.Go(func() {
			c, err := p.Get(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			order <- i
			c.Release() // not clean
		})
		eventually(t, "the wait", func() bool { _, _, waiting := p.Count(); return waiting == i+1 })
	}
	exchange(t, up, c)
	_ = up.Close()
	eventually(t, "the end", func() bool { return !c.peeker.quiet(c.sock) })
	c.Release()
	both.Wait()
	if first := <-order; first != 0 {
		t.Error("who came first was served last")
	}
	if counts(p) != [3]int{} {
		t.Errorf("left %v", counts(p))
	}
}
