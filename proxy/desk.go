package proxy

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"weir/policy/source"
)

// desk answers what is more than health and metrics.
type desk struct {
	upstreams func() []seen
	reload    func() (fingerprint string, refused []error)
}

// seen is an endpoint of an upstream as /upstreams tells it. All of it is
// configured, or resolved from what is.
type seen struct {
	Listener    string  `json:"listener"`
	Upstream    string  `json:"upstream"`
	Address     string  `json:"address"`
	Connections int     `json:"connections"`
	Idle        int     `json:"idle"`
	Waiting     int     `json:"waiting"`
	Failures    int     `json:"failures"`
	Ejections   int     `json:"ejections"`
	EjectedFor  float64 `json:"ejected_for"` // seconds
}

// beside answers the desk's paths to who is let in, and all else by next.
func (d *desk) beside(next http.Handler, lets func(*http.Request) bool) http.Handler {
	answers := map[string]struct {
		method string
		answer func(http.ResponseWriter)
	}{
		"/upstreams": {http.MethodGet, d.tellUpstreams},
		"/reload":    {http.MethodPost, d.tellReload},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := answers[r.URL.Path]
		switch {
		case !ok:
			next.ServeHTTP(w, r)
		case !lets(r):
			w.Header().Set("WWW-Authenticate", `Bearer realm="weir"`)
			reply(w, http.StatusUnauthorized, "this needs the token")
		case r.Method != a.method:
			w.Header().Set("Allow", a.method)
			reply(w, http.StatusMethodNotAllowed, "only "+a.method+" is answered here")
		default:
			a.answer(w)
		}
	})
}

func (d *desk) tellUpstreams(w http.ResponseWriter) {
	all := d.upstreams()
	if all == nil {
		all = []seen{}
	}
	tell(w, http.StatusOK, all)
}

func (d *desk) tellReload(w http.ResponseWriter) {
	fingerprint, refused := d.reload()
	answer := struct {
		Policy string   `json:"policy"`
		Errors []string `json:"errors,omitempty"`
	}{Policy: fingerprint}
	if len(refused) == 0 {
		tell(w, http.StatusOK, answer)
		return
	}
	// Errors are of the policy's text and the configured files, the asker's own.
	for _, err := range refused {
		var all source.Errors
		if !errors.As(err, &all) {
			answer.Errors = append(answer.Errors, err.Error())
		}
		for _, e := range all {
			answer.Errors = append(answer.Errors, e.Error())
		}
	}
	tell(w, http.StatusUnprocessableEntity, answer)
}

func tell(w http.ResponseWriter, status int, v any) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the asker left: nobody to tell
}

// key is the token in a file. It is read for each request, so that a new one
// counts at once.
type key struct{ path string }

// leastToken is how long a token is at least, in bytes.
const leastToken = 16

func (k *key) read() (string, error) {
	info, err := os.Stat(k.path)
	if err != nil {
		return "", fmt.Errorf("no token: %w", err)
	}
	if info.Mode().Perm()&0o037 != 0 {
		return "", fmt.Errorf("the token in %s is not for weir alone; chmod 600 it", k.path)
	}
	b, err := source.ReadRegular(k.path, 64<<10)
	if err != nil {
		return "", fmt.Errorf("no token: %w", err)
	}
	token := strings.TrimSpace(string(b))
	if len(token) < leastToken {
		return "", fmt.Errorf("the token in %s is shorter than %d characters; openssl rand -hex 32 makes one", k.path, leastToken)
	}
	return token, nil
}

// check reports whether the token can be used.
func (a *Admin) check() error {
	if a.Token == "" {
		return nil
	}
	_, err := (&key{a.Token}).read()
	return err
}

// opens reports whether a request has the token. How long it takes tells nothing
// of how much of it was right.
func (k *key) opens(r *http.Request) bool {
	want, err := k.read()
	if err != nil {
		return false
	}
	scheme, got, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	a, b := sha256.Sum256([]byte(want)), sha256.Sum256([]byte(strings.TrimSpace(got)))
	return strings.EqualFold(scheme, "Bearer") && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}
