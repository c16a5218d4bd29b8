package webdriver

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"time"

	"grapevine/internal/servers"
)

// process is a browser, a driver or a display. It ends with this program.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}

	mu     sync.Mutex
	output bytes.Buffer
}

// Write keeps what the process prints.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.output.Write(b)
}

func (p *process) printed() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.output.String()
}

// startProcess runs a program and returns the first group of ready in what it prints.
func startProcess(ctx context.Context, ready *regexp.Regexp, env []string, program string, args ...string) (*process, string, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return nil, "", fmt.Errorf("%w: `make engines` installs it on Debian as root; CONTRIBUTING.md names the packages", err)
	}
	p := &process{cmd: exec.Command(path, args...), done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = p, p
	p.cmd.WaitDelay = time.Second // children of a browser may hold its output
	p.cmd.SysProcAttr = servers.ChildAttributes()
	if err := p.cmd.Start(); err != nil {
		return nil, "", err
	}
	go func() { _ = p.cmd.Wait(); close(p.done) }()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if found := ready.FindStringSubmatch(p.printed()); found != nil {
			return p, found[1], nil
		}
		select {
		case <-tick.C:
		case <-p.done:
			return nil, "", fmt.Errorf("%s ended: %s", program, p.printed())
		case <-ctx.Done():
			p.kill()
			return nil, "", fmt.Errorf("%s is not ready: %w: %s", program, ctx.Err(), p.printed())
		}
	}
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}
