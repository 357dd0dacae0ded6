// Package source reads weir's two YAML files strictly. Every value keeps its
// position, and all that is wrong with a file is told at once, each error as
// "file:line:column: what is wrong; write instead: what to write".
//
// Strict means: UTF-8, one document of at most 1 MiB and a bounded depth, no
// tags, anchors, aliases or merge keys, no duplicate or unknown keys, and
// values of exactly the type that is asked for. Lines and columns count from 1,
// columns in characters.
//
// A reader walks the file with a Node for each value:
//
//	f, err := source.Read("policy.yaml")
//	if err != nil {
//		return err
//	}
//	m := f.Root().Map(source.Keys{Known: []string{"name", "retain"}})
//	name := m.Require("name", "name: www").Text().Value
//	retain := m.Get("retain").Duration()
//	return f.Err()
//
// Getters never fail: what is wrong is noted in the File and the zero value is
// returned, so that a reader goes on to find the next error. An absent Node
// gives zero values and notes nothing.
//
// A reader's own calls say what it accepts: a File that is recorded gathers them in a
// Shape while a specimen with every key is read, and the Shape makes a JSON Schema.
//
// The package imports nothing of weir.
package source
