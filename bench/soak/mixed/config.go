package mixed

import (
	"errors"
	"io"
	"time"
)

// Config says how long, how hard and with which binary.
type Config struct {
	// Binary is the path of weir.
	Binary string
	// Dir is an empty folder for weir's files. Its log stays there.
	Dir string
	// For is how long the load lasts. A sixth of it is warm-up.
	For time.Duration
	// Rate is how many exchanges are begun each second, all kinds together.
	Rate float64
	// Sample is how often the process is looked at.
	Sample time.Duration
	// Report is how often a line is printed.
	Report time.Duration
	Out    io.Writer
}

// Validate reports what New would refuse.
func (c *Config) Validate() error {
	switch {
	case c.Binary == "", c.Dir == "":
		return errors.New("mixed: the binary and a folder are required")
	case c.For < 10*time.Second:
		return errors.New("mixed: less than 10s shows nothing")
	case c.Rate < 10:
		return errors.New("mixed: at a rate below 10 some kinds would never come")
	case c.Sample <= 0, c.Report <= 0, c.Out == nil:
		return errors.New("mixed: sample, report and out are required")
	}
	return nil
}
