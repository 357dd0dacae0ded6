package redact

import (
	"bytes"
	"encoding/hex"

	"weir/redact/record"
)

// untraced takes the trace out of the entry where an id of it, which came from
// elsewhere, is a finding of which something is not written: an id is written as
// it is, so that it must not be whom the exchange is of. Ids that are random are
// none, but for those of who names traces by sessions or people.
func (s *state) untraced(finding []byte) {
	if s.recording.on {
		s.recording.trace(finding)
	}
	t := s.entry.Trace
	if t == nil || t.Parent == (record.SpanID{}) || len(finding) < leastGuarded {
		return
	}
	plain := bytes.ToLower(bytes.ReplaceAll(finding, []byte("-"), nil))
	for _, id := range [][]byte{t.ID[:], t.Parent[:]} {
		written := hex.AppendEncode(nil, id)
		if bytes.Contains(id, finding) || bytes.Contains(plain, written) || len(plain) >= leastGuarded && bytes.Contains(written, plain) {
			s.entry.Trace = nil
			return
		}
	}
}
