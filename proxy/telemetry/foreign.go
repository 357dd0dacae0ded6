package telemetry

import (
	"fmt"
	"log"
	"strings"
	"sync"
)

// Foreign takes what third-party code would print, and tells only which
// component spoke and a word from a closed list for what it spoke of. The text
// itself, which may hold hosts, URLs and addresses, goes nowhere.
type Foreign struct {
	log       *Log
	component constant
}

// Foreign returns the log of a third-party component, such as "http2" or
// "goproxy".
func (l *Log) Foreign(component constant) *Foreign {
	return &Foreign{log: l, component: component}
}

// Printf satisfies goproxy.Logger and others like it. Arguments that are errors
// are classified by Class.
func (f *Foreign) Printf(format string, args ...any) {
	word := topic(format)
	if word == other {
		for _, a := range args {
			if err, ok := a.(error); ok {
				word = Class(err)
			}
		}
	}
	if word == other {
		word = topic(fmt.Sprintf(format, args...))
	}
	f.tell(word)
}

// Println satisfies the loggers of promhttp and others.
func (f *Foreign) Println(args ...any) { f.Printf("%s", fmt.Sprint(args...)) }

// Write takes one message; it satisfies io.Writer for log.SetOutput.
func (f *Foreign) Write(p []byte) (int, error) {
	f.tell(topic(string(p)))
	return len(p), nil
}

// Logger is for http.Server.ErrorLog and the like.
func (f *Foreign) Logger() *log.Logger { return log.New(f, "", 0) }

func (f *Foreign) tell(word string) {
	if f == nil || f.log == nil {
		return
	}
	f.log.foreign.add(string(f.component), word)
	level := LevelWarn
	if word == "tls_handshake" || word == "timeout" || word == "connection_reset" || word == "eof" {
		level = LevelDebug // what any client can cause, any number of times
	}
	f.log.write(level, "third_party", []Attr{text("component", string(f.component)), text("topic", word)})
}

// topic finds what a message is of. Its answer is one of topics' words, never a
// part of the message.
func topic(s string) string {
	s = strings.ToLower(s)
	for _, t := range topics {
		if strings.Contains(s, t.part) {
			return t.word
		}
	}
	return other
}

var topics = []struct{ part, word string }{
	{"panic", "panic"},
	{"tls handshake error", "tls_handshake"},
	{"superfluous response.writeheader", "double_head"},
	{"response.writeheader on hijacked", "hijacked"},
	{"response.write on hijacked", "hijacked"},
	{"accept error", "accept"},
	{"too many open files", "too_many_files"},
	{"unsolicited response", "unsolicited_response"},
	{"certificate", "certificate"},
	{"goaway", "goaway"},
	{"http2", "http2"},
	{"i/o timeout", "timeout"},
	{"deadline exceeded", "timeout"},
	{"connection reset", "connection_reset"},
	{"connection refused", "connection_refused"},
	{"broken pipe", "broken_pipe"},
	{"no such host", "no_such_host"},
	{"eof", "eof"},
	{"websocket", "websocket"},
	{"hijack", "hijacked"},
	{"cannot read", "read"},
	{"cannot write", "write"},
	{"error", "error"},
}

// foreignCounts counts messages. Its size is bounded: components are constants
// and words come from closed lists.
type foreignCounts struct {
	mu sync.Mutex
	n  map[[2]string]uint64
}

func (c *foreignCounts) add(component, word string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = make(map[[2]string]uint64)
	}
	c.n[[2]string{component, word}]++
}

func (c *foreignCounts) each(visit func(component, word string, n uint64)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, n := range c.n {
		visit(k[0], k[1], n)
	}
}
