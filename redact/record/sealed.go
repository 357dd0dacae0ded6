package record

import (
	"fmt"
	"time"
)

// Sealed is an entry as it is written: all that leaves redact of an exchange.
type Sealed struct {
	// Line is the whole line with its line feed. It is valid during the call
	// that hands it over; who needs it longer copies it.
	Line []byte
	// Time is that of the exchange's start.
	Time time.Time
	// Class names the retention class, "30d", and Keep is how long that is.
	Class string
	Keep  time.Duration
	// Reserved is how many bytes the sink has promised for this entry, 0 where it
	// was not asked. The promise ends with it.
	Reserved int
	// Trace is nil where no spans are made of the exchange.
	Trace *Trace
}

// Format is how a line is written.
type Format uint8

const (
	JSON     Format = iota // one object, names of OpenTelemetry
	Common                 // Common Log Format, as of NCSA and Apache
	Combined               // Common with referer and user agent
)

// FormatCount is the number of formats.
const FormatCount = 3

var formats = [FormatCount]string{"json", "common", "combined"}

func (f Format) String() string { return formats[f] }

// ParseFormat reads a format's name.
func ParseFormat(s string) (Format, error) {
	for i, name := range formats {
		if s == name {
			return Format(i), nil
		}
	}
	return 0, fmt.Errorf("unknown log format %q; write json, common or combined", s)
}

// Gap stands in a log for entries that could not be written.
type Gap struct {
	Time        time.Time
	Service     string // of the configuration
	Entries     int
	First, Last time.Time
}
