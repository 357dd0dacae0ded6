package mixed

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// canary is what no rule keeps: it must stand nowhere. So must the client's
// address.
const (
	canary        = "zqxcanary7"
	clientAddress = "203.0.113.77"
)

// process is the weir under load.
type process struct {
	dir                           string
	plain, secure, forward, admin string // addresses
	cmd                           *exec.Cmd
	ended                         chan error
}

// startProcess writes weir's files and starts it. The authority's certificate
// is the one that it trusts.
func startProcess(cfg *Config, a *authority, o *origin) (*process, error) {
	p := &process{dir: cfg.Dir, ended: make(chan error, 1)}
	for _, at := range []*string{&p.plain, &p.secure, &p.forward, &p.admin} {
		var err error
		if *at, err = freeAddress(); err != nil {
			return nil, err
		}
	}
	_, securePort, _ := net.SplitHostPort(o.tls.address)
	to := fmt.Sprintf("{www.soak.example: http://%[1]s, grpc.soak.example: h2c://%[1]s, tls.soak.example: https://localhost:%[2]s, broken.soak.example: http://%[3]s}",
		o.plain.address, securePort, o.broken.address)
	config := fmt.Sprintf(`service: www
policy: policy.yaml
listen:
  - reverse: %[1]s
    to: %[5]s
  - reverse: %[2]s
    to: %[5]s
    tls: {cert: www.pem, key: www.key}
  - forward: %[3]s
trust: [127.0.0.0/8]
log:
  - {file: log/, max_size: 1MiB, max_age: 10s}
keys: keys/
admin: %[4]s
limits: {read_head: 3s, idle: 10s, drain: 10s, upstream_idle: 5s}
`, p.plain, p.secure, p.forward, p.admin, to)
	if err := errors.Join(
		os.WriteFile(filepath.Join(p.dir, "weir.yaml"), []byte(config), 0o600),
		os.WriteFile(p.policy(), []byte(policies[0]), 0o600),
		a.replace(p.dir), a.save(filepath.Join(p.dir, "ca.pem"))); err != nil {
		return nil, err
	}
	stderr, err := os.Create(p.stderr())
	if err != nil {
		return nil, err
	}
	defer stderr.Close()
	p.cmd = exec.Command(cfg.Binary, "run", "--config", filepath.Join(p.dir, "weir.yaml"))
	p.cmd.Stderr = stderr
	for _, e := range os.Environ() {
		if name, _, _ := strings.Cut(e, "="); name != "GOMEMLIMIT" && name != "GOGC" {
			p.cmd.Env = append(p.cmd.Env, e)
		}
	}
	p.cmd.Env = append(p.cmd.Env, "SSL_CERT_FILE="+filepath.Join(p.dir, "ca.pem"))
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { p.ended <- p.cmd.Wait() }()
	return p, p.ready()
}

// freeAddress is one of loopback whose port the system gives to no outgoing
// connection, so that nobody takes it while it is not listened on.
func freeAddress() (string, error) {
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000))
		if l, err := net.Listen("tcp", address); err == nil {
			return address, l.Close()
		}
	}
	return "", errors.New("no port is free")
}

func (p *process) policy() string { return filepath.Join(p.dir, "policy.yaml") }
func (p *process) log() string    { return filepath.Join(p.dir, "log") }
func (p *process) stderr() string { return filepath.Join(p.dir, "stderr") }

// ready waits until weir takes traffic.
func (p *process) ready() error {
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); {
		select {
		case err := <-p.ended:
			return fmt.Errorf("weir ended at its start: %v: %s", err, p.told())
		case <-time.After(20 * time.Millisecond):
		}
		if _, err := p.page("/readyz"); err == nil {
			return nil
		}
	}
	p.kill()
	return errors.New("weir was not ready within 20s: " + p.told())
}

// told is the end of what weir said on standard error.
func (p *process) told() string {
	data, _ := os.ReadFile(p.stderr())
	return string(data[max(0, len(data)-2000):])
}

var adminClient = &http.Client{Timeout: 10 * time.Second}

func (p *process) page(path string) (string, error) {
	r, err := adminClient.Get("http://" + p.admin + path)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err == nil && r.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: status %d", path, r.StatusCode)
	}
	return string(body), err
}

// stop asks weir to end and waits for it.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-p.ended:
		return err
	case <-time.After(30 * time.Second):
		p.kill()
		return errors.New("weir did not end within 30s of SIGTERM")
	}
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}
