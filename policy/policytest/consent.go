package policytest

import (
	"fmt"

	"weir/policy"
	"weir/policy/source"
)

// choice is what somebody said of one purpose.
type choice struct {
	purpose string
	choice  policy.Choice
}

// consent reads `consent: {PURPOSE: given | refused | withdrawn, gpc: true, dnt: true}`. The
// two signals become the headers that they are.
func (r *caseReader) consent(c *Case, n source.Node) {
	m := n.Entries()
	for key, value := range m.All() {
		switch key.Text {
		case "gpc":
			c.gpc = value.Bool()
			continue
		case "dnt":
			c.dnt = value.Bool()
			continue
		}
		if !policy.IsDataUse(key.Text) {
			r.file.Refuse(key.Pos, fmt.Sprintf("%q is no key of a data use", short(key.Text)), "such as analytics.reporting, gpc or dnt")
			continue
		}
		if said, ok := policy.ParseChoice(value.Enum("given", "refused", "withdrawn")); ok {
			c.choices = append(c.choices, choice{key.Text, said})
		}
	}
}
