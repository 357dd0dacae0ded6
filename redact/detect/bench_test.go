package detect

import "testing"

// typical are the values of one exchange of a browser.
var typical = []string{
	"www.nordhost.example", "/products/winter-jackets/blue", "size=m", "42", "price", "da",
	"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
	"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
	"da,en-US;q=0.7,en;q=0.3", "gzip, deflate, br, zstd", "document", "navigate", "same-origin", "?1", "u=0, i", "keep-alive",
	"https://www.nordhost.example/products/winter-jackets?page=2&sort=price",
	"GA1.2.1234567890.1700000000", "8f14e45fceea167a5a36dedd4bea2543", "dark", "1",
	"text/html; charset=utf-8", "no-cache, private, max-age=0", "Sun, 22 Nov 2026 10:00:00 GMT", "nginx", "15342",
	"Accept-Encoding, Cookie", `W/"3bee-18c2a"`, "strict-origin-when-cross-origin", "max-age=31536000; includeSubDomains",
}

func benchmarkScan(b *testing.B, texts ...string) {
	var all [][]byte
	n := 0
	for _, t := range texts {
		all = append(all, []byte(t))
		n += len(t)
	}
	var s Scanner
	b.SetBytes(int64(n))
	b.ReportAllocs()
	for b.Loop() {
		for _, t := range all {
			s.Scan(t)
		}
	}
}

func BenchmarkScanExchange(b *testing.B)  { benchmarkScan(b, typical...) }
func BenchmarkScanUserAgent(b *testing.B) { benchmarkScan(b, typical[6]) }
func BenchmarkScanChrome(b *testing.B) {
	benchmarkScan(b, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36")
}
func BenchmarkScanReferer(b *testing.B) { benchmarkScan(b, typical[16]) }
func BenchmarkScanCookie(b *testing.B) {
	benchmarkScan(b, "s%3AcJ8Xq0Yp2LzKfW7mVbT4uR1nEoAhGdSi.Zk3vQ9wB5yN6xM0jC2tP8rLfUoXeHaDgI")
}
func BenchmarkScanQuery(b *testing.B) { benchmarkScan(b, "anna.jensen%40example.dk") }
func BenchmarkScanJSONWebToken(b *testing.B) {
	benchmarkScan(b, "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwiZW1haWwiOiJhbm5hQGV4YW1wbGUuZGsifQ.c2lnbmF0dXJl")
}
func BenchmarkScanForwarded(b *testing.B) {
	benchmarkScan(b, `for=203.0.113.7;proto=https;by=198.51.100.2, for="[2001:db8::17]:4711"`)
}

func BenchmarkLookup(b *testing.B) {
	for _, name := range []string{"User-Agent", "page", "customer[billing_email]", "sec-fetch-dest", "some_unknown_parameter"} {
		b.Run(name, func(b *testing.B) {
			n := []byte(name)
			b.ReportAllocs()
			for b.Loop() {
				Lookup(n)
			}
		})
	}
}
