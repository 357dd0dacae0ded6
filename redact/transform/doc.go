// Package transform says what can be done to a value, and does it. It is the
// only maker of clean values: text that may be written.
//
// A transform that does not apply to a value (an address that does not parse,
// a key that is gone) drops it. Nothing here passes a value on because it was
// not understood.
//
// Addresses are encrypted as draft-denis-ipcrypt-13 says, by its deterministic and
// its prefix-preserving way, on crypto/aes.
//
// The package imports keys and category. It must not import raw, detect or
// policy: what it needs of a value is handed to it.
package transform
