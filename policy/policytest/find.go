package policytest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"weir/policy/source"
)

// casesName is that of the file of cases beside a policy.
const casesName = "cases.yaml"

// isCases reports whether a file beside a policy has cases, by its name.
func isCases(name string) bool {
	stem := strings.TrimSuffix(strings.TrimSuffix(name, ".yaml"), ".yml")
	return stem != name && (stem == "cases" || strings.HasSuffix(stem, "_cases"))
}

// FindCases returns the files of cases that belong to a policy file: cases.yaml and the
// *_cases.yaml beside it, and those in the folder cases. Where NAME.yaml stands beside
// NAME_cases.yaml, that is NAME.yaml's alone.
func FindCases(policyFile string) ([]string, error) {
	folder := filepath.Dir(policyFile)
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, cannotRead(folder, err)
	}
	names := map[string]bool{}
	for _, e := range entries {
		names[e.Name()] = true
	}
	var all []string
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || !isCases(name) {
			continue
		}
		of := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, ".yml"), ".yaml"), "_cases")
		own := names[of+".yaml"] || names[of+".yml"]
		if stem := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(policyFile), ".yml"), ".yaml"); of != stem && own && name != casesName {
			continue
		}
		all = append(all, filepath.Join(folder, name))
	}
	below, err := os.ReadDir(filepath.Join(folder, "cases"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, cannotRead(filepath.Join(folder, "cases"), err)
	}
	for _, e := range below {
		if !e.IsDir() && isYAML(e.Name()) {
			all = append(all, filepath.Join(folder, "cases", e.Name()))
		}
	}
	return all, nil
}

func isYAML(name string) bool {
	return slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(name))
}

func cannotRead(path string, err error) error {
	var reason *fs.PathError
	if errors.As(err, &reason) {
		return fmt.Errorf("%s: cannot be read: %w", path, reason.Err)
	}
	return fmt.Errorf("%s: cannot be read: %w", path, err)
}

// FindPolicies returns the policies that a path names: the file itself, or of a folder its
// policy.yaml, else all its files that have a controller, else those of its folders.
func FindPolicies(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, cannotRead(path, err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	all, err := policiesIn(path)
	if err != nil || len(all) > 0 {
		return all, err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, cannotRead(path, err)
	}
	for _, e := range entries {
		if !e.IsDir() || e.Name() == "cases" {
			continue
		}
		below, err := policiesIn(filepath.Join(path, e.Name()))
		if err != nil {
			return nil, err
		}
		all = append(all, below...)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no policy in this folder", path)
	}
	return all, nil
}

func policiesIn(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, cannotRead(folder, err)
	}
	var all []string
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || !isYAML(name) || isCases(name) {
			continue
		}
		path := filepath.Join(folder, name)
		if name == "policy.yaml" {
			return []string{path}, nil
		}
		f, err := source.Read(path)
		if err != nil {
			return nil, err
		}
		if root := f.Root(); root.Is("a mapping") && root.Entries().Get("controller").Exists() {
			all = append(all, path)
		}
	}
	return all, nil
}
