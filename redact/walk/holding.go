package walk

// Room is memory that many walks share.
type Room interface {
	// Take reports whether there was room for n bytes more.
	Take(n int64) bool
	Give(n int64)
}

// freely is what is held without asking for room, and kept from one walk to the next, in bytes.
const freely = 64 << 10

// holding is what is held of a message. Beyond freely it takes room.
type holding struct {
	bytes []byte
	room  Room  // nil: there is always some
	taken int64 // of room
}

// add holds p too, or is Busy and does not.
func (h *holding) add(p []byte) Reason {
	if need := len(h.bytes) + len(p); need > cap(h.bytes) && need > freely {
		if !h.grow(max(need, 2*cap(h.bytes))) {
			return Busy
		}
	}
	h.bytes = append(h.bytes, p...)
	return Scanned
}

// grow makes memory for size bytes in all, if there is room.
func (h *holding) grow(size int) bool {
	if more := int64(size) - h.taken; size > freely && h.room != nil {
		if !h.room.Take(more) {
			return false
		}
		h.taken += more
	}
	grown := make([]byte, len(h.bytes), size)
	copy(grown, h.bytes)
	h.bytes = grown
	return true
}

// empty holds nothing any more, but for memory that needs no room.
func (h *holding) empty() {
	if h.taken > 0 {
		h.room.Give(h.taken)
	}
	if h.taken = 0; cap(h.bytes) > freely {
		h.bytes = nil
	}
	h.bytes = h.bytes[:0]
}
