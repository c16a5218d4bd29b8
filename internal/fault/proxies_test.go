//go:build fault

package fault

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"grapevine/internal/realtest/httpclient"
	"grapevine/internal/realtest/wsclient"
	"grapevine/internal/servers"
)

// frontProxy is a proxy of another maker in front of two instances.
type frontProxy struct {
	program string
	config  string // with {dir}, {port}, {a} and {b}
	args    func(dir, config string) []string
}

var frontProxies = []frontProxy{
	{"nginx", `daemon off;
pid {dir}/pid;
events {}
http {
  access_log off;
  client_body_temp_path {dir}/body;
  proxy_temp_path {dir}/proxy;
  fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi;
  scgi_temp_path {dir}/scgi;
  gzip on;
  gzip_min_length 1;
  gzip_types *;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  upstream grapevine { server {a} max_fails=1 fail_timeout=1s; server {b} max_fails=1 fail_timeout=1s; keepalive 16; }
  server {
    listen 127.0.0.1:{port};
    location / {
      proxy_pass http://grapevine;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }
  }
}
`, func(dir, config string) []string { return []string{"-e", dir + "/error.log", "-c", config} }},
	{"caddy", `{
  admin off
  auto_https off
}
http://127.0.0.1:{port} {
  encode gzip
  reverse_proxy {a} {b} {
    health_uri /readyz
    health_interval 1s
    lb_try_duration 1s
  }
}
`, func(_, config string) []string { return []string{"run", "--config", config, "--adapter", "caddyfile"} }},
	{"haproxy", `defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout tunnel 10m
  compression algo gzip
frontend front
  bind 127.0.0.1:{port}
  default_backend instances
backend instances
  option httpchk GET /readyz
  default-server check inter 1s fall 1 rise 1
  server a {a}
  server b {b}
`, func(_, config string) []string { return []string{"-db", "-f", config} }},
}

// startFrontProxy returns the address of a proxy in front of the first two instances.
func (c *cluster) startFrontProxy(p frontProxy) string {
	c.t.Helper()
	path, err := exec.LookPath(p.program)
	require.NoError(c.t, err, "install %s", p.program)
	port, err := servers.FreePort()
	require.NoError(c.t, err)
	dir := filepath.Join(c.dir, p.program)
	require.NoError(c.t, os.MkdirAll(dir, 0o750))
	config := filepath.Join(dir, "config")
	text := strings.NewReplacer("{dir}", dir, "{port}", fmt.Sprint(port), "{a}", c.instances[0].addr, "{b}", c.instances[1].addr).Replace(p.config)
	require.NoError(c.t, os.WriteFile(config, []byte(text), 0o600))
	process, err := servers.Start(p.program, path, p.args(dir, config), filepath.Join(dir, "log"))
	require.NoError(c.t, err)
	c.t.Cleanup(process.Kill)
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	client := httpclient.New("http://"+addr, time.Second)
	c.eventually(20*time.Second, p.program+" answers", func() bool {
		a, err := client.Do(c.t.Context(), http.MethodGet, "/contacts", "")
		return err == nil && a.Status == http.StatusOK
	})
	return addr
}

// Two instances behind a proxy restart one after the other, while the proxy checks /readyz every second, or checks
// nothing. No request fails. A compressed answer has an entity tag that If-Match accepts, and a socket gets its events.
func TestRestartBehindProxies(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, plan{env: map[string]string{"DRAIN": "4s"}})
	for _, i := range c.instances {
		i.waitUntilReady()
	}
	var requests, failures atomic.Int64
	ctx, end := context.WithCancel(t.Context())
	defer end()
	var load sync.WaitGroup
	var proxies []string
	for _, p := range frontProxies {
		addr := c.startFrontProxy(p)
		proxies = append(proxies, addr)
		client := httpclient.New("http://"+addr, 20*time.Second)
		created := client.Call(t, http.MethodPost, "/contacts", map[string]any{"firstName": "Ada", "notes": strings.Repeat("n", 3000)})
		require.Equal(t, http.StatusCreated, created.Status, "%s: %s", p.program, created.Body)
		path := created.Header.Get("Location")
		read := client.Call(t, http.MethodGet, path, nil, "Accept-Encoding", "gzip")
		require.Equal(t, http.StatusOK, read.Status, p.program)
		require.Equal(t, "gzip", read.Header.Get("Content-Encoding"), p.program)
		patched := client.Call(t, http.MethodPatch, path, map[string]any{"notes": "x"}, "If-Match", read.Header.Get("ETag"), "Content-Type", "application/merge-patch+json")
		require.Equal(t, http.StatusOK, patched.Status, "%s: If-Match %s: %s", p.program, read.Header.Get("ETag"), patched.Body)
		socket := wsclient.Open(t, "ws://"+addr+"/ws/contacts", "Origin", "http://"+addr)
		require.Equal(t, "ack", socket.Join("workspace:"+p.program, "").Op)
		client.Call(t, http.MethodPost, "/contacts", map[string]any{"firstName": "Bob"}, "Workspace", p.program)
		require.Equal(t, "contact:created", socket.Event().Event)
		for range 2 {
			load.Go(func() {
				for n := 0; ctx.Err() == nil; n++ {
					method, body, path := http.MethodGet, "", "/contacts?limit=1"
					if n%3 == 0 {
						method, body, path = http.MethodPost, `{"firstName":"Load"}`, "/contacts"
					}
					a, err := client.Do(context.WithoutCancel(ctx), method, path, body, "Content-Type", "application/json")
					requests.Add(1)
					if err != nil || a.Status >= 300 {
						failures.Add(1)
						t.Logf("%s: %s: %d %v %.200s", p.program, method, a.Status, err, a.Body)
					}
				}
			})
		}
	}
	for n, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		i := c.instances[n]
		require.NoError(t, i.Signal(signal))
		c.eventually(5*time.Second, "the instance drains", func() bool {
			status, parts := i.ready()
			return status == http.StatusServiceUnavailable && parts["instance"].State == "draining"
		})
		select {
		case <-i.Done():
		case <-time.After(30 * time.Second):
			t.Fatal("the instance goes on")
		}
		i.boot()
		i.waitUntilReady()
		seen := requests.Load()
		c.eventually(20*time.Second, "requests after the restart", func() bool { return requests.Load() > seen+200 })
	}
	end()
	load.Wait()
	c.logf("%d requests through %d proxies", requests.Load(), len(proxies))
	require.Zero(t, failures.Load(), "of %d requests", requests.Load())
}
