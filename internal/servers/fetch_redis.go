package servers

import (
	"context"
	"fmt"
	"path/filepath"
)

// fetchRedis unpacks the system's redis-server package into the cache. Installing the package would need root
// and could start an unwanted server on port 6379.
func fetchRedis(ctx context.Context, f *fetcher) error {
	if err := f.unpackPackages(ctx, "redis-server", "redis-server"); err != nil {
		return err
	}
	root, err := f.store("redis-server")
	if err != nil {
		return err
	}
	for _, name := range []string{"redis-check-aof", "redis-server"} { // the server last, because its presence means that all is installed
		path, err := filepath.Glob(filepath.Join(root, "usr/bin", name))
		if err != nil || len(path) != 1 {
			return fmt.Errorf("the package redis-server has no %s", name)
		}
		if err := f.install(name, path[0], root); err != nil {
			return err
		}
	}
	return nil
}
