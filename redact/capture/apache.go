package capture

import (
	"fmt"
	"strings"

	"weir/redact/raw"
)

// The formats that go by a name: Apache's mod_log_config documents the first
// three, nginx's package configures the fourth. The fifth has a host without a port;
// its dash tells it from a client whose user is two words.
const (
	Common   = `%h %l %u %t "%r" %>s %b`
	Combined = Common + ` "%{Referer}i" "%{User-agent}i"`
	VHost    = `%v:%p ` + Combined
	Main     = Combined + ` "%{X-Forwarded-For}i"`
	Hosted   = `%v %h - %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i"`
)

// Apache reads a LogFormat of Apache's mod_log_config.
func Apache(format string) (*Template, error) {
	var parts []part
	text := ""
	for i := 0; i < len(format); i++ {
		c := format[i]
		if c == '\\' && i+1 < len(format) {
			i++
			text += map[byte]string{'n': "\n", 't': "\t"}[format[i]]
			if format[i] != 'n' && format[i] != 't' {
				text += string(format[i])
			}
			continue
		}
		if c != '%' {
			text += string(c)
			continue
		}
		f, n, err := directive(format[i+1:])
		if err != nil {
			return nil, err
		}
		i += n
		switch {
		case f == nil:
			text += "%"
		case f == bracketed:
			parts = append(parts, part{text: text + "[", field: timeField})
			text = "]"
		default:
			parts = append(parts, part{text: text, field: f})
			text = ""
		}
	}
	if text != "" {
		parts = append(parts, part{text: text})
	}
	return newTemplate(parts)
}

var (
	timeField = &Field{Role: Time}
	bracketed = &Field{Role: Time} // %t, which Apache writes in brackets
	number    = &Field{Role: Number}
	port      = &Field{Role: Number, Digits: 5}
	process   = &Field{Role: Number, Digits: 7} // Linux has up to 4194304
	few       = &Field{Role: Number, Digits: 4}
)

// directives are those without an argument.
var directives = map[byte]*Field{
	'a': {Role: Address, Kind: raw.ClientAddress}, 'h': {Role: Address, Kind: raw.ClientAddress},
	'A': {Role: Value, Kind: raw.LogField, Name: "server_addr"},
	'l': {Role: Value, Kind: raw.LogField, Name: "remote_logname"}, 'u': {Role: Value, Kind: raw.LogField, Name: "remote_user"},
	't': bracketed, 'r': {Role: Request}, 's': {Role: Status},
	'b': number, 'B': number, 'O': number, 'I': number, 'S': number, 'D': number, 'T': number, 'k': few, 'p': port, 'P': process,
	'X': {Role: Word, Words: []string{"X", "+", "-"}},
	'v': {Role: Value, Kind: raw.LogField, Name: "server_name"}, 'V': {Role: Host, Kind: raw.Host},
	'H': {Role: Protocol}, 'm': {Role: Method}, 'U': {Role: Path, Starts: '/'}, 'q': {Role: Arguments, Starts: '?'},
	'f': {Role: Value, Kind: raw.LogField, Name: "filename"}, 'R': {Role: Value, Kind: raw.LogField, Name: "handler"},
	'L': {Role: Value, Kind: raw.LogField, Name: "log_id"},
}

// directive reads what stands behind a percent sign, and says how many bytes that
// is. Two signs are no field.
func directive(s string) (f *Field, n int, err error) {
	if strings.HasPrefix(s, "%") {
		return nil, 1, nil
	}
	n = len(s) - len(strings.TrimLeft(s, "!,<>0123456789")) // only for some statuses, the first or the last request
	argument := ""
	if strings.HasPrefix(s[n:], "{") {
		end := strings.IndexByte(s[n:], '}')
		if end < 0 {
			return nil, 0, fmt.Errorf("capture: %q: the brace is not closed", "%"+s)
		}
		argument = s[n+1 : n+end]
		n += end + 1
	}
	rest := s[n:]
	if strings.HasPrefix(rest, "^ti") || strings.HasPrefix(rest, "^to") {
		kind := raw.RequestTrailer
		if rest[2] == 'o' {
			kind = raw.ResponseTrailer
		}
		return &Field{Role: Value, Kind: kind, Name: argument}, n + 3, nil
	}
	if rest == "" {
		return nil, 0, fmt.Errorf("capture: %q is no directive of a LogFormat", "%"+s)
	}
	if argument == "" {
		f = directives[rest[0]]
	} else {
		f = withArgument(rest[0], argument)
	}
	if f == nil {
		return nil, 0, fmt.Errorf("capture: %q is no directive of a LogFormat", "%"+s[:n+1])
	}
	return f, n + 1, nil
}

// withArgument is a directive with something in braces.
func withArgument(c byte, argument string) *Field {
	switch c {
	case 'i':
		return header(raw.RequestHeader, argument)
	case 'o':
		return header(raw.ResponseHeader, argument)
	case 'C':
		return &Field{Role: Value, Kind: raw.RequestCookie, Name: argument}
	case 'e', 'n':
		return &Field{Role: Value, Kind: raw.LogField, Name: argument}
	case 'a':
		return &Field{Role: Address, Kind: raw.PeerAddress}
	case 't':
		return timeField
	case 'h':
		return directives['h']
	case 'T', 'p', 'P':
		if argument == "hextid" {
			return &Field{Role: Ignored}
		}
		return number
	}
	return nil
}

// header is a header's field. That of Host is a host.
func header(kind raw.Kind, name string) *Field {
	name = strings.ToLower(name)
	if kind == raw.RequestHeader && name == "host" {
		return &Field{Role: Host, Kind: raw.Host}
	}
	return &Field{Role: Header, Kind: kind, Name: name, List: strings.HasSuffix(name, "forwarded-for")}
}
