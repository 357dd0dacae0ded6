package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// launch says how to start a program.
type launch struct {
	name string
	argv []string
	env  []string // beside the environment
	dir  string   // its working folder, which also takes what it prints
	out  string   // file for its standard output; "" is name.out in dir
	// cores are those that it may run on, as taskset has them.
	cores string
	// nice is its precedence over other programs, from -20, the most, to 19 (nice(1)).
	nice int
}

// process is a program that was started.
type process struct {
	launch
	pid    int
	cmd    *exec.Cmd
	exited chan struct{}
}

// pinned is the command line that runs argv on its cores alone, before other
// programs where root allows that.
func (l *launch) pinned() []string {
	argv := []string{"taskset", "-c", l.cores}
	if os.Geteuid() == 0 {
		argv = append(argv, "nice", "-n", strconv.Itoa(l.nice))
	}
	return append(argv, l.argv...)
}

// prefer gives the session of a process the precedence that nice gives within
// it, where root allows that and sessions share the processor (sched(7)).
func prefer(pid, nice int) {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/autogroup", pid), []byte(strconv.Itoa(nice)), 0)
}

// apart gives a program a session of its own: a Ctrl-C on the terminal reaches us
// alone, and we end it. It dies with the thread that started it, the main one.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
}

// installed says what is missing of the programs that are needed.
func installed(programs ...string) error {
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil {
			return fmt.Errorf("%s is not installed; `make needs-peers` does that", name)
		}
	}
	return nil
}

func start(l launch) (*process, error) {
	if l.out == "" {
		l.out = filepath.Join(l.dir, l.name+".out")
	}
	out, err := os.Create(l.out)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	complaints, err := os.Create(filepath.Join(l.dir, l.name+".err"))
	if err != nil {
		return nil, err
	}
	defer complaints.Close()
	argv := l.pinned()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = l.dir, append(os.Environ(), l.env...), out, complaints
	cmd.SysProcAttr = apart()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s does not start: %w", l.name, err)
	}
	prefer(cmd.Process.Pid, l.nice)
	p := &process{launch: l, pid: cmd.Process.Pid, cmd: cmd, exited: make(chan struct{})}
	go func() { cmd.Wait(); close(p.exited) }()
	return p, nil
}

// stop ends the process and what it started.
func (p *process) stop() {
	syscall.Kill(p.pid, syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(3 * time.Second):
	}
	syscall.Kill(-p.pid, syscall.SIGKILL)
	<-p.exited
}

// said is the end of what the process printed, for a message.
func (p *process) said() string {
	var all []byte
	for _, name := range []string{p.out, filepath.Join(p.dir, p.name+".err")} {
		b, _ := os.ReadFile(name)
		all = append(all, b...)
	}
	all = bytes.TrimSpace(all)
	if len(all) > 800 {
		all = all[len(all)-800:]
	}
	return string(all)
}

// ready waits until the process takes connections.
func (p *process) ready(ctx context.Context, address string) error {
	deadline := time.After(15 * time.Second)
	for {
		c, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			c.Close()
			return nil
		}
		select {
		case <-p.exited:
			return fmt.Errorf("%s ended at its start; it said:\n%s", p.name, p.said())
		case <-deadline:
			return fmt.Errorf("%s takes no connections after 15 s; it said:\n%s", p.name, p.said())
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// output runs a short program and returns what it printed.
func output(ctx context.Context, l launch) (string, error) {
	argv := l.pinned()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.SysProcAttr = apart()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		return "", err
	}
	prefer(cmd.Process.Pid, l.nice)
	err := cmd.Wait()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return "", fmt.Errorf("%s failed: %w: %s", filepath.Base(l.argv[0]), err, bytes.TrimSpace(out.Bytes()))
	}
	return out.String(), nil
}

// freePort is a loopback address that nobody listens on.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
