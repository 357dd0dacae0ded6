package source

import "fmt"

// Join is the mapping of all keys of several, which stand in files that one of them
// includes; the last is that one's. Where a key stands in more than one its values become
// one: lists one after the other, mappings with the keys of all. Of alone each
// stands in one file only; it is refused at both places where it does not.
func Join(alone []string, all ...Mapping) Mapping {
	if len(all) == 1 {
		return all[0]
	}
	var out Mapping
	at := make(map[string]int)
	for _, m := range all {
		out.node = m.node
		for i, k := range m.keys {
			j, again := at[k.Text]
			if !again {
				at[k.Text] = len(out.keys)
				out.keys = append(out.keys, k)
				out.values = append(out.values, m.values[i])
				continue
			}
			if contains(alone, k.Text) {
				refuseBoth(out.node.file, out.keys[j], k)
				continue
			}
			before := append(out.values[j].before, out.values[j])
			before[len(before)-1].before = nil
			out.keys[j], out.values[j] = k, m.values[i]
			out.values[j].before = before
		}
	}
	return out
}

// add takes the entries of another mapping, of which none may be there already.
func (m *Mapping) add(more Mapping) {
	at := make(map[string]int, len(m.keys))
	for i, k := range m.keys {
		at[k.Text] = i
	}
	for i, k := range more.keys {
		if j, again := at[k.Text]; again {
			refuseBoth(more.node.file, m.keys[j], k)
			continue
		}
		m.keys = append(m.keys, k)
		m.values = append(m.values, more.values[i])
	}
}

// refuseBoth tells of a key in two files, at both.
func refuseBoth(f *File, first, second Key) {
	for f.into != nil {
		f = f.into
	}
	for _, pair := range [][2]Key{{first, second}, {second, first}} {
		where := pair[1].Pos.Where()
		if pair[1].Pos.File == "" {
			where += " of " + f.Name
		}
		f.Refuse(pair[0].Pos, fmt.Sprintf("the key %s stands in %s as well", quote(pair[0].Text), where), "it in one of them")
	}
}
