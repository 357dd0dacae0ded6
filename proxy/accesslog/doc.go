// Package accesslog keeps sealed entries: in segments on disk or on standard
// output. It never blocks who appends: lines are copied into a bounded buffer
// and written by a goroutine of its own. What finds no room is counted and told
// by one gap entry as soon as there is room; a failing disk is tried again
// until it works.
//
// The package imports redact/record and proxy/telemetry. It must not import
// redact/raw: it can only hold lines that may be written.
//
// # On disk
//
//	<dir>/.lock                                     held by the process that writes
//	<dir>/<class>/class.json                        {"keep":"720h0m0s"}
//	<dir>/<class>/<time>-<sequence>.<ext>           a segment as it is written
//	<dir>/<class>/<time>-<sequence>.<ext>.zst       the same, sealed
//	<dir>/<class>/<time>-<sequence>.<ext>.zst.tmp   a sealing that is under way
//
// A class is a retention class, "30d": its entries live equally long, as told
// by class.json, or where that is lost by its name. One that is not in use any more
// expires as all do. Time is when the segment was begun, 20261122T100000Z; the
// sequence, of eight digits or more, grows within a class and is what orders
// segments, since clocks go back. The extension is jsonl for JSON, log for
// Common and Combined Log Format. Folders have mode 0700, files 0600.
//
// A segment is a sequence of lines as package record writes them, each of at
// most MaxLine bytes and ended by a line feed. Lines stand in the order in which
// exchanges ended. A segment is left for the next one when it holds
// Config.MaxSize bytes or is Config.MaxAge old, and is then sealed: compressed
// to the .tmp name, synced, renamed, and the plain file deleted. At any moment
// of this one whole file stands there; where both do, they hold the same.
//
// A sealed segment is a zstd frame for each 256 KiB of whole lines (window at most
// 256 KiB, with a checksum), so that damage costs the lines of one frame, and a skippable
// frame of 48 bytes, which decoders pass over:
//
//	offset  bytes  little endian
//	     0      4  0x184D2A5E
//	     4      4  40
//	     8      8  "weirseg1"
//	    16      8  bytes of lines
//	    24      8  number of lines
//	    32      8  time of the earliest entry, Unix nanoseconds
//	    40      8  time of the latest entry
//
// A segment is deleted when its latest entry is older than the class's keep and
// was so for a quarter of an hour (an eighth of keep where that is less) by a clock
// that nobody sets: a clock that is set ahead by mistake, and back in time, deletes
// nothing. So no entry outlives its time by more than that and the age of a segment.
//
// # Repair
//
// A process that is killed leaves at most one line without its line feed, a
// machine that loses power perhaps a tail of other bytes. At the next start the
// tail is cut off behind the last whole line, that is told, and a gap entry says
// that at least one entry is missing. Leftover .tmp files are deleted, unsealed
// segments sealed. Damage in the middle of a segment is left as it is: readers
// name it and go on behind it where lines can be told apart.
package accesslog
