package capture

import (
	"bytes"
	"time"

	"weir/redact/raw"
)

var (
	hostnameField = Member("hostname")
	appField      = Member("app")
	procField     = Member("procid")
	msgField      = Member("msgid")
	textField     = Member("message")
	elementField  = &Field{Role: Element}
	nameField     = &Field{Role: Name, Kind: raw.LogField}
)

// Syslog takes a line apart as RFC 5424 has it, or as RFC 3164 describes and files
// hold it: without a priority, or with a time of RFC 3339. Lines of containers, as
// Kubernetes' CRI has them, are read too: time, stream, F or P, and what was said.
func Syslog(line []byte, l *Line) bool {
	l.Spans = l.Spans[:0]
	at := priority(line)
	if at > 0 && bytes.HasPrefix(line[at:], []byte("1 ")) {
		return modern(line, at+2, l)
	}
	end := stamp(line[at:])
	if end < 0 {
		return false
	}
	l.add(timeField, at, at+end, false)
	at += end + 1
	if n := stream(line[min(at, len(line)):]); n > 0 {
		l.add(textField, at+n, len(line), false)
		return true
	}
	host := bytes.IndexByte(line[min(at, len(line)):], ' ')
	if host <= 0 {
		return false
	}
	l.add(hostnameField, at, at+host, false)
	return tag(line, at+host+1, l)
}

// priority is the length of <13>, 0 where there is none.
func priority(b []byte) int {
	end := bytes.IndexByte(b[:min(len(b), 5)], '>')
	if end < 2 || b[0] != '<' {
		return 0
	}
	for _, c := range b[1:end] {
		if c < '0' || c > '9' {
			return 0
		}
	}
	return end + 1
}

// stamp is the length of the time at the start of b, which a space ends; -1 where
// there is none.
func stamp(b []byte) int {
	const old = len("Jan _2 15:04:05")
	if len(b) > old && b[old] == ' ' {
		if _, err := time.Parse("Jan _2 15:04:05", string(b[:old])); err == nil {
			return old
		}
	}
	end := bytes.IndexByte(b, ' ')
	if end < len("2006-01-02T15:04:05") || end > len("2006-01-02T15:04:05.000000000+00:00") {
		return -1
	}
	if _, err := time.Parse(time.RFC3339, string(b[:end])); err != nil {
		return -1
	}
	return end
}

// stream is the length of "stdout F " or another of CRI's, 0 where there is none.
func stream(b []byte) int {
	for _, name := range [...]string{"stdout F ", "stdout P ", "stderr F ", "stderr P "} {
		if len(b) >= len(name) && string(b[:len(name)]) == name {
			return len(name)
		}
	}
	return 0
}

// tag takes the rest of a line of RFC 3164 apart: su[123]: text.
func tag(line []byte, at int, l *Line) bool {
	const longest = 64
	end := at
	for end < len(line) && end-at < longest && bytes.IndexByte([]byte(" :[\"="), line[end]) < 0 {
		end++
	}
	if end == at || end == len(line) || line[end] != ':' && line[end] != '[' {
		l.add(textField, at, len(line), false)
		return true
	}
	l.add(appField, at, end, false)
	if line[end] == '[' {
		n := bytes.IndexByte(line[end:], ']')
		if n < 0 || n > longest {
			return false
		}
		l.add(process, end+1, end+n, false)
		end += n + 1
	}
	if end < len(line) && line[end] == ':' {
		end++
	}
	if end < len(line) && line[end] == ' ' {
		end++
	}
	l.add(textField, end, len(line), false)
	return true
}

// modern takes the rest of a line of RFC 5424 section 6 apart, behind its version.
func modern(line []byte, at int, l *Line) bool {
	for _, f := range [...]*Field{timeField, hostnameField, appField, procField, msgField} {
		n := bytes.IndexByte(line[at:], ' ')
		if n <= 0 {
			return false
		}
		l.add(f, at, at+n, false)
		at += n + 1
	}
	at, ok := structured(line, at, l)
	if !ok {
		return false
	}
	if at < len(line) {
		if line[at] != ' ' {
			return false
		}
		at++
	}
	l.add(textField, at, len(line), false)
	return true
}

// structured takes structured data apart: a dash, or elements as
// [id name="value"]. What stands as an id or a name is written where it is one that
// tells of nobody.
func structured(line []byte, at int, l *Line) (int, bool) {
	if at < len(line) && line[at] == '-' {
		return at + 1, true
	}
	first := at
	for at < len(line) && line[at] == '[' {
		n := element(line[at:])
		if n < 0 {
			return 0, false
		}
		l.add(elementField, at+1, at+n, false)
		at += n
		for at < len(line) && line[at] == ' ' {
			name := at + 1
			eq := bytes.IndexByte(line[at:], '=')
			if eq < 0 || !isSD(line[name:at+eq]) || at+eq+1 >= len(line) || line[at+eq+1] != '"' {
				return 0, false
			}
			at += eq + 2
			n = closing(line[at:])
			if n < 0 {
				return 0, false
			}
			f := Field{Role: Value, Kind: raw.LogField, Name: string(line[name : name+eq-1])}
			f.Key, f.spelled = f.key(), []byte(f.Name)
			l.add(nameField, name, name+eq-1, false)
			l.add(&f, at, at+n, true)
			at += n + 1
		}
		if at >= len(line) || line[at] != ']' {
			return 0, false
		}
		at++
	}
	return at, at > first
}

// element is the length of a bracket and the name of an element, -1 where that is none.
func element(b []byte) int {
	n := 1
	for n < len(b) && b[n] != ' ' && b[n] != ']' {
		n++
	}
	if !isSD(b[1:n]) {
		return -1
	}
	return n
}

// isSD reports whether b is an SD-NAME, of at most 32 letters, digits and the
// signs of names.
func isSD(b []byte) bool {
	for _, c := range b {
		if !('a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.' || c == '@') {
			return false
		}
	}
	return len(b) > 0 && len(b) <= 32
}
