package keys

// burnt is more stack than any derivation takes, in bytes.
const burnt = 16 << 10

// burn overwrites the stack below its caller, where functions that have returned
// left what they worked on. Called before them too it makes the stack large enough,
// so that it does not move, and leave a copy, while there is a key on it.
//
//go:noinline
func burn() {
	var b [burnt]byte
	overwrite(b[:])
}

// overwrite is a call, so that the compiler cannot find the bytes unused.
//
//go:noinline
func overwrite(b []byte) { clear(b) }
