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

// accessLog is what access logs are by default, and what else they often are.
var accessLog = templates(capture.Combined, capture.Main, capture.VHost, capture.Hosted, capture.Common)

// Named is a format that goes by a name.
func Named(name string) (*Format, error) {
	f := &Format{name: name}
	switch name {
	case "common", "combined":
		f.templates = accessLog
		if name == "common" {
			f.templates = templates(capture.Common)
		}
		f.unreadable, f.write = f.templates[0].Unreadable(), (*lines).templated
	case "jsonl":
		f.unreadable, f.write = []byte(`{"weir":"unreadable line"}`), (*lines).object
	case "syslog":
		f.unreadable, f.write = []byte("<46>1 - - weir - - - unreadable line"), (*lines).syslog
	case "har":
		f.whole = har
	case "http":
		f.whole = messages
	case "text":
		f.unreadable, f.write = []byte("weir: unreadable line"), (*lines).text
	default:
		return nil, fmt.Errorf("there is no format %q", name)
	}
	return f, nil
}

// templates are of formats that the binary knows.
func templates(formats ...string) (all []*capture.Template) {
	for _, text := range formats {
		t, err := capture.Apache(text)
		if err != nil {
			panic(err)
		}
		all = append(all, t)
	}
	return all
}
