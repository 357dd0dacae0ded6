//go:build !race

package http1

import "testing"

// The race detector has sync.Pool forget at random, so these run without it.

func TestAnExchangeAllocatesNothing(t *testing.T) {
	chunked := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
	for name, response := range map[string]string{"length": typicalResponse, "chunked": chunked} {
		t.Run(name, func(t *testing.T) {
			once := steady(t, typicalRequest, response)
			for range 20 {
				once()
			}
			// The harness copies the header of a chunked message.
			want := map[string]float64{"length": 0, "chunked": 1}[name]
			if n := testing.AllocsPerRun(200, once); n > want {
				t.Errorf("%v allocations an exchange", n)
			}
		})
	}
}

func TestParsingAllocatesNothing(t *testing.T) {
	parse := parser(typicalRequest)
	if n := testing.AllocsPerRun(200, parse); n > 0 {
		t.Errorf("%v allocations a head", n)
	}
}
