package servers

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Mongod on the PATH, in the cache of fetched programs, or fetched there.
// FindMongod returns the path of a mongod.
func FindMongod(_ context.Context) (string, error) { return find("mongod") }

// FindRedis returns the path of a redis-server.
func FindRedis(_ context.Context) (string, error) { return find("redis-server") }

func find(program string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(cache, "grapevine", "bin", program)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%s is neither on the PATH nor in %s", program, filepath.Dir(path))
	}
	return path, nil
}
