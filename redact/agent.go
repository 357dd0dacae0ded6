package redact

import "weir/redact/transform"

// agent writes the family and the major version of a user agent.
func (s *state) agent(header []byte) {
	found := s.engine.agents.Find(header)
	s.entry.AgentName = found.Family()
	if version, ok := found.Version(); ok {
		s.maker.Open(transform.Plain)
		s.maker.Number(version)
		s.entry.AgentVersion = s.maker.Close()
	}
}

func isUserAgent(name []byte) bool {
	const lower = "user-agent"
	if len(name) != len(lower) {
		return false
	}
	for i, c := range name {
		if c|0x20 != lower[i] && c != lower[i] {
			return false
		}
	}
	return true
}
