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

// program is a server we can run, where to get it, and the oldest version the product works with.
type program struct {
	name    string
	major   int
	fetch   func(context.Context, *fetcher) error // puts it into the cache's bin
	instead string                                // what a person can do where it cannot be fetched
}

var (
	mongod = program{
		name: "mongod", major: 6, fetch: fetchMongod,
		instead: "install MongoDB 6.0 or newer so that mongod is on the PATH, or set MONGO_URI to a replica set",
	}
	redisServer = program{
		name: "redis-server", major: 7, fetch: fetchRedis,
		instead: "install Redis 7.0 or newer so that redis-server is on the PATH, or set REDIS_URL",
	}
)

// FindMongod returns the path of a mongod 6.0 or newer: the one on the PATH, else the one in the
// cache, else it is fetched there, which takes a minute and shows on stderr. The error says what to
// install. Several processes may ask at once.
func FindMongod(ctx context.Context) (string, error) { return mongod.find(ctx) }

// FindRedis is FindMongod for a redis-server 7.0 or newer.
func FindRedis(ctx context.Context) (string, error) { return redisServer.find(ctx) }

// FindRedisCheckAOF returns the redis-check-aof that belongs to FindRedis's server.
func FindRedisCheckAOF(ctx context.Context) (string, error) {
	server, err := FindRedis(ctx)
	if err != nil {
		return "", err
	}
	path := filepath.Join(filepath.Dir(server), "redis-check-aof")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("there is no redis-check-aof beside %s (Debian has it in redis-tools)", server)
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
	err = f.alone(ctx, func() error {
		if p.check(ctx, path) == nil {
			return nil // another process has fetched it meanwhile
		}
		if err := p.fetch(ctx, f); err != nil {
			return err
		}
		return p.check(ctx, path)
	})
	if err != nil {
		return "", fmt.Errorf("fetch %s: %w\n%s", p.name, err, p.instead)
	}
	return path, nil
}

var versionNumber = regexp.MustCompile(`\bv=?(\d+)\.(\d+)`)

// check runs the program for its version: a file that is there may still lack a library or be of
// another time.
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
		return fmt.Errorf("%s is version %d, and %d.0 is the oldest that will do", p.name, major, p.major)
	}
	return nil
}

// majorVersion reads what mongod and redis-server print for --version.
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
