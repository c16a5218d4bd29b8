//go:build fault

package fault

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest/httpclient"
	"grapevine/internal/servers"
)

// instance is one `grapevine serve`. It can be killed, stopped, and started again on the same address.
type instance struct {
	*servers.Process
	c    *cluster
	addr string
	http *httpclient.Client
	env  map[string]string
	log  string

	program string // another binary than the one under test
}

// startInstance adds an instance and starts it. env are settings ("KEY=value") that override the plan's.
func (c *cluster) startInstance(env ...string) *instance {
	c.t.Helper()
	i := c.newInstance(env...)
	i.boot()
	return i
}

// newInstance adds an instance without starting it.
func (c *cluster) newInstance(env ...string) *instance {
	c.t.Helper()
	port, err := servers.FreePort()
	require.NoError(c.t, err)
	n, addr := len(c.instances), "127.0.0.1:"+strconv.Itoa(port)
	i := &instance{
		c: c, addr: addr, http: httpclient.New("http://"+addr, 15*time.Second), log: filepath.Join(c.dir, fmt.Sprintf("instance%d.log", n)),
		env: merged(map[string]string{
			"ADDR": addr, "MONGO_URI": c.mongoURI, "MONGO_DB": database, "REDIS_URL": c.redis.URL,
			"SMTP_URL": c.mail.url(), "MAIL_RATE": "0", "LOG_LEVEL": "info", "LOG_FORMAT": "json", "DRAIN": "0s",
		}, merged(c.plan.env, parseEnv(env))),
	}
	c.mu.Lock()
	c.instances = append(c.instances, i)
	c.mu.Unlock()
	c.t.Cleanup(func() {
		if c.t.Failed() {
			i.showLog(n)
		}
		if i.running() {
			i.Kill()
		}
		if i.logged("WARNING: DATA RACE") {
			content, _ := os.ReadFile(i.log)
			_, race, _ := strings.Cut(string(content), "WARNING: DATA RACE")
			c.t.Errorf("instance %d has a data race:%.4000s", n, race)
		}
	})
	return i
}

// parseEnv reads settings of the form "KEY=value".
func parseEnv(env []string) map[string]string {
	all := map[string]string{}
	for _, pair := range env {
		name, value, _ := strings.Cut(pair, "=")
		all[name] = value
	}
	return all
}

// boot starts the instance and waits until it answers. env overrides its settings for this run only.
func (i *instance) boot(env ...string) {
	i.c.t.Helper()
	i.launch(env...)
	i.c.eventually(20*time.Second, "the instance answers", func() bool {
		status, _, _ := i.get("/healthz")
		return status == http.StatusOK
	})
}

// launch starts the instance without waiting.
func (i *instance) launch(env ...string) {
	i.c.t.Helper()
	all := merged(i.env, parseEnv(env))
	args := []string{"-i"} // without the environment of this process
	for _, name := range slices.Sorted(maps.Keys(all)) {
		args = append(args, name+"="+all[name])
	}
	process, err := servers.Start("grapevine", "/usr/bin/env", append(args, cmp.Or(i.program, binary), "serve"), i.log)
	require.NoError(i.c.t, err)
	i.Process = process
}

func (i *instance) pid() string { return strconv.Itoa(i.PID()) }

// stopped reports whether the process is stopped by SIGSTOP.
func (i *instance) stopped() bool {
	stat, _ := os.ReadFile("/proc/" + i.pid() + "/stat")
	_, rest, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(rest, "T")
}

func (i *instance) servesAPI() bool {
	return i.env["ROLES"] == "" || strings.Contains(i.env["ROLES"], "api")
}

func (i *instance) running() bool {
	if i.Process == nil {
		return false
	}
	select {
	case <-i.Done():
		return false
	default:
		return true
	}
}

// freeze and thaw stop and continue the process. It can notice that only by the clock.
func (i *instance) freeze() { require.NoError(i.c.t, i.Signal(syscall.SIGSTOP)) }
func (i *instance) thaw()   { require.NoError(i.c.t, i.Signal(syscall.SIGCONT)) }

// shutdown sends SIGTERM, like a deployment, and waits for the end.
func (i *instance) shutdown() {
	i.c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
	defer cancel()
	require.NoError(i.c.t, i.Stop(ctx))
}

// get reads a path. The status is 0 if no answer came.
func (i *instance) get(path string, header ...string) (status int, h http.Header, body []byte) {
	return i.call(context.Background(), http.MethodGet, path, "", header...)
}

// call sends a request. header is name, value, name, value…
func (i *instance) call(ctx context.Context, method, path, body string, header ...string) (status int, h http.Header, answer []byte) {
	a, _ := i.http.Do(ctx, method, path, body, header...) // an error is status 0
	return a.Status, a.Header, a.Body
}

// metrics returns the values of /metrics by name and labels, as written there. It is empty without an answer.
func (i *instance) metrics() map[string]float64 {
	if !i.running() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	_, _, body := i.call(ctx, http.MethodGet, "/metrics", "")
	values := map[string]float64{}
	for line := range strings.Lines(string(body)) {
		line = strings.TrimSpace(line)
		at := strings.LastIndexByte(line, ' ')
		if at < 0 || line[0] == '#' {
			continue
		}
		if v, err := strconv.ParseFloat(line[at+1:], 64); err == nil {
			values[line[:at]] = v
		}
	}
	return values
}

type part struct {
	Ready  bool           `json:"ready"`
	State  string         `json:"state"`
	Detail map[string]any `json:"detail"`
}

// ready returns the answer of /readyz.
func (i *instance) ready() (status int, parts map[string]part) {
	status, _, body := i.get("/readyz")
	var r struct {
		Parts map[string]part `json:"parts"`
	}
	_ = json.Unmarshal(body, &r) // an error leaves parts empty
	return status, r.Parts
}

// waitUntilReady waits until the instance answers reads and takes writes.
func (i *instance) waitUntilReady() {
	i.c.t.Helper()
	i.c.eventually(20*time.Second, "the instance is ready", func() bool { status, _ := i.ready(); return status == http.StatusOK })
}

// logged reports whether the log has this text.
func (i *instance) logged(text string) bool {
	content, _ := os.ReadFile(i.log)
	return strings.Contains(string(content), text)
}

// showLog writes the end of the log to the test's output.
func (i *instance) showLog(n int) {
	f, err := os.Open(i.log)
	if err != nil {
		return
	}
	defer f.Close()
	var lines []string
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		line := scanner.Text()
		if !strings.Contains(line, `"part":"mail"`) && !strings.Contains(line, `"msg":"welcome"`) {
			lines = append(lines, line)
		}
	}
	lines = lines[max(0, len(lines)-40):]
	i.c.t.Logf("instance %d (%s):\n%s", n, i.addr, strings.Join(lines, "\n"))
}
