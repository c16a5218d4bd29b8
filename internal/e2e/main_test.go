//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine/internal/servers"
)

// suite holds what all tests share. Each test uses a workspace of its own.
var suite struct {
	binary  string
	dir     string
	mongo   *servers.Mongod
	redis   *servers.Redis
	app     *instance
	db      *mongo.Database
	browser context.Context
}

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	w := &suite
	if w.dir, err = os.MkdirTemp("", "grapevine-e2e-"); err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(w.dir) }()
	w.binary = filepath.Join(w.dir, "grapevine")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", w.binary, "grapevine/cmd/grapevine").CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build: %w\n%s", err, out)
	}
	mongod, err := servers.FindMongod(ctx)
	if err != nil {
		return 0, err
	}
	redisServer, err := servers.FindRedis(ctx)
	if err != nil {
		return 0, err
	}
	if w.redis, err = servers.StartRedis(ctx, redisServer, filepath.Join(w.dir, "redis"), 0); err != nil {
		return 0, err
	}
	defer w.redis.Kill()
	if w.mongo, err = servers.StartMongod(ctx, mongod, filepath.Join(w.dir, "mongo"), 0); err != nil {
		return 0, err
	}
	defer w.mongo.Kill()
	client, err := mongo.Connect(options.Client().ApplyURI(w.mongo.URI))
	if err != nil {
		return 0, err
	}
	defer func() { _ = client.Disconnect(context.Background()) }()
	w.db = client.Database("grapevine")
	if w.app, err = startInstance(ctx, "main", w.mongo.URI, w.redis.URL); err != nil {
		return 0, err
	}
	defer w.app.kill()

	chromium, err := exec.LookPath("chromium")
	if err != nil {
		return 0, fmt.Errorf("%w: install Debian's chromium", err)
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-background-networking", true),
		chromedp.UserDataDir(filepath.Join(w.dir, "chromium")), chromedp.WindowSize(1280, 800))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), flags...)
	defer stop()
	browser, closeBrowser := chromedp.NewContext(allocator)
	defer closeBrowser()
	if err := chromedp.Do(browser); err != nil {
		return 0, fmt.Errorf("start chromium: %w", err)
	}
	w.browser = browser
	return m.Run(), nil
}
