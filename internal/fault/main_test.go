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

// TestMain builds the product once, with the race detector where RACE is set: each of its reports then
// fails a test. GRAPEVINE_FAULT_BINARY names one that is there already.
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

// seeds runs a load fault once for each of SEEDS seeds (2 unless set), starting at SEED (1). The seed
// is in the test's name, so a failure names what to repeat.
func seeds(t *testing.T, test func(t *testing.T, seed uint64)) {
	t.Helper()
	t.Parallel()
	n, first := number("SEEDS", 2), number("SEED", 1)
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
