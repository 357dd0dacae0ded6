package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
	"time"

	"weir/redact/keys"
	"weir/redact/transform"
)

type keysDecrypt struct {
	ringFlags
	Class   string `help:"Retention class of the entries, their \"retain\"." required:"" placeholder:"30d"`
	Epoch   string `help:"Epoch of the entries, as they name it." required:"" placeholder:"2026-11-22"`
	Service string `help:"Service of the entries; that of weir.yaml where it is left out." placeholder:"www"`
	Prefix  bool   `help:"They were encrypted by encrypt_prefix()."`

	// The parser would quote an argument that it does not expect.
	Stray []string `arg:"" optional:"" hidden:"" name:"nothing" help:"Addresses are read from standard input."`
}

// maxAddressLine bounds a line, in bytes: no address is as long, what stands by it may be.
const maxAddressLine = 1 << 20

// Help is what weir keys decrypt --help says beside the flags.
func (k *keysDecrypt) Help() string {
	return "Any key makes of any address another: where class, epoch, service or --prefix is not that of the entries, what is printed are wrong addresses, and no error."
}

func (k *keysDecrypt) Run(g *globals) error {
	if len(k.Stray) > 0 {
		return usage(errors.New("addresses are read from standard input, one a line; write weir keys decrypt … < addresses"))
	}
	c, err := k.cipher()
	if err != nil {
		return err
	}
	return decryptLines(g.stdout, os.Stdin, c)
}

// cipher is that of the entries that are meant.
func (k *keysDecrypt) cipher() (*transform.Cipher, error) {
	start, err := time.Parse(time.DateOnly, k.Epoch)
	if err != nil {
		start, err = time.Parse(time.RFC3339, k.Epoch)
	}
	if err != nil {
		return nil, usage(errors.New("an epoch is named by the UTC time of its beginning; write it as the entries do, --epoch 2026-11-22"))
	}
	where, cfg, err := k.find()
	if err != nil {
		return nil, err
	}
	if k.Service == "" && cfg != nil {
		k.Service = cfg.Service
	}
	if k.Service == "" {
		return nil, usage(errors.New("without a weir.yaml the service is not known, for each of which there are keys; write --service www"))
	}
	where.External = true // looks, and makes nothing
	ring, err := keys.Open(where)
	if err != nil {
		return nil, ringError(err)
	}
	way := keys.Deterministic
	if k.Prefix {
		way = keys.Prefix
	}
	key, err := ring.Encryption(k.Class, start, k.Service, way)
	switch {
	case errors.Is(err, keys.ErrDestroyed):
		return nil, notSo(err)
	case err != nil:
		return nil, usage(err)
	}
	c, err := transform.NewCipher(way, key)
	if err != nil {
		return nil, fault(err)
	}
	return c, nil
}

// decryptLines writes for each line, which holds an encrypted address, the
// address; for one that holds none an empty line, so that line numbers stay.
func decryptLines(w io.Writer, r io.Reader, c *transform.Cipher) error {
	out := bufio.NewWriter(w)
	lines, n, first, wrong := bufio.NewScanner(r), 1, 0, 0
	lines.Buffer(nil, maxAddressLine)
	for ; lines.Scan(); n++ {
		a, err := netip.ParseAddr(strings.TrimSpace(lines.Text()))
		if err == nil && a.Zone() == "" {
			_, err = fmt.Fprintln(out, c.Decrypt(a))
		} else {
			if wrong++; first == 0 {
				first = n
			}
			_, err = fmt.Fprintln(out)
		}
		if err != nil {
			return fault(err)
		}
	}
	if err := out.Flush(); err != nil {
		return fault(err)
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return notSo(fmt.Errorf("line %d is longer than %d bytes, and nothing was read from there on; write one address on each", n, maxAddressLine))
	} else if err != nil {
		return fault(fmt.Errorf("standard input, line %d: %w", n, err))
	}
	if wrong > 0 {
		return notSo(fmt.Errorf("%d lines hold no address, the first of them line %d; write one address on each", wrong, first))
	}
	return nil
}
