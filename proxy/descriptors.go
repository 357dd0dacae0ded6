package proxy

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"

	"weir/policy/source"
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

	mu    sync.Mutex        // one reload at a time
	known [sha256.Size]byte // the file that was judged last, or why it was not read
	cur   atomic.Pointer[walk.Descriptors]
}

// openDescriptors reads what weir.yaml names, if it names any.
func (p *Proxy) openDescriptors() {
	if p.cfg.Descriptors == "" {
		return
	}
	p.descriptors = &descriptors{path: p.cfg.Descriptors, log: p.log}
	file, set, err := loadDescriptors(p.cfg.Descriptors)
	if err != nil {
		p.refuse(p.cfg.at.descriptors, err, asDescriptors)
		return
	}
	p.descriptors.known = file
	p.descriptors.cur.Store(set)
}

const asDescriptors = "the path of what `protoc --include_imports --descriptor_set_out` or `buf build` writes"

// loadDescriptors returns what the file at path describes, and its SHA-256.
func loadDescriptors(path string) (file [sha256.Size]byte, set *walk.Descriptors, err error) {
	data, err := readDescriptors(path)
	if err != nil {
		return file, nil, err
	}
	set, err = walk.NewDescriptors(data)
	return sha256.Sum256(data), set, err
}

func readDescriptors(path string) ([]byte, error) {
	data, err := source.ReadRegular(path, maxDescriptors+1)
	if err != nil {
		return nil, errors.New(unreadable(err))
	}
	if len(data) > maxDescriptors {
		return nil, fmt.Errorf("the descriptors are larger than %d MiB", maxDescriptors>>20)
	}
	return data, nil
}

// now are those in use.
func (d *descriptors) now() *walk.Descriptors {
	if d == nil {
		return nil
	}
	return d.cur.Load()
}

// reload reads the file and takes it into use, and returns why it could not. What was
// judged already, and found good or not, is judged and told again only where that was
// asked for.
func (d *descriptors) reload(asked bool) error {
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	data, err := readDescriptors(d.path)
	file := sha256.Sum256(data)
	if err != nil {
		file = sha256.Sum256([]byte(err.Error()))
	}
	if file == d.known && !asked {
		return nil
	}
	d.known = file
	var set *walk.Descriptors
	if err == nil {
		set, err = walk.NewDescriptors(data)
	}
	if err != nil {
		d.log.Error("descriptors_refused", telemetry.ConfigErr(err))
		return fmt.Errorf("descriptors: %w", err)
	}
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
