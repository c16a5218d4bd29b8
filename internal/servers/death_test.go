package servers_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/internal/servers"
)

// parent runs in a second process of this test binary. It starts both servers, prints their ids, and waits.
func parent(dir string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r, err := servers.StartRedis(ctx, servers.Program{Path: os.Getenv("GRAPEVINE_TEST_REDIS")}, filepath.Join(dir, "redis"), 0)
	if err != nil {
		panic(err)
	}
	m, err := servers.StartMongod(ctx, servers.Program{Path: os.Getenv("GRAPEVINE_TEST_MONGOD")}, filepath.Join(dir, "mongo"), 0)
	if err != nil {
		panic(err)
	}
	fmt.Println(r.PID(), m.PID())
	select {}
}

func startParent(t *testing.T, dir string) (cmd *exec.Cmd, children [2]int) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "GRAPEVINE_TEST_PARENT="+dir,
		"GRAPEVINE_TEST_REDIS="+redisProgram(t).Path, "GRAPEVINE_TEST_MONGOD="+mongodProgram(t).Path)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _, _ = cmd.Process.Kill(), cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	_, err = fmt.Sscan(line, &children[0], &children[1])
	require.NoError(t, err)
	return cmd, children
}

func requireGone(t *testing.T, pid int) {
	t.Helper()
	require.Eventually(t, func() bool {
		return syscall.Kill(pid, 0) == syscall.ESRCH
	}, 10*time.Second, 10*time.Millisecond, "process %d still runs", pid)
}

func TestChildrenDieWithAKilledParentAndTheNextStartWorks(t *testing.T) {
	dir := t.TempDir()
	first, children := startParent(t, dir)
	require.NoError(t, first.Process.Kill())
	_ = first.Wait()
	requireGone(t, children[0])
	requireGone(t, children[1])

	_, again := startParent(t, dir)
	require.NotEqual(t, children, again)
}

// A terminal sends Ctrl-C to the whole foreground process group. The servers are not in that group, so
// they run until their parent has finished its work and stops them.
func TestCtrlCDoesNotReachTheServers(t *testing.T) {
	cmd, children := startParent(t, t.TempDir())
	group, err := syscall.Getpgid(cmd.Process.Pid)
	require.NoError(t, err)
	for _, child := range children {
		own, err := syscall.Getpgid(child)
		require.NoError(t, err)
		require.NotEqual(t, group, own)
		require.Equal(t, child, own, "the child leads its own group")
	}
}

func TestStopKillsAServerThatDoesNotStop(t *testing.T) {
	r := startRedis(t)
	client := redisClient(t, fmt.Sprintf("127.0.0.1:%d", r.Port))
	// Redis does not handle SIGTERM while it runs this endless script.
	busy := make(chan error, 1)
	go func() { busy <- client.Eval(context.Background(), "while true do end", nil).Err() }()
	require.Eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		return redisClient(t, fmt.Sprintf("127.0.0.1:%d", r.Port)).Ping(ctx).Err() != nil
	}, 10*time.Second, time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	require.ErrorContains(t, r.Stop(ctx), "was killed")
	requireGone(t, r.PID())
	require.Error(t, <-busy)
}

func TestStopLetsAServerEndInOrder(t *testing.T) {
	r := startRedis(t)
	require.NoError(t, r.Signal(syscall.SIGSTOP), "a server that hangs can be stopped too")
	require.NoError(t, r.Stop(context1m(t)))
	require.NoError(t, r.Stop(context1m(t)), "stopping it again does nothing")
}
