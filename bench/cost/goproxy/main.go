// Command goproxy is github.com/elazarl/goproxy with nothing added, as a peer of
// weir's forward listener. It takes the address to listen on.
package main

import (
	"fmt"
	"net/http"
	"os"

	"github.com/elazarl/goproxy"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: goproxy ADDRESS")
		os.Exit(2)
	}
	p := goproxy.NewProxyHttpServer()
	// As many kept connections as the others keep; two, Go's default, would be
	// measured as one new connection for nearly each request.
	p.Tr.MaxIdleConnsPerHost = 64
	fmt.Fprintln(os.Stderr, "goproxy:", http.ListenAndServe(os.Args[1], p))
	os.Exit(1)
}
