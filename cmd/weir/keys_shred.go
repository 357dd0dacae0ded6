package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"weir/proxy"
)

type keysShred struct {
	ringFlags
	All     bool     `help:"Of every class."`
	Yes     bool     `help:"Do not ask."`
	Classes []string `arg:"" optional:"" help:"Retention classes, as status shows them."`
}

func (k *keysShred) Run(g *globals) error {
	if k.All == (len(k.Classes) > 0) {
		return usage(errors.New("name retention classes, or say --all"))
	}
	ring, err := k.open()
	if err != nil {
		return err
	}
	classes := k.Classes
	if k.All {
		classes = ring.Classes()
	}
	if !k.Yes {
		fmt.Fprintf(g.stderr, "No pseudonym of %s can be recomputed afterwards, no address decrypted. Type yes to go on: ", named(classes))
		answer, _ := bufio.NewReader(os.Stdin).ReadString('\n') // no answer is no yes
		if strings.TrimSpace(answer) != "yes" {
			return notSo(errors.New("nothing was destroyed"))
		}
	}
	if err := ring.Shred(k.Classes...); err != nil {
		return ringError(err)
	}
	fmt.Fprintf(g.stdout, "keys of %s destroyed. ", named(classes))
	fmt.Fprintf(g.stdout, `The file was overwritten before it was removed. Copies may survive:
- in backups and snapshots of the folder, and in the folders of other machines that were given the ring
- in blocks that a journal, a copy-on-write file system or flash memory did not overwrite in place
- in the memory of a weir that runs on a file system that tells nothing of changes, until it looks again (%.0f minutes), and in swap and core files
`, proxy.RetireInterval.Minutes())
	return nil
}
