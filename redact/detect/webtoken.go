package detect

import (
	"bytes"

	"weir/redact/category"
)

// webTokens finds JSON Web Tokens in their compact form (RFC 7515 section 7.1,
// RFC 7516 section 7.1): parts of base64url between dots, the first a JSON
// object. What the parts say is found besides.
func (s *Scanner) webTokens(t []byte) {
	for i := 0; i < len(t); {
		n := bytes.Index(t[i:], []byte("eyJ"))
		if n < 0 {
			return
		}
		start := i + n
		end, parts := part(t, start), 1
		i = end
		if start > 0 && isTokenByte(t[start-1]) || end-start < 8 {
			continue
		}
		for parts < 5 && end < len(t) && t[end] == '.' {
			next := part(t, end+1)
			if next == end+1 && parts < 2 {
				break
			}
			end = next
			parts++
		}
		if parts >= 3 {
			i = end
			how := s.how
			s.how = Token
			s.report(t, start, end, category.Credentials, Certain)
			s.how = how
		}
	}
}

func part(t []byte, from int) int {
	for from < len(t) && isTokenByte(t[from]) {
		from++
	}
	return from
}

func isTokenByte(c byte) bool { return isAlnum(c) || c == '-' || c == '_' }
