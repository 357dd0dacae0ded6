package policy

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"weir/policy/source"
)

// Bounds of what a policy file includes: how deep, how many files, and how long
// they are together in bytes.
const (
	maxIncludeDepth = 8
	maxIncluded     = 64
	maxIncludeBytes = 2 * source.MaxBytes
)

// alone are the sections that stand in one file only.
var alone = []string{"controller", "document", "defaults", "law", "tenant"}

// includer reads a policy file and those that it includes.
type includer struct {
	keys  func(source.Node) source.Mapping
	parts []source.Mapping // what is included before what includes it
	files []besideFile
	seen  []string // every file, by its path
	size  int
}

// besideFile is one that a policy is made of beside its own.
type besideFile struct {
	path string
	data []byte
}

// readSections reads the sections of f and of all that it includes, as one mapping.
func readSections(f *source.File, keys func(source.Node) source.Mapping) (source.Mapping, []besideFile) {
	i := &includer{keys: keys}
	i.read(f, []string{filepath.Clean(f.Name)})
	return source.Join(alone, i.parts...), i.files
}

// read takes f, which the files of chain led to, itself the last.
func (i *includer) read(f *source.File, chain []string) {
	m := i.keys(f.Root())
	include := m.Get("include")
	if include.Is("text") {
		include.Refuse(`"include": expected a list, found text`, "["+include.Text().Value+"]")
	} else {
		for _, n := range include.List() {
			i.one(f, n, chain)
		}
	}
	i.parts = append(i.parts, m)
}

// one takes the file that n names. What two files include is taken once.
func (i *includer) one(f *source.File, n source.Node, chain []string) {
	name := n.Path()
	if name == "" {
		return
	}
	path, ok := below(n, name)
	if !ok {
		return
	}
	switch at := slices.Index(chain, path); {
	case at >= 0:
		n.Refuse(fmt.Sprintf("%q includes itself: %s", cut(name), strings.Join(append(slices.Clone(chain[at:]), path), " → ")), "")
		return
	case slices.Contains(i.seen, path):
		return
	case len(chain) > maxIncludeDepth:
		n.Refuse(fmt.Sprintf("files are included deeper than %d levels", maxIncludeDepth), "")
		return
	case len(i.seen) == maxIncluded:
		n.Refuse(fmt.Sprintf("there are more than %d files", maxIncluded), "")
		return
	}
	i.seen = append(i.seen, path)
	data, err := source.ReadBytes(path)
	if err != nil {
		n.Refuse(err.Error(), "the path of a file, from this one's folder on")
		return
	}
	i.files = append(i.files, besideFile{path, data})
	if i.size += len(data); i.size > maxIncludeBytes && len(data) <= source.MaxBytes {
		n.Refuse(fmt.Sprintf("what is included is longer than %d bytes in all", maxIncludeBytes), "")
		return
	}
	inner := source.Parse(path, data)
	f.Include(inner)
	i.read(inner, append(slices.Clone(chain), path))
}

// below is the path of a file that n names from the folder of its own file on.
func below(n source.Node, name string) (path string, ok bool) {
	if filepath.IsAbs(name) || strings.ContainsAny(name, `\:`) {
		n.Refuse("a file is named from the folder of this one on, with / between folders", "such as ../shared/base.yaml")
		return "", false
	}
	return filepath.Join(filepath.Dir(n.FileName()), filepath.FromSlash(name)), true
}

// Files are the paths of the files that a policy file is made of beside itself: those that
// it includes, its document, its law and its list of names. Those that are not there
// are among them.
func Files(name string, data []byte) (paths []string) {
	defer func() { _ = recover() }() // which Parse tells of
	f := source.Parse(name, data)
	root, _ := readSections(f, source.Node.Entries)
	add := func(n source.Node) {
		if n.Is("text") {
			if path, ok := below(n, n.Text().Value); ok {
				paths = append(paths, path)
			}
		}
	}
	for _, n := range root.Get("include").List() {
		add(n)
	}
	add(root.Get("document"))
	add(root.Get("law"))
	for _, entry := range root.Get("detect").List() {
		if entry.Is("a mapping") {
			add(entry.Entries().Get("names"))
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}
