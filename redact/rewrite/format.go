package rewrite

import (
	"fmt"
	"io"

	"weir/redact/capture"
)

// Format is how a log is written. It is immutable.
type Format struct {
	name       string
	templates  []*capture.Template
	unreadable []byte
	write      func(w *lines, dst, line []byte) ([]byte, bool)
	// whole writes a log that is not made of lines.
	whole func(cfg *Config, f *Format, out io.Writer, in *reader, total *Counts) error
}

// Name is the format's, as the command names it.
func (f *Format) Name() string { return f.name }

// Template is a format of one line for each exchange.
func Template(name string, t *capture.Template) *Format {
	return &Format{name: name, templates: []*capture.Template{t}, unreadable: t.Unreadable(), write: (*lines).templated}
}

// Named is a format that goes by a name.
func Named(name string) (*Format, error) {
	switch name {
	case "common":
		return apache(name, capture.Common), nil
	case "combined":
		return apache(name, capture.Combined, capture.Main, capture.VHost, capture.Common), nil
	case "text":
		return &Format{name: name, unreadable: []byte("weir: unreadable line"), write: (*lines).text}, nil
	}
	return nil, fmt.Errorf("there is no format %q", name)
}

// apache is a format whose lines are of one of several templates; what stands for
// one that is of none is of the first.
func apache(name string, formats ...string) *Format {
	f := &Format{name: name, write: (*lines).templated}
	for _, text := range formats {
		t, err := capture.Apache(text)
		if err != nil {
			panic(err) // they are the binary's
		}
		f.templates = append(f.templates, t)
	}
	f.unreadable = f.templates[0].Unreadable()
	return f
}
