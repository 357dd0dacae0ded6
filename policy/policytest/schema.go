package policytest

import (
	_ "embed"

	"weir/policy/source"
)

// specimen is a file of cases that has every key, in each form that it can have.
//
//go:embed schema.yaml
var specimen []byte

// Shape is what a file of cases may say, as its reader tells it.
func Shape() *source.Shape {
	shape := &source.Shape{}
	f := source.Parse("\x00/cases.yaml", specimen) // in a folder that can not be
	f.Record(shape)
	readCases(f)
	return shape
}
