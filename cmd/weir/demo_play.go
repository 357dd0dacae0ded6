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
		if err := sc.run(ports); err != nil {
			return fmt.Errorf("scene %d: %w", i+1, err)
		}
		entry, err := entries.next(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("scene %d: %w", i+1, err)
		}
		show.exchange(i+1, sc, entry)
	}
	return nil
}

// run carries out one scene over a connection of its own.
func (sc scene) run(ports demoPorts) error {
	at := ports.Reverse
	if sc.outbound() {
		at = ports.Forward
	}
	conn, err := net.Dial("tcp", at)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(conn, sc.prelude()+sc.wire()); err != nil {
		return err
	}
	r := bufio.NewReader(conn)
	method, _, _ := strings.Cut(sc.send, " ")
	resp, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if sc.inside != "" {
		// The party does not like the hello; that one was sent is the point.
		tls.Client(conn, &tls.Config{ServerName: sc.inside}).Handshake()
		return nil
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
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
