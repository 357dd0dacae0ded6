package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"weir/policy"
)

// waivedFor is how long a starter's own contradictions are waived.
const waivedFor = 90 * 24 * time.Hour

// waive has what a ready policy contradicts in itself, as its document does, waived for a
// time in the policy that was written to dir: so that `weir check` passes and still tells it.
func waive(dir string, now time.Time) error {
	path := filepath.Join(dir, "policy.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		return unquoted(err)
	}
	p, err := policy.Parse(path, text)
	if err != nil {
		return err
	}
	found := p.LintAt(now)
	var list bytes.Buffer
	told := map[[2]string]bool{}
	for _, r := range found {
		if key := [2]string{r.Name, r.About}; r.Level == policy.Failure && !told[key] {
			told[key] = true
			fmt.Fprintf(&list, "  - {lint: %s, at: %q, until: %s, reason: the document as it was published, approved: nobody yet}\n",
				r.Name, r.About, now.Add(waivedFor).Format(time.DateOnly))
		}
	}
	if list.Len() == 0 {
		return nil
	}
	const head = "\nwaivers:\n"
	if !bytes.Contains(text, []byte(head)) {
		text = append(bytes.TrimRight(text, "\n"), "\n"+head...)
	}
	before, after, _ := bytes.Cut(text, []byte(head))
	text = slices.Concat(before, []byte(head), []byte("  # What the document contradicts in itself: put it right, or say why it stays and who said so.\n"), list.Bytes(), after)
	return unquoted(os.WriteFile(path, text, 0o644))
}
