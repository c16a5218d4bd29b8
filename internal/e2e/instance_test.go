//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest/httpclient"
	"grapevine/internal/servers"
)

// instance is one `grapevine serve` or `grapevine dev`.
type instance struct {
	name, addr, log string
	args, env       []string
	cmd             *exec.Cmd
	done            chan struct{}
}

func (i *instance) url(path string) string { return "http://" + i.addr + path }

// startInstance returns when the instance is ready.
func startInstance(ctx context.Context, name, mongoURI, redisURL string, env ...string) (*instance, error) {
	port, err := servers.FreePort()
	if err != nil {
		return nil, err
	}
	i := &instance{
		args: []string{"serve"},
		name: name,
		addr: fmt.Sprintf("127.0.0.1:%d", port),
		log:  filepath.Join(suite.dir, name+".log"),
	}
	i.env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + suite.dir, "ADDR=" + i.addr, "MONGO_URI=" + mongoURI, "REDIS_URL=" + redisURL, "LOG_FORMAT=text",
	}, env...)
	return i, i.start(ctx)
}

// start runs the instance, also after kill, on the same address.
func (i *instance) start(ctx context.Context) error {
	log, err := os.OpenFile(i.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	i.cmd = exec.Command(suite.binary, i.args...)
	i.cmd.Env, i.cmd.Stdout, i.cmd.Stderr = i.env, log, log
	i.cmd.SysProcAttr = servers.ChildAttributes()
	if err := i.cmd.Start(); err != nil {
		return err
	}
	done := make(chan struct{})
	i.done = done
	go func(cmd *exec.Cmd) { _ = cmd.Wait(); close(done) }(i.cmd)
	client := httpclient.New("http://"+i.addr, 0)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			i.kill()
			return fmt.Errorf("%s is not ready: %w\n%s", i.name, ctx.Err(), i.tail())
		case <-done:
			return fmt.Errorf("%s ended\n%s", i.name, i.tail())
		case <-tick.C:
		}
		if answer, err := client.Do(ctx, http.MethodGet, "/readyz", ""); err == nil && answer.Status == http.StatusOK {
			return nil
		}
	}
}

// runPipelineCommand runs `grapevine pipeline` with the settings of the instance.
func (i *instance) runPipelineCommand(t *testing.T, name string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), suite.binary, "pipeline", name)
	cmd.Env = i.env
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
}

// kill ends the process at once, like a crash.
func (i *instance) kill() {
	_ = i.cmd.Process.Kill()
	<-i.done
}

func (i *instance) tail() string {
	b, _ := os.ReadFile(i.log)
	return string(b[max(0, len(b)-4000):])
}
