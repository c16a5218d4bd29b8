package servers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// container is a server in a Docker engine. Its data is in a folder of this machine, and its port is the same inside
// and outside, so that it works with the settings of a server that runs here directly.
type container struct {
	client string // the path of the Docker client
	name   string
}

var errNoEngine = errors.New("no Docker engine answers")

// findEngine returns the path of the Docker client if an engine answers.
func findEngine(ctx context.Context) (string, error) {
	client, err := exec.LookPath("docker")
	if err != nil {
		return "", errNoEngine
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if exec.CommandContext(ctx, client, "version", "--format", "{{.Server.Version}}").Run() != nil {
		return "", errNoEngine
	}
	return client, nil
}

// listen is the address on which the program listens. The engine publishes the port of a container on loopback only.
func (p Program) listen() string {
	if p.Image != "" {
		return "0.0.0.0"
	}
	return "127.0.0.1"
}

// protected is Redis' setting protected-mode, with which it answers only clients on its own machine.
func (p Program) protected() string {
	if p.Image != "" {
		return "no"
	}
	return "yes"
}

// start runs the program with its data in dir. The container of an earlier run with the same data is removed, because
// a container outlives a parent that is killed.
func (p Program) start(name, dir string, port int, args []string, logFile string) (*Process, error) {
	if p.Image == "" {
		return start(name, p.Path, args, logFile)
	}
	hash := sha256.Sum256([]byte(dir))
	c := &container{client: p.Path, name: "grapevine-" + name + "-" + hex.EncodeToString(hash[:6])}
	c.remove()
	address := strconv.Itoa(port)
	process, err := start(name, p.Path, append([]string{
		"run", "--rm", "--name", c.name, "--user", c.user(), "--publish", "127.0.0.1:" + address + ":" + address,
		"--mount", "type=bind,source=" + dir + ",target=" + dir, "--workdir", dir, "--entrypoint", name, p.Image,
	}, args...), logFile)
	if err != nil {
		return nil, err
	}
	process.container = c
	return process, nil
}

// user owns the data. In a rootless engine root stands for the user who runs it.
func (c *container) user() string {
	out, err := exec.Command(c.client, "info", "--format", "{{.SecurityOptions}}").Output()
	if err == nil && strings.Contains(string(out), "rootless") {
		return "0:0"
	}
	return fmt.Sprintf("%d:%d", os.Getuid(), os.Getgid())
}

// signalNames are needed because their numbers differ between systems.
var signalNames = map[syscall.Signal]string{
	syscall.SIGTERM: "TERM", syscall.SIGKILL: "KILL", syscall.SIGSTOP: "STOP", syscall.SIGCONT: "CONT",
}

func (c *container) signal(s syscall.Signal) error {
	out, err := exec.Command(c.client, "kill", "--signal", signalNames[s], c.name).CombinedOutput()
	if err != nil {
		return fmt.Errorf("signal the container %s: %w: %s", c.name, err, firstLine(out))
	}
	return nil
}

func (c *container) remove() { _ = exec.Command(c.client, "rm", "--force", c.name).Run() }
