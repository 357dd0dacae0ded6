package keys

// maxDerived bounds the derived keys that are remembered. Classes, domains and
// categories are the policy's: who sends much cannot make more of them.
const maxDerived = 4096

// derivation tells one derived key from another.
type derivation struct {
	class        string
	epoch        int64
	since        int64 // that of the chain
	label        string
	domain, name string
}

// remembered returns a derived key, or makes it of the chain's. r.mu is held.
func (r *Ring) remembered(w derivation, c *chain) (Key, error) {
	if k := r.derived[w]; k != nil {
		return *k, nil
	}
	burn()
	defer burn()
	var s secret
	if err := c.at(w.epoch, &s); err != nil {
		return Key{}, err
	}
	if len(r.derived) == maxDerived {
		r.forget()
	}
	k := new(Key)
	s.derive((*secret)(&k.b), w.label, w.domain, w.name)
	clear(s[:])
	r.derived[w] = k
	return *k, nil
}

// forget clears and drops the derived keys. r.mu is held.
func (r *Ring) forget() {
	for _, k := range r.derived {
		clear(k.b[:])
	}
	clear(r.derived)
	r.version.Add(1)
}
