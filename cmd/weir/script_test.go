package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"weir": main, "service": service, "certificate": certificate})
}

// The scripts run weir as its users do: processes, files, signals, curl.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code": code, "ports": ports, "fill": fill, "until": until, "holds": holds, "signal": signalled, "refused": refused, "holds-metric": holdsMetric,
		},
		RequireExplicitExec: true,
	})
}

const patience = 15 * time.Second

// await asks until it is so.
func await(ts *testscript.TestScript, what string, so func() bool) {
	for began := time.Now(); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > patience {
			ts.Fatalf("%s: not within %v", what, patience)
		}
	}
}

// code runs a program, which must end with that exit code, and fast.
func code(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	began := time.Now()
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exited *exec.ExitError
	if errors.As(err, &exited) {
		got = exited.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
	if took := time.Since(began); took > 20*time.Second {
		ts.Fatalf("took %v to end", took)
	}
}

// ports sets each variable to a port that nobody listens on. They are below
// those that the system gives to outgoing connections.
func ports(ts *testscript.TestScript, _ bool, names []string) {
	for _, name := range names {
		for {
			n, err := rand.Int(rand.Reader, big.NewInt(12000))
			ts.Check(err)
			port := strconv.FormatInt(20000+n.Int64(), 10)
			l, err := net.Listen("tcp", "127.0.0.1:"+port)
			if err == nil {
				ts.Check(l.Close())
				ts.Setenv(name, port)
				break
			}
		}
	}
}

// fill puts the variables' values into files, as $NAME.
func fill(ts *testscript.TestScript, _ bool, files []string) {
	for _, f := range files {
		ts.Check(os.WriteFile(ts.MkAbs(f), []byte(os.Expand(ts.ReadFile(f), ts.Getenv)), 0o600))
	}
}

// until waits for a URL to be answered with a status.
func until(ts *testscript.TestScript, _ bool, args []string) {
	client := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	await(ts, strings.Join(args, " "), func() bool {
		resp, err := client.Get(args[0])
		if err != nil {
			return false
		}
		_ = resp.Body.Close()
		return strconv.Itoa(resp.StatusCode) == args[1]
	})
}

// holds waits until the files of a pattern hold a regular expression, count
// times where that is given; with !, they must not hold it now.
func holds(ts *testscript.TestScript, neg bool, args []string) {
	re, least := regexp.MustCompile(args[1]), 1
	if len(args) > 2 {
		var err error
		least, err = strconv.Atoi(args[2])
		ts.Check(err)
	}
	var all []byte
	count := func() int {
		paths, err := filepath.Glob(ts.MkAbs(args[0]))
		ts.Check(err)
		all = all[:0]
		for _, p := range paths {
			data, err := os.ReadFile(p)
			ts.Check(err)
			all = append(all, data...)
		}
		return len(re.FindAll(all, -1))
	}
	if neg {
		if count() > 0 {
			ts.Fatalf("%s holds %s:\n%s", args[0], re, all)
		}
		return
	}
	began := time.Now()
	defer func() { ts.Logf("after %v:\n%s", time.Since(began), all) }()
	await(ts, args[0]+" holds "+re.String(), func() bool { return count() >= least })
}

// holdsMetric waits until the metrics of an admin port hold a regular expression.
func holdsMetric(ts *testscript.TestScript, _ bool, args []string) {
	re := regexp.MustCompile("(?m)^" + args[1] + "$")
	await(ts, strings.Join(args, " "), func() bool {
		resp, err := http.Get("http://127.0.0.1:" + args[0] + "/metrics")
		ts.Check(err)
		defer resp.Body.Close()
		page, err := io.ReadAll(resp.Body)
		ts.Check(err)
		return re.Match(page)
	})
}

// signalled sends a signal to the background commands whose arguments hold a word.
func signalled(ts *testscript.TestScript, _ bool, args []string) {
	sig := map[string]os.Signal{"HUP": syscall.SIGHUP, "TERM": syscall.SIGTERM, "QUIT": syscall.SIGQUIT, "INT": os.Interrupt}[args[0]]
	sent := 0
	for _, cmd := range ts.BackgroundCmds() {
		if strings.Contains(strings.Join(cmd.Args, " "), args[1]) {
			ts.Check(cmd.Process.Signal(sig))
			sent++
		}
	}
	if sent == 0 {
		ts.Fatalf("no command %q to signal", args[1])
	}
}

// refused waits until nobody listens on a port.
func refused(ts *testscript.TestScript, _ bool, args []string) {
	await(ts, "port "+args[0]+" refuses", func() bool {
		c, err := net.Dial("tcp", "127.0.0.1:"+args[0])
		if err == nil {
			_ = c.Close()
		}
		return errors.Is(err, syscall.ECONNREFUSED)
	})
}

// service is an upstream: service PORT FILE [CERT KEY]. What is asked of /slow is
// answered to its end only once FILE exists.
func service() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "hello\n") })
	http.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "begun\n")
		_ = http.NewResponseController(w).Flush()
		for {
			if _, err := os.Stat(os.Args[2]); err == nil {
				break
			}
			select {
			case <-r.Context().Done():
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
		_, _ = io.WriteString(w, "ended\n")
	})
	log.SetOutput(io.Discard) // clients that do not trust it are what some scripts are about
	if len(os.Args) > 3 {
		check(http.ListenAndServeTLS("127.0.0.1:"+os.Args[1], os.Args[3], os.Args[4], nil))
	}
	check(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}

// certificate writes a certificate and its key: certificate DAYS CERT KEY. It
// is valid for that many days from yesterday on.
func certificate() {
	days, err := strconv.Atoi(os.Args[1])
	check(err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	from := time.Now().AddDate(0, 0, -1)
	if days < 0 {
		from = from.AddDate(0, 0, 2*days)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: from, NotAfter: time.Now().AddDate(0, 0, days)}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, key.Public(), key)
	check(err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	check(err)
	check(os.WriteFile(os.Args[2], pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	check(os.WriteFile(os.Args[3], pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
