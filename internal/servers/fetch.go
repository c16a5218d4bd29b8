package servers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// fetcher downloads programs into the cache. It builds each program in a work folder and then renames it,
// so that no process runs an incomplete file.
type fetcher struct {
	cache string
	out   io.Writer
	work  string // emptied before and after
}

// withFileLock runs work while the cache is locked. Other processes wait, because the test binaries of several
// packages start at the same time.
func (f *fetcher) withFileLock(ctx context.Context, work func() error) error {
	if err := os.MkdirAll(filepath.Join(f.cache, "bin"), 0o750); err != nil {
		return err
	}
	lock, err := os.OpenFile(filepath.Join(f.cache, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }() // closing the file unlocks it
	for waited := false; ; waited = true {
		err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			break
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return fmt.Errorf("lock %s: %w", lock.Name(), err)
		}
		if !waited {
			fmt.Fprintf(f.out, "waiting for another process that is downloading servers into %s\n", f.cache)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	f.work = filepath.Join(f.cache, "work")
	if err := os.RemoveAll(f.work); err != nil { // left behind by a process that was killed
		return err
	}
	if err := os.MkdirAll(f.work, 0o750); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(f.work) }()
	return work()
}

// run runs a command in the work folder and returns its output. If the command fails, the error has the
// output.
func (f *fetcher) run(ctx context.Context, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = f.work
	cmd.Env = append(os.Environ(), env...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		output := strings.TrimSpace(errs.String())
		if output == "" {
			output = strings.TrimSpace(out.String())
		}
		return "", fmt.Errorf("%s %s: %w: %s", name, args[0], err, output)
	}
	return out.String(), nil
}

// install adds the program at path to the cache's bin folder. root is the folder with its libraries; without
// a root the program needs none, and bin gets a link.
func (f *fetcher) install(name, path, root string) error {
	made := filepath.Join(f.work, name+".bin")
	if root == "" {
		if err := os.Symlink(path, made); err != nil {
			return err
		}
	} else {
		script := fmt.Sprintf("#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s \"$@\"\n", shellQuote(libraryPath(root)), shellQuote(path))
		if err := os.WriteFile(made, []byte(script), 0o750); err != nil { //nolint:gosec // it is a program
			return err
		}
	}
	return os.Rename(made, filepath.Join(f.cache, "bin", name))
}

// store moves a finished folder from the work folder into the cache and returns its path.
func (f *fetcher) store(name string) (string, error) {
	place := filepath.Join(f.cache, name)
	if err := os.RemoveAll(place); err != nil {
		return "", err
	}
	return place, os.Rename(filepath.Join(f.work, name), place)
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// progress shows the growth of the work folder up to total bytes, until the returned function is called. pip
// and apt-get show no progress of their own here.
func (f *fetcher) progress(what string, total int64) (stop func()) {
	if !isTerminal(f.out) {
		fmt.Fprintf(f.out, "downloading %s, %.1f MB\n", what, float64(total)/1e6)
		return func() {}
	}
	before := folderSize(f.work)
	show := func(bytes int64) {
		fmt.Fprintf(f.out, "\rdownloading %s: %.1f of %.1f MB", what, float64(bytes)/1e6, float64(total)/1e6)
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				show(total)
				fmt.Fprintln(f.out)
				return
			case <-time.After(100 * time.Millisecond):
				show(min(folderSize(f.work)-before, total))
			}
		}
	}()
	return func() { close(done); <-ended }
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func folderSize(dir string) (total int64) {
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // files appear and vanish during a download
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			total += info.Size()
		}
		return nil
	})
	return total
}
