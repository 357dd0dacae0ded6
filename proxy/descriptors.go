package proxy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"weir/proxy/telemetry"
	"weir/redact/walk"
)

// maxDescriptors bounds a file of descriptors, in bytes.
const maxDescriptors = 64 << 20

// descriptors are what the fields of protobuf are named by, read again when the
// file changes. One that does not load changes nothing. Nil has none.
type descriptors struct {
	path string
	log  *telemetry.Log

	mu    sync.Mutex // one reload at a time
	known []byte     // the file that was judged last
	cur   atomic.Pointer[walk.Descriptors]
}

// openDescriptors reads what weir.yaml names, if it names any.
func (p *Proxy) openDescriptors() {
	if p.cfg.Descriptors == "" {
		return
	}
	p.descriptors = &descriptors{path: p.cfg.Descriptors, log: p.log}
	data, set, err := loadDescriptors(p.cfg.Descriptors)
	if err != nil {
		p.refuse(p.cfg.at.descriptors, err, asDescriptors)
		return
	}
	p.descriptors.known = data
	p.descriptors.cur.Store(set)
}

const asDescriptors = "the path of what `protoc --include_imports --descriptor_set_out` or `buf build` writes"

func loadDescriptors(path string) ([]byte, *walk.Descriptors, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, errors.New(unreadable(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxDescriptors+1))
	if err != nil {
		return nil, nil, errors.New(unreadable(err))
	}
	if len(data) > maxDescriptors {
		return data, nil, fmt.Errorf("the descriptors are larger than %d MiB", maxDescriptors>>20)
	}
	set, err := walk.NewDescriptors(data)
	return data, set, err
}

// now are those in use.
func (d *descriptors) now() *walk.Descriptors {
	if d == nil {
		return nil
	}
	return d.cur.Load()
}

// reload reads the file and takes it into use, and returns why it could not. What
// was judged already is told again only where that was asked for.
func (d *descriptors) reload(asked bool) error {
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	data, set, err := loadDescriptors(d.path)
	if !asked && err == nil && bytes.Equal(data, d.known) {
		return nil
	}
	if err != nil {
		d.log.Error("descriptors_refused", telemetry.ConfigErr(err))
		return fmt.Errorf("descriptors: %w", err)
	}
	d.known = data
	d.cur.Store(set)
	d.log.Info("descriptors_reloaded")
	return nil
}

// watch reloads when the file changes.
func (d *descriptors) watch(ctx context.Context) {
	if d == nil {
		return
	}
	watchFolders(ctx, []string{filepath.Dir(d.path)}, func() { _ = d.reload(false) }, func(err error) {
		d.log.Warn("descriptors_not_watched", telemetry.ConfigErr(err))
	})
}
