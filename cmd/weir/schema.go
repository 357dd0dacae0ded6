package main

import (
	"bytes"
	"encoding/json"
	"io"
	"path"
	"strings"

	"weir/policy"
	"weir/policy/policytest"
	"weir/policy/source"
	"weir/proxy"
)

type schemaCommand struct {
	Of string `arg:"" enum:"policy,weir,cases" help:"policy, weir or cases: the file whose JSON Schema is printed."`
}

// schemas are the JSON Schemas of weir's files, by what they are called.
var schemas = map[string]struct {
	title string
	shape func() *source.Shape
}{
	"policy": {"policy.yaml: what may be written, what may leave, and what is promised", policy.Shape},
	"weir":   {"weir.yaml: how an instance of weir runs", proxy.Shape},
	"cases":  {"cases.yaml: what a policy is expected to make of exchanges", policytest.Shape},
}

// Run prints a schema.
func (c *schemaCommand) Run(g *globals) error {
	if err := writeSchema(g.stdout, c.Of); err != nil {
		return fault(err)
	}
	return nil
}

func writeSchema(w io.Writer, of string) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(schemas[of].shape().Schema(schemas[of].title))
}

// described are drafts that begin with the line by which editors find a schema, and the
// schemas beside them.
func described(drafts []draft) ([]draft, error) {
	var beside []draft
	for i, d := range drafts {
		of, isYAML := strings.CutSuffix(d.name, ".yaml")
		if _, ok := schemas[of]; !ok || !isYAML {
			continue
		}
		name := path.Join("schema", of+".json")
		drafts[i].text = append([]byte("# yaml-language-server: $schema="+name+"\n"), d.text...)
		var text bytes.Buffer
		if err := writeSchema(&text, of); err != nil {
			return nil, err
		}
		beside = append(beside, draft{name, text.Bytes()})
	}
	return append(drafts, beside...), nil
}
