package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// play sends each scene and shows it beside the entry that came of it.
func play(ctx context.Context, show *stage, ports demoPorts, entries tap) error {
	for i, sc := range scenes {
		if ctx.Err() != nil {
			return nil
		}
		answered, err := sc.run(ports)
		if err != nil {
			return fmt.Errorf("scene %d: %w", i+1, err)
		}
		entry, err := entries.next(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("scene %d: %w", i+1, err)
		}
		show.exchange(i+1, sc, answered, entry)
	}
	return nil
}

// run carries out one scene over a connection of its own. It returns what of
// the answer's head is worth showing.
func (sc scene) run(ports demoPorts) (answered []string, err error) {
	at := ports.Reverse
	if sc.outbound() {
		at = ports.Forward
	}
	conn, err := net.Dial("tcp", at)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(conn, sc.prelude()+sc.wire()); err != nil {
		return nil, err
	}
	r := bufio.NewReader(conn)
	method, _, _ := strings.Cut(sc.send, " ")
	resp, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answered = append(answered, resp.Proto+" "+resp.Status)
	for _, name := range []string{"Location", "Set-Cookie"} {
		for _, value := range resp.Header.Values(name) {
			answered = append(answered, name+": "+value)
		}
	}
	if sc.inside != "" {
		// The party does not like the hello; that one was sent is the point.
		tls.Client(conn, &tls.Config{ServerName: sc.inside}).Handshake()
		return answered, nil
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return answered, err
}

// prelude is the PROXY header (version 1) by which a load balancer tells the
// visitor's address.
func (sc scene) prelude() string {
	if sc.outbound() {
		return ""
	}
	if netip.MustParseAddr(sc.from).Is4() {
		return "PROXY TCP4 " + sc.from + " 192.0.2.1 51234 80\r\n"
	}
	return "PROXY TCP6 " + sc.from + " 2001:db8::1 51234 80\r\n"
}

// flushed waits until the log's files hold as many entries as were written.
func flushed(dir string, entries int) error {
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		lines := 0
		segments, err := filepath.Glob(filepath.Join(dir, "log", "*", "*.jsonl"))
		if err != nil {
			return err
		}
		for _, s := range segments {
			data, err := os.ReadFile(s)
			if err != nil {
				return err
			}
			lines += bytes.Count(data, []byte("\n"))
		}
		if lines >= entries {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d of %d entries reached the log", lines, entries)
		}
	}
}

// hunt searches every file below dir for the scenes' personal values.
func hunt(dir string, played []scene) (found, values, files int, err error) {
	unique := map[string]bool{}
	for _, sc := range played {
		for _, p := range sc.personal {
			unique[p] = true
		}
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		for p := range unique {
			if bytes.Contains(data, []byte(p)) {
				found++
			}
		}
		return err
	})
	return found, len(unique), files, err
}
