package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
)

// visitor is somebody who comes now and then.
type visitor struct{ address, agent, cookie string }

// corpus writes an access log of about so many bytes. One seed gives one log.
func corpus(out io.Writer, size int64) error {
	r := rand.New(rand.NewPCG(1, 2))
	visitors := make([]visitor, 20000)
	for i := range visitors {
		address := fmt.Sprintf("%d.%d.%d.%d", 1+r.IntN(222), r.IntN(256), r.IntN(256), 1+r.IntN(254))
		if i%5 == 0 {
			address = fmt.Sprintf("2001:db8:%x:%x::%x:%x", r.IntN(1<<16), r.IntN(1<<16), r.IntN(1<<16), 1+r.IntN(1<<16-1))
		}
		visitors[i] = visitor{
			address,
			agent(r),
			fmt.Sprintf("sid=%016x%016x; theme=dark; _ga=GA1.2.%d.%d", r.Uint64(), r.Uint64(), r.IntN(1e9), 1600000000+r.IntN(1e8)),
		}
	}
	often := rand.NewZipf(r, 1.1, 20, uint64(len(visitors)-1))
	w := bufio.NewWriterSize(out, 1<<20)
	written := int64(0)
	for i := 0; written < size; i++ {
		v := &visitors[often.Uint64()]
		referer := "-"
		if r.IntN(10) < 6 {
			referer = "https://www.nordhost.example" + page(r)
		}
		second := i / 200 // lines a second
		n, err := fmt.Fprintf(w, "%s - - [22/Nov/2026:%02d:%02d:%02d +0000] \"%s %s HTTP/1.1\" %d %d \"%s\" \"%s\" \"%s\"\n",
			v.address, second/3600%24, second/60%60, second%60, [...]string{"GET", "GET", "GET", "POST"}[r.IntN(4)], target(r),
			[...]int{200, 200, 200, 200, 304, 404}[r.IntN(6)], 100+r.IntN(90000), referer, v.agent, v.cookie)
		if err != nil {
			return err
		}
		written += int64(n)
	}
	return w.Flush()
}

func agent(r *rand.Rand) string {
	switch r.IntN(4) {
	case 0:
		return fmt.Sprintf("Mozilla/5.0 (X11; Linux x86_64; rv:%[1]d.0) Gecko/20100101 Firefox/%[1]d.0", 100+r.IntN(46))
	case 1:
		return fmt.Sprintf("Mozilla/5.0 (iPhone; CPU iPhone OS 18_%d like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.%d Mobile/15E148 Safari/604.1", r.IntN(8), r.IntN(8))
	}
	system := [...]string{"Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "Linux; Android 10; K"}[r.IntN(3)]
	return fmt.Sprintf("Mozilla/5.0 (%s) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36", system, 100+r.IntN(46))
}

// page is one of those that many see.
func page(r *rand.Rand) string {
	switch r.IntN(6) {
	case 0:
		return "/"
	case 1:
		return "/cart"
	case 2:
		return fmt.Sprintf("/category/%d?page=%d", r.IntN(40), 1+r.IntN(5))
	}
	return fmt.Sprintf("/products/%d", r.IntN(3000))
}

// target is what is asked for: pages, what belongs to them, and what is asked once.
func target(r *rand.Rand) string {
	switch n := r.IntN(20); {
	case n < 9:
		return fmt.Sprintf("/static/%s.%d.%s", [...]string{"app", "style", "vendor", "logo"}[r.IntN(4)], r.IntN(20), [...]string{"js", "css", "svg"}[r.IntN(3)])
	case n < 16:
		return page(r)
	case n < 18:
		return fmt.Sprintf("/search?q=%s%d&page=1", [...]string{"jacket", "shoes", "winter+coat", "tent"}[r.IntN(4)], r.IntN(1e6))
	}
	return fmt.Sprintf("/account/confirm?email=%s.%d%%40example.dk&ref=mail", [...]string{"anna", "bo", "cille", "david"}[r.IntN(4)], r.IntN(50000))
}
