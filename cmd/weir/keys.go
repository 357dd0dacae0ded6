package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"weir/policy"
	"weir/policy/source"
	"weir/proxy"
	"weir/redact/keys"
)

type keysCommand struct {
	Init    keysInit    `cmd:"" help:"Make a ring. weir run makes one itself; this is for a ring that instances are given (external)."`
	Status  keysStatus  `cmd:"" help:"Show classes, the epochs that have keys, when the next begins and the oldest is destroyed. Never shows a key."`
	Rotate  keysRotate  `cmd:"" help:"Destroy keys that are over, as weir run does by itself; with --reseed break the chains."`
	Shred   keysShred   `cmd:"" help:"Destroy all keys of retention classes: nothing made with them can be recomputed."`
	Decrypt keysDecrypt `cmd:"" help:"Decrypt the addresses that entries hold by encrypt() or encrypt_prefix(): standard input, one a line."`
}

// ringFlags say which ring is meant.
type ringFlags struct {
	Config string `help:"The weir.yaml whose ring is meant." default:"weir.yaml" short:"c" placeholder:"FILE"`
	Dir    string `help:"The ring's folder, without a weir.yaml." placeholder:"FOLDER"`
}

// find returns where the ring is, and the configuration where that was asked.
func (r *ringFlags) find() (keys.Config, *proxy.Config, error) {
	if r.Dir != "" {
		return keys.Config{Dir: r.Dir}, nil, nil
	}
	cfg, err := proxy.ReadConfig(r.Config)
	if err != nil {
		return keys.Config{}, nil, usage(configError(cfg, err))
	}
	return keys.Config{Dir: cfg.Keys.Dir, External: cfg.Keys.External}, cfg, nil
}

// own is find for a ring that is to be changed.
func (r *ringFlags) own() (keys.Config, *proxy.Config, error) {
	where, cfg, err := r.find()
	if err == nil && where.External {
		err = usage(fmt.Errorf("%s: the key ring is external and never written; run this where it is made, with --dir", where.Dir))
	}
	return where, cfg, err
}

// open opens a ring that must be there.
func (r *ringFlags) open() (*keys.Ring, error) {
	where, _, err := r.own()
	if err != nil {
		return nil, err
	}
	look := where
	look.External = true // makes nothing
	if _, err := keys.Open(look); err != nil && !errors.Is(err, keys.ErrNewer) {
		return nil, ringError(err)
	}
	ring, err := keys.Open(where)
	return ring, ringError(err)
}

// ringError is a usage error where the ring is at fault, which says what to do.
func ringError(err error) error {
	var of *keys.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &of):
		return usage(err)
	}
	return fault(err)
}

type keysInit struct {
	ringFlags
	Class []string `help:"Retention classes to make chains for, beside the policy's." placeholder:"30d"`
}

func (k *keysInit) Run(g *globals) error {
	where, cfg, err := k.own()
	if err != nil {
		return err
	}
	classes := k.Class
	for _, class := range classes {
		if d, ok := source.ParseDuration(class); !ok || d <= 0 {
			return usage(errors.New("a retention class is named by how long its entries are kept; write --class 30d"))
		}
	}
	if cfg != nil {
		p, err := policy.Load(cfg.Policy)
		if err != nil {
			return usage(err)
		}
		for _, r := range p.Retentions() {
			if r.Class != "" {
				classes = append(classes, r.Class)
			}
		}
	}
	slices.Sort(classes)
	classes = slices.Compact(classes)
	if _, err := keys.Create(where, classes...); err != nil {
		return ringError(err)
	}
	fmt.Fprintf(g.stdout, "%s: made, for %s\n", where.Dir, named(classes))
	return nil
}

func named(classes []string) string {
	if len(classes) == 0 {
		return "no class yet"
	}
	return strings.Join(classes, ", ")
}

// grace is what rotate leaves beyond a class's time: it does not see the log, whose
// last entries may be of exchanges that took long.
const grace = 24 * time.Hour

// retired tells for each class that is still there what was destroyed: another
// process may have added one meanwhile, or taken one away.
func retired(w io.Writer, before, after []keys.Held) {
	had := make(map[string]int, len(before))
	for _, h := range before {
		had[h.Class] = h.Epochs
	}
	for _, h := range after {
		fmt.Fprintf(w, "%s: %d epochs destroyed, kept from %s\n", h.Class, max(0, had[h.Class]-h.Epochs), h.From.Format(time.DateOnly))
	}
}

type keysRotate struct {
	ringFlags
	Reseed bool          `help:"Begin chains of new random keys, of which no older copy of the ring tells anything."`
	After  time.Duration `help:"When they begin, from now on: long enough for every instance to have the changed ring. The command ends then, not before; the ring is changed at once." default:"1s"`
}

func (k *keysRotate) Run(g *globals) error {
	if k.After < 0 {
		return usage(errors.New("--after is a time to wait; write one such as 5m"))
	}
	ring, err := k.open()
	if err != nil {
		return err
	}
	before := ring.Held()
	for _, h := range before {
		keep, ok := source.ParseDuration(h.Class)
		if !ok {
			continue
		}
		if err := errors.Join(ring.Class(h.Class, keep), ring.Retire(h.Class, time.Now().Add(-keep-grace))); err != nil {
			return ringError(err)
		}
	}
	retired(g.stdout, before, ring.Held())
	if !k.Reseed {
		return nil
	}
	at := time.Now().Add(k.After).Truncate(time.Second).Add(time.Second)
	if err := ring.Break(at); err != nil {
		return ringError(err)
	}
	fmt.Fprintf(g.stdout, "new chains begin %s: until then, and for what has begun by then, older copies of the ring still tell\n", at.UTC().Format(time.RFC3339))
	<-time.After(time.Until(at)) // whoever goes on then, sees them in use
	return nil
}
