package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// rest is how long changed files must rest before they are read: editors write in steps.
const rest = 100 * time.Millisecond

// watch runs the cases, and again whenever a file beside them changes, until it is told to end.
// What is wrong with a file is told and waited out.
func (c *trial) watch(g *globals) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fault(err)
	}
	defer w.Close()
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(ended)
	for {
		if err := c.watchFolders(w); err != nil {
			return usage(err)
		}
		err := c.test(g)
		var e *exit
		if errors.As(err, &e) && e.code == 3 {
			return err
		}
		if err != nil && !errors.Is(err, errFailed) {
			fmt.Fprintln(g.stderr, err)
		}
		fmt.Fprintf(g.stderr, "waiting for a change\n")
		if over, err := changed(w, ended); over || err != nil {
			return err
		}
	}
}

// watchFolders watches the folders that policies and cases are read from. Folders are watched
// and not files: one that is replaced is another file under the same name.
func (c *trial) watchFolders(w *fsnotify.Watcher) error {
	paths, err := c.policies()
	if err != nil {
		return err
	}
	var folders []string
	for _, p := range append(paths, c.Files...) {
		folder := filepath.Dir(p)
		if info, err := os.Stat(p); err == nil && info.IsDir() {
			folder = p
		}
		folders = append(folders, folder, filepath.Join(folder, "cases"))
	}
	if c.Cases != "" {
		folders = append(folders, filepath.Dir(c.Cases))
	}
	slices.Sort(folders)
	for _, f := range slices.Compact(folders) {
		if info, err := os.Stat(f); err != nil || !info.IsDir() || slices.Contains(w.WatchList(), f) {
			continue
		}
		if err := w.Add(f); err != nil {
			return err
		}
	}
	return nil
}

// changed waits until something changed and rests, or until it is over.
func changed(w *fsnotify.Watcher, ended <-chan os.Signal) (over bool, err error) {
	var due <-chan time.Time
	for {
		select {
		case <-ended:
			return true, nil
		case e, ok := <-w.Events:
			if !ok {
				return true, nil
			}
			if e.Op != fsnotify.Chmod {
				due = time.After(rest)
			}
		case err := <-w.Errors:
			return true, fault(err)
		case <-due:
			return false, nil
		}
	}
}
