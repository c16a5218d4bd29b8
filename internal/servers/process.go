// Package servers runs real mongod and redis-server processes on loopback, for `grapevine dev` and
// for tests. Nothing of the product imports it but the dev command.
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

// Process is a child process that dies with its parent, also when the parent is killed with SIGKILL
// (on Linux; elsewhere such a child stays).
type Process struct {
	Name string
	Log  string // file its output goes to

	cmd  *exec.Cmd
	done chan struct{}
	err  error // how it ended; to be read once done is closed
}

// Start runs another program the same way, such as an instance of the product; what it writes goes to
// logFile.
func Start(name, path string, args []string, logFile string) (*Process, error) {
	return start(name, path, args, logFile)
}

// start runs the program in its own process group, so that a terminal's Ctrl-C reaches only the
// parent, which then stops its children in order.
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
	p.cmd.SysProcAttr = childAttributes()
	started := make(chan error)
	go func() {
		// The kernel sends the parent-death signal when the thread that forked ends, so that thread
		// stays for as long as the child lives.
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

// Signal sends a signal: SIGSTOP and SIGCONT make it hang and go on. After SIGSTOP it returns once no
// thread of it runs any more; until then it may still answer.
func (p *Process) Signal(s syscall.Signal) error {
	if err := p.cmd.Process.Signal(s); err != nil || s != syscall.SIGSTOP {
		return err
	}
	for deadline := time.Now().Add(5 * time.Second); !stopped(p.PID()); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("%s did not come to a stop", p.Name)
		}
	}
	return nil
}

// PID is the process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Kill ends it with SIGKILL and waits.
func (p *Process) Kill() {
	_ = p.Signal(syscall.SIGKILL)
	<-p.done
}

// Stop asks it to end with SIGTERM and kills it when ctx is done first.
func (p *Process) Stop(ctx context.Context) error {
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

// waitReady polls ready until it is nil, the process ended, or ctx is done.
func (p *Process) waitReady(ctx context.Context, ready func(context.Context) error) error {
	for {
		attempt, cancel := context.WithTimeout(ctx, time.Second) // a stranger on the port may never answer
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

// checkPID tells our own child from a stranger who already listens on its port: the child then ends
// with an error of its own, but only after the stranger has answered.
func (p *Process) checkPID(pid int) error {
	if pid != p.PID() {
		return fmt.Errorf("process %d answers on its port", pid)
	}
	return nil
}

// onFreePort calls start with the port, or, where it is 0, with free ones until one of them is still
// free when the child binds it: several test binaries look for ports at the same time.
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

// FreePort is a loopback port nobody listens on at this moment.
func FreePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}
