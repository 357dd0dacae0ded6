package walk

import "io"

// sink gathers what goes on, so that it is written once for each piece that came.
// The errors of what it writes to are not looked at.
type sink struct {
	to      io.Writer
	pending []byte
	most    int // bytes that were pending at one time
}

// sinkSize is how much is gathered at most, in bytes.
const sinkSize = 32 << 10

func (s *sink) send(p []byte) {
	if len(s.pending)+len(p) > sinkSize {
		s.flush()
	}
	if len(p) > sinkSize {
		_, _ = s.to.Write(p)
		return
	}
	s.pending = append(s.pending, p...)
}

func (s *sink) flush() {
	if s.most = max(s.most, len(s.pending)); len(s.pending) > 0 {
		_, _ = s.to.Write(s.pending)
		s.pending = s.pending[:0]
	}
}

// reset lets go of what was gathered but for the memory, and writes to w from now on.
func (s *sink) reset(w io.Writer) {
	clear(s.pending[:max(s.most, len(s.pending))])
	s.pending, s.to, s.most = s.pending[:0], w, 0
}
