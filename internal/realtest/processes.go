package realtest

import (
	"context"
	"os"
	"path/filepath"

	"grapevine/internal/servers"
)

func startProcesses(ctx context.Context) (*backend, error) {
	mongod, err := servers.FindMongod(ctx)
	if err != nil {
		return nil, err
	}
	redisServer, err := servers.FindRedis(ctx)
	if err != nil {
		return nil, err
	}
	// A test's own folder does not do, because the servers outlive the test that starts them.
	dir, err := os.MkdirTemp("", "grapevine-test-")
	if err != nil {
		return nil, err
	}
	r, err := servers.StartRedis(ctx, redisServer, filepath.Join(dir, "redis"), 0)
	if err != nil {
		return nil, err
	}
	m, err := servers.StartMongod(ctx, mongod, filepath.Join(dir, "mongo"), 0)
	if err != nil {
		r.Kill()
		return nil, err
	}
	return &backend{mongoURI: m.URI, redisURL: r.URL, stop: func() {
		m.Kill()
		r.Kill()
		_ = os.RemoveAll(dir)
	}}, nil
}
