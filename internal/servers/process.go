// Package servers runs real mongod and redis-server processes on loopback, for `grapevine dev` and for tests.
// In the product only the dev command imports it.
package servers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// Process is a child process that ends with its parent. On Linux this holds even if the parent is killed with
// SIGKILL.
type Process struct {
	Name string
	Log  string // file with its output

	cmd  *exec.Cmd
	done chan struct{}
	err  error // how it ended; valid when done is closed

	container *container // if the server is in a container; cmd is then the attached Docker client
}

// Start runs any other program in the same way, such as an instance of the product, with its output in logFile.
func Start(name, path string, args []string, logFile string) (*Process, error) {
	return start(name, path, args, logFile)
}

// start runs the program in a process group of its own. So Ctrl-C in a terminal reaches only the parent, which
// then stops its children in order.
func start(name, path string, args []string, logFile string) (*Process, error) {
	if err := os.MkdirAll(filepath.Dir(logFile), 0o750); err != nil {
		return nil, err
	}
	out, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	p := &Process{Name: name, Log: logFile, done: make(chan struct{})}
	p.cmd = exec.Command(path, args...)
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.SysProcAttr = ChildAttributes()
	started := make(chan error)
	go func() {
		// The kernel sends the parent-death signal when the forking thread ends, so this goroutine keeps
		// its thread until the child has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer func() { _ = out.Close() }()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return p, nil
}

// Signal sends a signal. SIGSTOP makes the process hang and SIGCONT continues it. After SIGSTOP, Signal waits
// until every thread is stopped, because the process could still answer before that.
func (p *Process) Signal(s syscall.Signal) error {
	if p.container != nil {
		return p.container.signal(s)
	}
	if err := p.cmd.Process.Signal(s); err != nil || s != syscall.SIGSTOP {
		return err
	}
	for deadline := time.Now().Add(5 * time.Second); !stopped(p.PID()); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("%s did not react to SIGSTOP", p.Name)
		}
	}
	return nil
}

// PID is the process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Kill sends SIGKILL and waits for the end.
func (p *Process) Kill() {
	if p.container != nil {
		p.container.remove()
	}
	_ = p.cmd.Process.Kill()
	<-p.done
}

// Stop sends SIGTERM and waits for the end. If ctx is done first, Stop kills the process.
func (p *Process) Stop(ctx context.Context) error {
	select {
	case <-p.done:
		return nil
	default:
	}
	_ = p.Signal(syscall.SIGCONT)
	if err := p.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		p.Kill()
		return fmt.Errorf("%s did not stop in time and was killed", p.Name)
	}
}

var errEnded = errors.New("ended at start")

// waitReady calls ready until it succeeds, the process ends, or ctx is done.
func (p *Process) waitReady(ctx context.Context, ready func(context.Context) error) error {
	for {
		attempt, cancel := context.WithTimeout(ctx, time.Second) // another program on the port may never answer
		err := ready(attempt)
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("%s %w (%w); its log is %s", p.Name, errEnded, p.err, p.Log)
		case <-ctx.Done():
			return fmt.Errorf("%s did not become ready (%w); its log is %s", p.Name, err, p.Log)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// checkPID returns an error if another program answers on the child's port. The child then fails to listen, but
// it may report that only after the other program has answered. A container has process ids of its own.
func (p *Process) checkPID(pid int) error {
	if p.container == nil && pid != p.PID() {
		return fmt.Errorf("process %d answers on its port", pid)
	}
	return nil
}

// onFreePort calls start with the port. If that is 0, it calls start with free ports until the child could
// listen on one: several test binaries look for ports at the same time.
func onFreePort(port int, start func(port int) error) error {
	if port != 0 {
		return start(port)
	}
	for attempt := 1; ; attempt++ {
		port, err := FreePort()
		if err != nil {
			return err
		}
		if err = start(port); err == nil || attempt == 5 || !errors.Is(err, errEnded) {
			return err
		}
	}
}

// FreePort returns a loopback port on which nothing listens now.
func FreePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}
