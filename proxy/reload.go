package proxy

import (
	"context"
	"crypto/sha256"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"

	"weir/policy"
	"weir/policy/source"
	"weir/proxy/telemetry"
)

// reloader holds the policy in use. A file that does not load changes nothing.
type reloader struct {
	path    string
	service string
	log     *telemetry.Log
	metrics *telemetry.Metrics
	// taken is told of each policy before it comes into use; its error keeps it out.
	taken func(*policy.Policy) error

	mu    sync.Mutex        // one reload at a time
	known [sha256.Size]byte // the files that were judged last
	cur   atomic.Pointer[policy.Policy]
}

// now is the policy in use.
func (r *reloader) now() *policy.Policy { return r.cur.Load() }

func (r *reloader) use(p *policy.Policy) error {
	if err := retained(r.path, p); err != nil {
		return err
	}
	if err := r.taken(p); err != nil {
		return err
	}
	r.cur.Store(p.For(r.service))
	r.metrics.Policy(p.Fingerprint())
	r.metrics.Rules(p.Rules())
	return nil
}

// reload reads the file and takes its policy into use, and returns why it could
// not. What was judged already
// is told again only where that was asked for.
func (r *reloader) reload(asked bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	data, err := source.ReadBytes(r.path)
	file := sha256.Sum256(data)
	if names := policy.Beside(r.path, data); err == nil && names != "" {
		file = withNames(file, names)
	}
	if err != nil {
		file = sha256.Sum256([]byte(err.Error()))
	}
	if file == r.known && !asked {
		return nil
	}
	r.known = file
	var p *policy.Policy
	if err == nil {
		p, err = policy.Parse(r.path, data)
	}
	if err == nil && p.Fingerprint() == r.now().Fingerprint() {
		if asked {
			r.log.Info("policy_unchanged", telemetry.Name("policy", p.Fingerprint()))
		}
		return nil
	}
	if err == nil {
		err = r.use(p)
	}
	if err != nil {
		r.metrics.Rejected.Add(1)
		r.refused(err)
		return err
	}
	r.metrics.Reloads.Add(1)
	r.log.Info("policy_reloaded", telemetry.Name("policy", p.Fingerprint()))
	return nil
}

// withNames is a fingerprint of a policy file and of the file of names beside it. Why
// that cannot be read counts as well.
func withNames(file [sha256.Size]byte, path string) [sha256.Size]byte {
	names, err := source.ReadBytes(path)
	if err != nil {
		names = []byte(err.Error())
	}
	return sha256.Sum256(append(file[:], names...))
}

// refused tells each thing that is wrong with a policy in a line of its own.
func (r *reloader) refused(err error) {
	var all source.Errors
	if !errors.As(err, &all) {
		r.log.Error("policy_refused", telemetry.ConfigErr(err))
		return
	}
	for _, e := range all {
		r.log.Error("policy_refused", telemetry.ConfigErr(e))
	}
}

// watch reloads when the file changes, or that of names, which stands beside it.
func (r *reloader) watch(ctx context.Context) {
	watchFolders(ctx, []string{filepath.Dir(r.path)}, func() { _ = r.reload(false) }, func(err error) {
		r.log.Warn("policy_not_watched", telemetry.ConfigErr(err))
	})
}
