package library

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
)

//go:embed appernetic appinux b2b eea-default just-apps seluxit
var files embed.FS

// Default is the name of the policy that anybody can start with.
const Default = "eea-default"

// Names are those of the policies, in alphabetical order.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // what is embedded has a root
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Open returns the folder of a policy: policy.yaml, privacy.md, cases.yaml and
// README.md. The error is of a name that is none of Names.
func Open(name string) (fs.FS, error) {
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("there is no policy %q in the library: %w", name, fs.ErrNotExist)
	}
	return fs.Sub(files, name)
}
