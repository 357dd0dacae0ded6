package proxy

import (
	_ "embed"

	"weir/policy/source"
)

// specimen is a weir.yaml that has every key, in nearly each form that it can have.
//
//go:embed schema.yaml
var specimen string

// otherForms has the keys that a weir.yaml can have in another form.
const otherForms = "service: www\npolicy: policy.yaml\nlisten: []\nlog: [stdout]\nkeys: {dir: keys/, external: true}\nadmin: {listen: 127.0.0.1:9901, token: admin.token, socket: admin.sock, hosts: [weir.internal]}\n"

// Shape is what a weir.yaml may say, as its reader tells it.
func Shape() *source.Shape {
	shape := &source.Shape{}
	for _, text := range []string{specimen, otherForms} {
		f := source.Parse("weir.yaml", []byte(text))
		f.Record(shape)
		readConfig(f, "")
	}
	return shape
}
