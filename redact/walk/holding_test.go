package walk

import (
	"strings"
	"testing"

	"weir/redact/raw"
)

// lent is room of so many bytes.
type lent struct{ left, least int64 }

func (l *lent) Take(n int64) bool {
	if n > l.left {
		return false
	}
	l.left -= n
	l.least = min(l.least, l.left)
	return true
}

func (l *lent) Give(n int64) { l.left += n }

func TestLargeMessagesTakeRoom(t *testing.T) {
	const much = 64 << 20
	large := append([]byte("\x0a\xc0\x9a\x0c"), strings.Repeat("a", 200_000)...)
	plain, gzip, zstd, one := grpcBody(t, ""), grpcBody(t, "gzip"), grpcBody(t, "zstd"), messageBody(t)
	for name, c := range map[string]struct {
		c    BodyConfig
		body []byte
	}{
		"one": {one, large}, "plain": {plain, grpcFrame(t, "", large)}, "gzip": {gzip, grpcFrame(t, "gzip", large)}, "zstd": {zstd, grpcFrame(t, "zstd", large)},
	} {
		room := &lent{much, much}
		c.c.Room, c.c.Limits.Value = room, 1<<20
		if _, _, why := through(c.c, c.body, 5000); why == Busy || much-room.least < 200_000 {
			t.Errorf("%s: %q, %d bytes were taken", name, why, much-room.least)
		}
		c.c.Room = &lent{100_000, 100_000}
		if _, _, why := through(c.c, c.body, 5000); why != Busy {
			t.Errorf("%s, without room: %q", name, why)
		}
	}
}

func TestLargeMessagesOfWebSocketsTakeRoom(t *testing.T) {
	large := wsFrame(true, 0x81, strings.Repeat("a ", 100_000))
	body := clients(large, wsFrame(true, 0x81, "hej"))
	room := &lent{1 << 20, 1 << 20}
	if _, _, why := throughFrames(FramesConfig{Kind: raw.RequestBody, Room: room}, body, 5000); why != Scanned || room.least > 600<<10 || room.left != 1<<20 {
		t.Errorf("%q: %d bytes at least, %d at last", why, room.least, room.left)
	}
	room = &lent{100_000, 100_000}
	l, out, why := throughFrames(FramesConfig{Kind: raw.RequestBody, Room: room}, body, 5000)
	if why != Busy || l.String() != "=hej" || string(out) != string(body) || room.left != 100_000 {
		t.Errorf("without room: %q, %d bytes went on, %d at last", why, len(out), room.left)
	}
	var f Frames
	f.Begin(&FramesConfig{Kind: raw.RequestBody, Values: &listing{}})
	_, _ = f.Write(large[:len(large)-1])
	if f.Close(); cap(f.text.bytes) > freely {
		t.Errorf("%d bytes are kept", cap(f.text.bytes))
	}
}
