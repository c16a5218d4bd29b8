package servers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// Images of docker-compose.yml.
const (
	MongoImage = "mongo:8.0"
	RedisImage = "redis:8.2-alpine"
)

// kind is a server program and the oldest version that the product works with.
type kind struct {
	name  string
	title string
	major int
	image string
	brew  string // how Homebrew installs it
	uri   string // setting that names a running server
}

var (
	mongod = kind{
		name: "mongod", title: "MongoDB", major: 6, image: MongoImage,
		brew: "brew install mongodb/brew/mongodb-community", uri: "MONGO_URI",
	}
	redisServer = kind{
		name: "redis-server", title: "Redis", major: 7, image: RedisImage,
		brew: "brew install redis", uri: "REDIS_URL",
	}
)

// Program starts a server: a file of this machine, or an image in a Docker engine.
type Program struct {
	Path  string // with an image, the Docker client
	Image string
}

func (p Program) String() string { return cmp.Or(p.Image, p.Path) }

// FindMongod returns a mongod 6.0 or newer: from the PATH, or else the pinned one, which it downloads into the user's
// cache once, or else an image, if a Docker engine answers. The error says what to install. Several processes may
// call it at the same time.
func FindMongod(ctx context.Context) (Program, error) { return mongod.find(ctx) }

// FindRedis does the same for a redis-server 7.0 or newer.
func FindRedis(ctx context.Context) (Program, error) { return redisServer.find(ctx) }

// Latest returns the folders of the newest pinned programs, whatever the PATH has. They are for tests only.
func Latest(ctx context.Context) ([]string, error) {
	var folders []string
	f, err := newFetcher()
	if err != nil {
		return nil, err
	}
	for _, k := range []kind{mongod, redisServer} {
		p, ok := findPin(latest, machine(), k.name)
		if !ok {
			return nil, fmt.Errorf("there is no newer pinned %s for %s; put one on the PATH instead", k.name, machine())
		}
		path, err := f.fetch(ctx, p, func(path string) error { return k.check(ctx, path) })
		if err != nil {
			return nil, err
		}
		folders = append(folders, strings.TrimSuffix(path, "/"+k.name))
	}
	return folders, nil
}

func machine() string { return runtime.GOOS + "/" + runtime.GOARCH }

func (k kind) find(ctx context.Context) (Program, error) {
	path, err := exec.LookPath(k.name)
	if err == nil {
		if err = k.check(ctx, path); err == nil {
			return Program{Path: path}, nil
		}
		fmt.Fprintf(os.Stderr, "not using %s: %v\n", path, err)
	}
	problem := errors.New("no package has it for " + machine())
	if p, ok := findPin(pinned, machine(), k.name); ok {
		f, err := newFetcher()
		if err != nil {
			return Program{}, err
		}
		path, err := f.fetch(ctx, p, func(path string) error { return k.check(ctx, path) })
		if err == nil {
			return Program{Path: path}, nil
		}
		problem = err
	}
	if ctx.Err() != nil {
		return Program{}, problem
	}
	client, err := findEngine(ctx)
	if err == nil {
		fmt.Fprintf(os.Stderr, "using the image %s, because %s is not on the PATH and %v\n", k.image, k.name, problem)
		return Program{Path: client, Image: k.image}, nil
	}
	return Program{}, fmt.Errorf("%s is not on the PATH; %w; %w.\n%s", k.name, problem, err, k.remedy(runtime.GOOS))
}

// remedy says what to do on a machine where the program cannot be had.
func (k kind) remedy(system string) string {
	install := fmt.Sprintf("Install %s %d.0 or newer so that %s is on the PATH", k.title, k.major, k.name)
	if system == "darwin" {
		install += " (" + k.brew + ")"
	}
	return fmt.Sprintf("%s, or start a Docker engine, or set %s to a running server.", install, k.uri)
}

var versionNumber = regexp.MustCompile(`\bv=?(\d+)\.(\d+)`)

// check runs the program to read its version, because an existing file may lack a library or be too old.
func (k kind) check(ctx context.Context, path string) error {
	out, err := exec.CommandContext(ctx, path, "--version").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s does not run: %w: %s", k.name, err, firstLine(out))
	}
	major, err := majorVersion(out)
	if err != nil {
		return fmt.Errorf("%s --version: %w", k.name, err)
	}
	if major < k.major {
		return fmt.Errorf("%s is version %d, and %d.0 is the oldest supported version", k.name, major, k.major)
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
