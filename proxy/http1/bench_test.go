package http1

import (
	"bytes"
	"io"
	"net"
	"testing"

	"weir/redact/raw"
)

const typicalRequest = "GET /device/4711/readings?from=2026-11-01&to=2026-11-22&page=2&unit=celsius HTTP/1.1\r\n" +
	"Host: www.nordhost.example\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0\r\n" +
	"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n" +
	"Accept-Language: da,en-US;q=0.7,en;q=0.3\r\n" +
	"Accept-Encoding: gzip, deflate, br, zstd\r\n" +
	"Referer: https://www.nordhost.example/device/4711\r\n" +
	"Cookie: sid=3f2a9c1e7b; theme=dark; consent=statistics\r\n" +
	"X-Forwarded-For: 203.0.113.7\r\n" +
	"X-Request-Id: 0f8fad5b-d9cb-469f-a165-70867728950e\r\n" +
	"Sec-Fetch-Mode: navigate\r\n" +
	"Cache-Control: no-cache\r\n" +
	"Upgrade-Insecure-Requests: 1\r\n\r\n"

const typicalResponse = "HTTP/1.1 200 OK\r\nServer: shop\r\nDate: Sun, 22 Nov 2026 10:00:00 GMT\r\nContent-Type: text/plain\r\n" +
	"Cache-Control: no-store\r\nContent-Length: 12\r\n\r\nhello world\n"

// answering serves every connection to it with the same response to each
// request of the same length, and allocates nothing while it does.
func answering(t testing.TB, request int, response string) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer nc.Close()
				buf, answer := make([]byte, request), []byte(response)
				for {
					if _, err := io.ReadFull(nc, buf); err != nil {
						return
					}
					if _, err := nc.Write(answer); err != nil {
						return
					}
				}
			}()
		}
	}()
	return ln.Addr().String()
}

// loopback is a pair of connected sockets.
func loopback(t testing.TB) (client, server net.Conn) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	client, err = net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err = ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close(); _ = server.Close() })
	return client, server
}

// steady returns a function that has a client do one keep-alive exchange.
func steady(t testing.TB, request, response string) func() {
	sw := newSweeper(t)
	pool := poolTo(t, answering(t, len(request), response), sw)
	client, server := loopback(t)
	go func() {
		lim := Default()
		s := NewServerConn(server, &lim, sw)
		defer s.Close()
		var x raw.Exchange
		buf := make([]byte, 16<<10)
		for carry(s, pool, &x, buf) == nil && s.KeepAlive() {
		}
	}()
	out, in := []byte(request), make([]byte, len(response))
	return func() {
		if _, err := client.Write(out); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(client, in); err != nil {
			t.Fatal(err)
		}
	}
}

func parser(request string) func() {
	var m raw.Message
	var h head
	lim := Default()
	in := []byte(request)
	return func() {
		m.Reset()
		h.reset(&lim, &m, false)
		if n, done, why := h.feed(in); n != len(in) || !done || why != 0 || h.endRequest() != 0 {
			panic("not parsed")
		}
	}
}

func BenchmarkParseHead(b *testing.B) {
	parse := parser(typicalRequest)
	b.ReportAllocs()
	b.SetBytes(int64(len(typicalRequest)))
	for b.Loop() {
		parse()
	}
}

func BenchmarkExchange(b *testing.B) {
	once := steady(b, typicalRequest, typicalResponse)
	once()
	b.ReportAllocs()
	for b.Loop() {
		once()
	}
}

// BenchmarkDirect is the exchange without a proxy between.
func BenchmarkDirect(b *testing.B) {
	nc, err := net.Dial("tcp", answering(b, len(typicalRequest), typicalResponse))
	if err != nil {
		b.Fatal(err)
	}
	defer nc.Close()
	out, in := []byte(typicalRequest), make([]byte, len(typicalResponse))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := nc.Write(out); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(nc, in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkValue(b *testing.B) {
	v := bytes.Repeat([]byte("text/html,application/xhtml+xml "), 4)
	b.SetBytes(int64(len(v)))
	for b.Loop() {
		if value(v) != 0 {
			b.Fatal("refused")
		}
	}
}

func BenchmarkProbe(b *testing.B) {
	_, server := loopback(b)
	sock, err := server.(*net.TCPConn).SyscallConn()
	if err != nil {
		b.Fatal(err)
	}
	var p prober
	b.ReportAllocs()
	for b.Loop() {
		if p.probe(sock) != quiet {
			b.Fatal("not quiet")
		}
	}
}
