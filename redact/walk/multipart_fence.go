package walk

import "bytes"

// fence looks for delimiters in what a part becomes. What was sent holds none, but what is
// left of it where values were taken out may: a delimiter with a name in its midst.
type fence struct {
	dash []byte
	out  func([]byte)
	held []byte // of what went on, what may begin a delimiter
	hit  bool
}

// begin stands before a part, which begins a line.
func (f *fence) begin(dash []byte, out func([]byte)) {
	f.dash, f.out, f.held, f.hit = dash, out, append(f.held[:0], '\n'), false
}

func (f *fence) send(p []byte) {
	if f.hit {
		return // the body is broken: nothing of it is held any more
	}
	f.held = append(f.held, p...)
	f.look(false)
	if !f.hit {
		f.out(p)
	}
}

// end is behind the part, where the line ends.
func (f *fence) end() Reason {
	f.held = append(f.held, '\r', '\n')
	f.look(true)
	if f.hit {
		return Broken
	}
	return Scanned
}

func (f *fence) look(last bool) {
	from := 0
	for !f.hit {
		at := bytes.Index(f.held[from:], f.dash)
		if at < 0 {
			from = max(from, len(f.held)-len(f.dash)+1)
			break
		}
		from += at
		_, _, told := delimiter(f.held[from+len(f.dash):], last)
		if told == tellsLater {
			break
		}
		f.hit = told != tellsNone
		from += len(f.dash)
	}
	f.held = f.held[:copy(f.held, f.held[from:])]
}
