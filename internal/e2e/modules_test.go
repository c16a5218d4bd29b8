//go:build e2e

package e2e

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The page's modules that need no document have tests of their own, run by Node.
func TestModules(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "node", "--test", "test/")
	command.Dir = "../../web"
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Regexp(t, `(?m)^# pass [1-9]\d+$`, string(out))
	require.Regexp(t, `(?m)^# skipped 0$`, string(out))
}
