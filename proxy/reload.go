package proxy

import (
	"context"
	"crypto/sha256"
	"errors"
	"path/filepath"
	"slices"
	"strings"
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
	// accept says why a policy can not be carried out here.
	accept func(*policy.Policy) error
	// taken is told of each policy before it comes into use; its error keeps it out.
	taken func(*policy.Policy) error

	told string // sections of the policy in use that are not carried out

	mu    sync.Mutex        // one reload at a time
	known [sha256.Size]byte // the files that were judged last
	cur   atomic.Pointer[policy.Policy]
}

// now is the policy in use.
func (r *reloader) now() *policy.Policy { return r.cur.Load() }

func (r *reloader) use(p *policy.Policy) error {
	if err := r.accept(p); err != nil {
		return err
	}
	if err := r.taken(p); err != nil {
		return err
	}
	r.cur.Store(p.For(r.service))
	r.tell(p)
	r.metrics.Policy(p.Fingerprint())
	r.metrics.Rules(p.Rules())
	return nil
}

// tell says which sections of a policy are decided in tests and explanations alone: once,
// and again where a policy has others.
func (r *reloader) tell(p *policy.Policy) {
	sections := strings.Join(p.Unenforced(), ", ")
	if sections == r.told {
		return
	}
	if r.told = sections; sections != "" {
		r.log.Warn("policy_not_enforced", telemetry.Name("sections", sections),
			telemetry.Name("meaning", "weir test and weir explain decide by them; on traffic nothing of them is carried out yet"))
	}
}

// reload reads the file and takes its policy into use, and returns why it could
// not. What was judged already
// is told again only where that was asked for. A panic is one more reason: the policy in
// use stays, and so do all connections.
func (r *reloader) reload(asked bool) (refused error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() {
		if v := recover(); v != nil {
			r.metrics.Rejected.Add(1)
			r.log.Panic("policy_panicked", v, telemetry.Name("file", r.path))
			refused = errors.New(r.path + ": weir failed and does not take this file: that is a defect of weir")
		}
	}()
	data, err := source.ReadBytes(r.path)
	file := sha256.Sum256(data)
	if err == nil {
		for _, path := range policy.Files(r.path, data) {
			file = with(file, path)
		}
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

// with is a fingerprint of files and of one more. Why that cannot be read counts as well.
func with(files [sha256.Size]byte, path string) [sha256.Size]byte {
	data, err := source.ReadBytes(path)
	if err != nil {
		data = []byte(err.Error())
	}
	return sha256.Sum256(append(files[:], data...))
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

// folders are those of the policy file and of all that it names.
func (r *reloader) folders() []string {
	folders := []string{filepath.Dir(r.path)}
	if data, err := source.ReadBytes(r.path); err == nil {
		for _, path := range policy.Files(r.path, data) {
			folders = append(folders, filepath.Dir(path))
		}
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

// watch reloads when the file changes, or one that it names. Where it comes to name
// files of other folders, those are watched.
func (r *reloader) watch(ctx context.Context) {
	for moved := true; moved && ctx.Err() == nil; {
		moved = false
		watched := r.folders()
		now, again := context.WithCancel(ctx)
		watchFolders(now, slices.Clone(watched), func() {
			_ = r.reload(false)
			if moved = !slices.Equal(r.folders(), watched); moved {
				again()
			}
		}, func(err error) {
			r.log.Warn("policy_not_watched", telemetry.ConfigErr(err))
		})
		again()
	}
}
