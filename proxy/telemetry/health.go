package telemetry

import (
	"io"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
)

// Health says whether weir is alive and ready for traffic. Ready means that
// every check passes, save those without which weir goes on and is only degraded.
type Health struct {
	mu       sync.Mutex
	checks   []*Check
	draining atomic.Bool
}

// Drain makes weir unready for good, as it takes no more traffic.
func (h *Health) Drain() { h.draining.Store(true) }

// NewHealth makes a Health without checks.
func NewHealth() *Health { return new(Health) }

// Check is one condition for being ready. It fails until it is told to pass. A
// nil *Check can be told and nobody hears.
type Check struct {
	name    string
	degrade bool // weir goes on without it
	ok      atomic.Bool
}

// Check adds a condition, such as "listener" with the configured name ":8080".
// The configured part may be "" and must never come from traffic.
func (h *Health) Check(name constant, configured string) *Check {
	return h.add(&Check{name: string(name)}, configured)
}

// Degrade adds a condition as Check does, without which weir is as ready as
// before: /readyz names it, and answers 200.
func (h *Health) Degrade(name constant, configured string) *Check {
	return h.add(&Check{name: string(name), degrade: true}, configured)
}

func (h *Health) add(c *Check, configured string) *Check {
	if configured != "" {
		c.name += " " + configured
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.checks = append(h.checks, c)
	return c
}

// Set tells whether the condition holds.
func (c *Check) Set(ok bool) {
	if c != nil {
		c.ok.Store(ok)
	}
}

// failing lists the names of checks that fail, sorted; those without which weir
// is not ready, or those without which it is degraded.
func (h *Health) failing(degrade bool) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var names []string
	if h.draining.Load() && !degrade {
		names = append(names, "draining")
	}
	for _, c := range h.checks {
		if c.degrade == degrade && !c.ok.Load() {
			names = append(names, c.name)
		}
	}
	sort.Strings(names)
	return names
}

// Ready reports whether every check passes but those that degrade.
func (h *Health) Ready() bool { return len(h.failing(false)) == 0 }

// ready is what /readyz answers.
func (h *Health) ready() (status int, text string) {
	if names := h.failing(false); len(names) > 0 {
		return http.StatusServiceUnavailable, strings.Join(append(names, h.failing(true)...), "\n")
	}
	if names := h.failing(true); len(names) > 0 {
		return http.StatusOK, "degraded: " + strings.Join(names, "\ndegraded: ")
	}
	return http.StatusOK, "ok"
}

// Handler serves the admin listener: /healthz answers 200 as long as weir can
// answer at all, /readyz 200 or 503 and the names of the failing checks,
// /metrics what metrics says (404 where nil). GET and HEAD only. No answer
// repeats anything of the request.
func (h *Health) Handler(metrics http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			answer(w, http.StatusMethodNotAllowed, "only GET and HEAD are answered here")
			return
		}
		switch {
		case r.URL.Path == "/healthz":
			answer(w, http.StatusOK, "ok")
		case r.URL.Path == "/readyz":
			status, text := h.ready()
			answer(w, status, text)
		case r.URL.Path == "/metrics" && metrics != nil:
			// Of the request only what chooses format and coding goes on.
			metrics.ServeHTTP(w, &http.Request{Method: r.Method, URL: &url.URL{Path: "/metrics"}, Body: http.NoBody,
				Header: http.Header{"Accept": r.Header["Accept"], "Accept-Encoding": r.Header["Accept-Encoding"]}})
		default:
			answer(w, http.StatusNotFound, "not found")
		}
	})
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // the asker left: nobody to tell
}
