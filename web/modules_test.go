package web

import (
	"context"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Modules that need no document have unit tests of their own in web/test.
func TestModules(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	version, err := exec.CommandContext(ctx, "node", "-p", "process.versions.node.split('.')[0]").Output()
	if major, _ := strconv.Atoi(strings.TrimSpace(string(version))); err != nil || major < 20 {
		t.Skip("node 20 or newer is not installed")
	}
	out, err := exec.CommandContext(ctx, "../.ci/web-test").CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Regexp(t, `(?m)^# pass [1-9]\d+$`, string(out))
	require.Regexp(t, `(?m)^# skipped 0$`, string(out))
}
