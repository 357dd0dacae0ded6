package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"weir/redact/category"
)

//go:embed beside/main.go.txt
var besideSource []byte

const (
	besideModule  = "github.com/hoophq/alcatraz"
	besideVersion = "v0.23.0"
)

// besideCategories are the categories of alcatraz's entities. Those that are
// not here, such as URLs, dates and numbers of countries that weir does not know, do
// not count against it, nor do spans of other categories than these. National numbers
// are one category, of which it has no entity for some countries: they do.
var besideCategories = map[string]category.Key{
	"EMAIL_ADDRESS": category.Email, "PHONE_NUMBER": category.PhoneNumber, "IP_ADDRESS": category.IPAddress,
	"CREDIT_CARD": category.CreditCard, "IBAN_CODE": category.BankAccount,
	"US_SSN": category.NationalNumber, "UK_NHS": category.NationalNumber, "UK_NINO": category.NationalNumber, "IT_FISCAL_CODE": category.NationalNumber,
	"ES_NIF": category.NationalNumber, "ES_NIE": category.NationalNumber, "PL_PESEL": category.NationalNumber, "FI_PERSONAL_IDENTITY_CODE": category.NationalNumber,
}

// alcatraz asks the other detector, in a module of its own in a temporary folder:
// weir does not depend on it. Of a field it is given name and value as one text.
func alcatraz(samples []sample, stderr io.Writer) (version string, found [][]finding, err error) {
	dir, err := os.MkdirTemp("", "weir-accuracy-")
	if err != nil {
		return "", nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "main.go"), besideSource, 0o600); err != nil {
		return "", nil, err
	}
	command := func(args ...string) *exec.Cmd {
		c := exec.Command("go", args...)
		c.Dir, c.Stderr = dir, stderr
		c.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
		return c
	}
	for _, args := range [][]string{{"mod", "init", "beside"}, {"get", besideModule + "@" + besideVersion}, {"build", "-o", "beside", "."}} {
		if err := command(args...).Run(); err != nil {
			return "", nil, fmt.Errorf("go %s: %w", args[0], err)
		}
	}
	var in bytes.Buffer
	write := json.NewEncoder(&in)
	for i := range samples {
		text := samples[i].Text
		if samples[i].Field != "" {
			text = samples[i].Field + ": " + samples[i].Value
		}
		if err := write.Encode(text); err != nil {
			return "", nil, err
		}
	}
	run := exec.Command(filepath.Join(dir, "beside"))
	run.Stdin, run.Stderr = &in, stderr
	out, err := run.Output()
	if err != nil {
		return "", nil, err
	}
	found, err = besideFindings(bytes.NewReader(out), len(samples))
	return besideVersion, found, err
}

// claimed is a sample without what the other detector has no entity for.
func claimed(of sample) sample {
	spans := slices.Clone(of.Spans)
	for i := range spans {
		if !claims(spans[i].Category) {
			spans[i].Category = ignore
		}
	}
	if of.Category != "" && !claims(of.Category) {
		of.Category = ignore
	}
	of.Spans = spans
	return of
}

func claims(c category.Key) bool {
	for _, known := range besideCategories {
		if c.Within(known) {
			return true
		}
	}
	return false
}

func besideFindings(r io.Reader, n int) ([][]finding, error) {
	found := make([][]finding, n)
	lines := json.NewDecoder(r)
	for i := range found {
		var all []struct {
			Entity     string
			Start, End int
		}
		if err := lines.Decode(&all); err != nil {
			return nil, err
		}
		for _, f := range all {
			if c := besideCategories[f.Entity]; c != "" {
				found[i] = append(found[i], finding{start: f.Start, end: f.End, category: c})
			}
		}
	}
	return found, nil
}
