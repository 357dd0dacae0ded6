package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"weir/policy"
	"weir/policy/policytest"
)

// rest is how long changed files must rest before they are read: editors write in steps.
const rest = 100 * time.Millisecond

// watching is what a trial watches.
type watching struct {
	*trial
	*fsnotify.Watcher
	beside map[string][]string // by policy, as they were when it could last be read
}

// watch runs the cases, and again whenever one of their files changes, until it is told to
// end. What is wrong with a file is told and waited out.
func (c *trial) watch(g *globals) error {
	files, err := fsnotify.NewWatcher()
	if err != nil {
		return fault(err)
	}
	defer files.Close()
	w := &watching{c, files, map[string][]string{}}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(ended)
	for {
		before, err := w.state()
		if err != nil {
			return usage(err)
		}
		err = c.test(g)
		var e *exit
		if errors.As(err, &e) && e.code == 3 {
			return err
		}
		if err != nil && !errors.Is(err, errFailed) {
			fmt.Fprintln(g.stderr, err)
		}
		fmt.Fprintln(g.stderr, "waiting for a change")
		for now := before; now == before; {
			if over, err := w.rested(ended); over || err != nil {
				return err
			}
			if now, err = w.state(); err != nil {
				return usage(err)
			}
		}
	}
}

// state watches the folders of all files that the cases are run with, and says which files
// there are and when each was changed: what else is written there, a report perhaps, is
// no reason to run.
func (w *watching) state() (string, error) {
	policies, err := w.policies()
	if err != nil {
		return "", err
	}
	all := slices.Clone(policies)
	for _, p := range policies {
		if made, err := policy.Load(p); err == nil {
			w.beside[p] = made.Beside()
		}
		all = append(all, w.beside[p]...)
		cases := []string{w.Cases}
		if w.Cases == "" {
			if cases, err = policytest.FindCases(p); err != nil {
				return "", err
			}
			all = append(all, filepath.Join(filepath.Dir(p), "cases", "any.yaml")) // there may be one later
		}
		all = append(all, cases...)
	}
	var state strings.Builder
	for _, f := range all {
		folder := filepath.Dir(f)
		if info, err := os.Stat(folder); err == nil && info.IsDir() && !slices.Contains(w.WatchList(), folder) {
			if err := w.Add(folder); err != nil {
				return "", err
			}
		}
	}
	for _, folder := range w.WatchList() {
		archives, _ := filepath.Glob(filepath.Join(folder, "*.har")) // whose error is of the pattern
		all = append(all, archives...)
	}
	slices.Sort(all)
	for _, f := range slices.Compact(all) {
		if info, err := os.Stat(f); err == nil {
			fmt.Fprintln(&state, f, info.Size(), info.ModTime().UnixNano())
		}
	}
	return state.String(), nil
}

// rested waits until something changed and then rests, or until it is over.
func (w *watching) rested(ended <-chan os.Signal) (over bool, err error) {
	var due <-chan time.Time
	for {
		select {
		case <-ended:
			return true, nil
		case _, ok := <-w.Events:
			if !ok {
				return true, nil
			}
			if due == nil { // what comes meanwhile is read with it
				due = time.After(rest)
			}
		case err := <-w.Errors:
			return true, fault(err)
		case <-due:
			return false, nil
		}
	}
}
