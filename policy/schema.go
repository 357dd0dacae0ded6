package policy

import (
	_ "embed"

	"weir/policy/source"
)

// specimen is a policy that has every key, in each form that it can have.
//
//go:embed schema.yaml
var specimen string

// otherForms has the keys that a policy can have in another form.
const otherForms = "mode: monitor\ntenant: 'request.header[\"x-tenant\"]'\n"

// Shape is what a policy file may say, as its reader tells it.
func Shape() *source.Shape {
	shape := &source.Shape{}
	for _, text := range []string{specimen, otherForms} {
		f := source.Parse("\x00/policy.yaml", []byte(text)) // in a folder that can not be
		f.Record(shape)
		readDocument(f)
	}
	return shape
}
