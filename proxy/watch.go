package proxy

import (
	"context"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"

	"weir/proxy/telemetry"
)

// settle is how long a changed file must rest before it is read: editors and
// config maps write in steps.
const settle = 100 * time.Millisecond

// watchFolders calls changed when something changed in one of folders, and once at
// first: something may have since it was read. failed is told why nothing, or not
// everything, is seen. Folders are watched and not
// files: one that is replaced is another file under the same name.
func watchFolders(ctx context.Context, folders []string, changed func(), failed func(error)) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		failed(err)
		return
	}
	defer w.Close()
	slices.Sort(folders)
	for _, f := range slices.Compact(folders) {
		if err := w.Add(f); err != nil {
			failed(err)
		}
	}
	due := time.After(settle)
	for {
		select {
		case <-ctx.Done():
			return
		case _, ok := <-w.Events:
			if !ok {
				return
			}
			if due == nil { // what comes meanwhile is read with it
				due = time.After(settle)
			}
		case err, ok := <-w.Errors:
			if !ok {
				return
			}
			failed(err)
			due = time.After(settle)
		case <-due:
			due = nil
			changed()
		}
	}
}

// watchCertificates reloads what listeners end TLS with when a file changes.
func (p *Proxy) watchCertificates(ctx context.Context) {
	var folders []string
	for _, c := range p.certificates {
		folders = append(folders, c.folders()...)
	}
	if len(folders) == 0 {
		return
	}
	watchFolders(ctx, folders, func() { _ = p.reloadCertificates(false) }, func(err error) {
		p.log.Warn("certificates_not_watched", telemetry.ConfigErr(err))
	})
}

func (p *Proxy) reloadCertificates(asked bool) (refused []error) {
	for _, c := range p.certificates {
		if err := c.reload(asked); err != nil {
			refused = append(refused, err)
		}
	}
	return refused
}
