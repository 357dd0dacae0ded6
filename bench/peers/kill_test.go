//go:build peers

package peers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/proxy/accesslog"
)

// numbered is a policy that writes the number of a request.
const numbered = open + "  - {name: number, when: field.place == \"url.query.n\", then: keep()}\n"

// answered is when a client had the whole answer to a request.
type answered struct {
	mu sync.Mutex
	at map[int]time.Time
}

// ask sends numbered requests from several clients until weir is gone.
func (a *answered) ask(in *instance, number *atomic.Int64, gone *atomic.Bool, clients *sync.WaitGroup) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
	for range 8 {
		clients.Go(func() {
			for !gone.Load() {
				n := int(number.Add(1))
				resp, err := client.Get(fmt.Sprintf("http://%s/?n=%d", in.addrs[0], n))
				if err != nil {
					continue
				}
				_, err = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				if err == nil && resp.StatusCode == 200 {
					a.mu.Lock()
					a.at[n] = time.Now()
					a.mu.Unlock()
				}
			}
		})
	}
}

// killing is a log that survives many deaths of its writer.
type killing struct {
	sync     string
	kills    int
	shortest time.Duration // life
	longest  time.Duration
	age      time.Duration // an answer older than this must be in the log
}

func TestKilledWeirLosesNothingThatItPromisedToKeep(t *testing.T) {
	for _, k := range []killing{
		{"interval", 100, 100 * time.Millisecond, 2500 * time.Millisecond, accesslog.DefaultFlushInterval},
		{"always", 100, 30 * time.Millisecond, 600 * time.Millisecond, 0},
	} {
		t.Run(k.sync, k.run)
	}
}

func (k killing) run(t *testing.T) {
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Small, larger than a buffer, and of no length that is known before.
		switch len(r.URL.RawQuery) % 3 {
		case 0:
			_, _ = io.WriteString(w, strings.Repeat("much ", 20_000))
		case 1:
			_ = http.NewResponseController(w).Flush()
		}
		_, _ = io.WriteString(w, "hello")
	}))
	defer up.Close()
	config := fmt.Sprintf("service: www\npolicy: policy.yaml\nkeys: keys\nlog: [{file: log, sync: %s, max_size: 256KiB}]\n"+
		"listen: [{reverse: \"127.0.0.1:0\", to: %q}]\n", k.sync, up.URL)
	dir := t.TempDir()
	var number atomic.Int64
	must := make(map[int]bool)
	total, torn := 0, 0
	for range k.kills {
		in := startIn(t, dir, config, numbered)
		torn += strings.Count(in.words(), "log_torn_tail_repaired")
		a := &answered{at: make(map[int]time.Time)}
		var gone atomic.Bool
		var clients sync.WaitGroup
		a.ask(in, &number, &gone, &clients)
		time.Sleep(k.shortest + rand.N(k.longest-k.shortest))
		killed := time.Now()
		in.kill()
		gone.Store(true)
		clients.Wait()
		total += len(a.at)
		for n, at := range a.at {
			if at.Add(k.age).Before(killed) || k.age == 0 {
				must[n] = true
			}
		}
	}
	in := startIn(t, dir, config, numbered)
	torn += strings.Count(in.words(), "log_torn_tail_repaired")
	in.stop()
	entries, gaps := numbers(t, in.log)
	missing, twice := 0, 0
	for n := range must {
		if entries[n] == 0 {
			missing++
		}
	}
	for _, times := range entries {
		if times > 1 {
			twice++
		}
	}
	t.Logf("sync: %s: %d kills, %d requests, %d answered whole, %d of those had to be in the log, %d missing, %d twice; %d entries, %d torn tails repaired, gaps tell of %d",
		k.sync, k.kills, number.Load(), total, len(must), missing, twice, len(entries), torn, gaps)
	if missing > 0 || twice > 0 || len(must) < k.kills || torn != gaps {
		t.Error("that is not what was promised")
	}
	left, err := filepath.Glob(filepath.Join(in.log, "*", "*.tmp"))
	if err != nil || len(left) > 0 {
		t.Errorf("left over: %v %v", left, err)
	}
}

// numbers reads how often each number stands in a log, and how many entries its
// gaps tell of. Damage fails the test.
func numbers(t *testing.T, dir string) (times map[int]int, missing int) {
	t.Helper()
	if _, err := os.Stat(dir); err != nil {
		t.Fatal(err)
	}
	times = make(map[int]int)
	for line, err := range accesslog.Lines(dir, "") {
		var damage *accesslog.Damage
		if errors.As(err, &damage) {
			t.Errorf("damage: %v", damage)
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		var e struct {
			Query string `json:"url.query"`
			Gap   *struct{ Entries int }
		}
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		if e.Gap != nil {
			missing += e.Gap.Entries
			continue
		}
		var n int
		if _, err := fmt.Sscanf(e.Query, "n=%d", &n); err != nil {
			t.Fatalf("%s", line)
		}
		times[n]++
	}
	return times, missing
}
