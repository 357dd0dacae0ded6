package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"time"

	"weir/policy/policytest"
	"weir/redact/raw"
	"weir/redact/rewrite"
)

// trafficReader reads what is explained, or passes through two policies.
type trafficReader struct {
	service string           // of what does not say its own
	format  *rewrite.Format  // of logs; nil is to be recognised
	given   policytest.Given // of what does not say it
}

// newTrafficReader reads what flags say of traffic.
func newTrafficReader(service, format, client string) (*trafficReader, error) {
	r := &trafficReader{service: service}
	var err error
	if r.format, err = readFormat("--log-format", format); err != nil {
		return nil, err
	}
	if f := r.format; f != nil && !f.TellsExchanges() && f.Name() != "har" && f.Name() != "http" {
		return nil, fmt.Errorf("--log-format: %w", rewrite.ErrNoExchanges)
	}
	if client != "" {
		if r.given.Client, err = netip.ParseAddr(client); err != nil || r.given.Client.Zone() != "" {
			return nil, errors.New("--client: expected an address, such as 203.0.113.7")
		}
	}
	return r, nil
}

// mostTraffic bounds a file of traffic that is read as a whole, in bytes.
const mostTraffic = 64 << 20

// read calls yield for each exchange of a file; - is standard input. It says how many lines
// of a log tell of none.
func (r *trafficReader) read(ctx context.Context, file string, yield func(*policytest.Traffic) error) (skipped int, err error) {
	in, name := os.Stdin, "standard input"
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return 0, fmt.Errorf("%s: cannot be read: %w", file, unquoted(err))
		}
		defer f.Close()
		in, name = f, file
	} else if onTerminal(in) {
		return 0, errors.New("an exchange is expected on standard input; name a file, or type it and end with Ctrl-D behind `-`")
	}
	plain, format, err := openLog(in, r.format)
	if err != nil {
		return 0, fmt.Errorf("%s: cannot be read: %w", name, unquoted(err))
	}
	if format.TellsExchanges() {
		return r.log(ctx, name, plain, format, yield)
	}
	data, err := io.ReadAll(io.LimitReader(plain, mostTraffic+1))
	if err != nil {
		return 0, fmt.Errorf("%s: cannot be read: %w", name, unquoted(err))
	}
	if len(data) > mostTraffic {
		return 0, fmt.Errorf("%s: is larger than 64 MiB", name)
	}
	all, err := policytest.ReadTraffic(name, data, r.given, r.service)
	for _, t := range all {
		if err := yield(t); err != nil {
			return 0, err
		}
	}
	return 0, err
}

// log reads line after line.
func (r *trafficReader) log(ctx context.Context, name string, in io.Reader, f *rewrite.Format, yield func(*policytest.Traffic) error) (skipped int, err error) {
	read := 0
	counts, err := rewrite.Exchanges(ctx, in, f, time.Now(), func(line int64, tell func(*raw.Exchange)) error {
		t := policytest.Logged(fmt.Sprintf("%s:%d", name, line), r.service, r.given, tell)
		if t == nil {
			skipped++
			return nil
		}
		read++
		return yield(t)
	})
	if err == nil && read == 0 {
		err = fmt.Errorf("%s: no exchange could be read in it, as %s", name, f.Name())
	}
	return skipped + int(counts.Broken), err
}

// openLog reads a log as it was before it was compressed, and recognises its format where
// none is named: what is empty is free text.
func openLog(in io.Reader, named *rewrite.Format) (io.Reader, *rewrite.Format, error) {
	plain, _, err := rewrite.Decoded(in)
	if err != nil {
		return nil, nil, err
	}
	head := make([]byte, 64<<10)
	n, err := io.ReadFull(plain, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, nil, err
	}
	if named == nil {
		named = rewrite.Recognise(head[:n])
	}
	return io.MultiReader(bytes.NewReader(head[:n]), plain), named, nil
}
