//go:build fault

package fault

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// binary is the instance under test, built with its crash points.
var binary string

// TestMain builds the product once. If RACE is set, it is built with the race detector, and each data race
// fails a test. GRAPEVINE_FAULT_BINARY names a program to use instead.
func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if binary = os.Getenv("GRAPEVINE_FAULT_BINARY"); binary != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "grapevine-fault-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary = filepath.Join(dir, "grapevine")
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	args := []string{"build", "-tags", "fault", "-o", binary}
	if os.Getenv("RACE") != "" {
		args = append(args, "-race")
	}
	build := exec.CommandContext(ctx, "go", append(args, "grapevine/cmd/grapevine")...)
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build the product:", err)
		return 1
	}
	return m.Run()
}

// seeds runs a test once for each of SEEDS seeds (default 1), starting at SEED (default 1). The seed is in
// the test's name, so that a failure can be repeated.
func seeds(t *testing.T, test func(t *testing.T, seed uint64)) {
	t.Helper()
	t.Parallel()
	n, first := number("SEEDS", 1), number("SEED", 1)
	for seed := first; seed < first+n; seed++ {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			test(t, seed)
		})
	}
}

func number(name string, otherwise uint64) uint64 {
	n, err := strconv.ParseUint(os.Getenv(name), 10, 32)
	if err != nil || n == 0 {
		return otherwise
	}
	return n
}
