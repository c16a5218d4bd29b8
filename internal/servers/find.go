package servers

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// program is a server program, its download, and the oldest version that the product works with.
type program struct {
	name   string
	major  int
	fetch  func(context.Context, *fetcher) error // installs it in the cache's bin folder
	remedy string                                // what to do if the download is impossible
}

var (
	mongod = program{
		name: "mongod", major: 6, fetch: fetchMongod,
		remedy: "install MongoDB 6.0 or newer so that mongod is on the PATH, or set MONGO_URI to a replica set",
	}
	redisServer = program{
		name: "redis-server", major: 7, fetch: fetchRedis,
		remedy: "install Redis 7.0 or newer so that redis-server is on the PATH, or set REDIS_URL",
	}
)

// FindMongod returns the path of a mongod 6.0 or newer: from the PATH, or else from the cache. If the cache has
// none, FindMongod downloads it, which takes about a minute and is shown on stderr. The error says what to
// install. Several processes may call it at the same time.
func FindMongod(ctx context.Context) (string, error) { return mongod.find(ctx) }

// FindRedis does the same for a redis-server 7.0 or newer.
func FindRedis(ctx context.Context) (string, error) { return redisServer.find(ctx) }

// FindRedisCheckAOF returns the redis-check-aof that belongs to the server of [FindRedis].
func FindRedisCheckAOF(ctx context.Context) (string, error) {
	server, err := FindRedis(ctx)
	if err != nil {
		return "", err
	}
	path := filepath.Join(filepath.Dir(server), "redis-check-aof")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("redis-check-aof is missing beside %s (on Debian and Ubuntu: apt-get install redis-tools)", server)
	}
	return path, nil
}

func (p program) find(ctx context.Context) (string, error) {
	path, err := exec.LookPath(p.name)
	if err == nil {
		if err = p.check(ctx, path); err == nil {
			return path, nil
		}
		fmt.Fprintf(os.Stderr, "not using %s: %v\n", path, err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	f := &fetcher{cache: filepath.Join(cache, "grapevine"), out: os.Stderr}
	path = filepath.Join(f.cache, "bin", p.name)
	if p.check(ctx, path) == nil {
		return path, nil
	}
	err = f.withFileLock(ctx, func() error {
		if p.check(ctx, path) == nil {
			return nil // another process has downloaded it in the meantime
		}
		if err := p.fetch(ctx, f); err != nil {
			return err
		}
		return p.check(ctx, path)
	})
	if err != nil {
		return "", fmt.Errorf("download %s: %w\n%s", p.name, err, p.remedy)
	}
	return path, nil
}

var versionNumber = regexp.MustCompile(`\bv=?(\d+)\.(\d+)`)

// check runs the program to read its version, because an existing file may lack a library or be too old.
func (p program) check(ctx context.Context, path string) error {
	out, err := exec.CommandContext(ctx, path, "--version").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s does not run: %w: %s", p.name, err, firstLine(out))
	}
	major, err := majorVersion(out)
	if err != nil {
		return fmt.Errorf("%s --version: %w", p.name, err)
	}
	if major < p.major {
		return fmt.Errorf("%s is version %d, and %d.0 is the oldest supported version", p.name, major, p.major)
	}
	return nil
}

// majorVersion reads the output of mongod --version or redis-server --version.
func majorVersion(out []byte) (int, error) {
	found := versionNumber.FindSubmatch(out)
	if found == nil {
		return 0, fmt.Errorf("no version in %q", firstLine(out))
	}
	return strconv.Atoi(string(found[1]))
}

func firstLine(out []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return line
}
