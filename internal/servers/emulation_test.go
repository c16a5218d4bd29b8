//go:build emulation

package servers

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine/internal/realtest/wsclient"
	"grapevine/internal/wheel"
)

// emulationTime is enough for a start on an emulated processor, which is 10 to 20 times slower.
const emulationTime = 10 * time.Minute

// The product and the pinned servers for Linux on arm64 run on an emulated processor: a contact that is inserted in
// MongoDB arrives at a socket. .ci/arm64 sets the environment: ARM64_SYSTEM is a folder with Debian's libraries for
// arm64, ARM64_GRAPEVINE is the product.
func TestArm64(t *testing.T) {
	system, product := os.Getenv("ARM64_SYSTEM"), os.Getenv("ARM64_GRAPEVINE")
	require.NotEmpty(t, system, "run .ci/arm64")
	ctx, cancel := context.WithTimeout(t.Context(), emulationTime)
	defer cancel()
	dir := t.TempDir()
	for _, p := range pinned["linux/arm64"] {
		emulate(ctx, t, p, system, dir)
	}

	port, err := FreePort()
	require.NoError(t, err)
	addr, data := fmt.Sprintf("127.0.0.1:%d", port), filepath.Join(dir, "data")
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	instance, err := Start("grapevine", "qemu-aarch64-static", []string{product, "dev", "--data", data, "--addr", addr, "--contacts", "3"},
		filepath.Join(dir, "grapevine.log"))
	require.NoError(t, err)
	t.Cleanup(func() {
		if log, err := os.ReadFile(instance.Log); t.Failed() && err == nil {
			t.Logf("%s", log)
		}
		require.NoError(t, instance.Signal(syscall.SIGTERM))
		<-instance.Done()
	})
	require.NoError(t, instance.waitReady(ctx, func(ctx context.Context) error { return answersReady(ctx, addr) }))

	socket := wsclient.Open(t, "ws://"+addr+"/ws/contacts")
	t.Cleanup(socket.Close)
	socket.Join("workspace:default", "")
	mongoPort, err := os.ReadFile(filepath.Join(data, "mongo", "port"))
	require.NoError(t, err)
	client, err := mongo.Connect(options.Client().ApplyURI("mongodb://127.0.0.1:" + strings.TrimSpace(string(mongoPort)) + "/?directConnection=true"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	_, err = client.Database("grapevine").Collection("contacts").InsertOne(ctx, bson.D{
		{Key: "workspace", Value: "default"},
		{Key: "kind", Value: "person"},
		{Key: "firstName", Value: "Ada"},
		{Key: "lastName", Value: "Lovelace"},
	})
	require.NoError(t, err)
	event := socket.Event()
	require.Equal(t, "Lovelace", event.ContactFields()["lastName"])
}

// emulate unpacks a pinned program with its libraries, and puts a script of its name into dir.
func emulate(ctx context.Context, t *testing.T, p pin, system, dir string) {
	t.Helper()
	f, err := newFetcher()
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(f.wheels(), 0o750))
	file, err := f.get(ctx, p.program, p.wheel)
	require.NoError(t, err)
	place := filepath.Join(dir, p.name())
	require.NoError(t, wheel.Unpack(file, p.file, place))
	for _, l := range p.libraries {
		require.NoError(t, f.addLibrary(ctx, l, filepath.Join(place, "lib")))
	}
	script := fmt.Sprintf("#!/bin/sh\nexec qemu-aarch64-static -L '%s' -E 'LD_LIBRARY_PATH=%s/lib' '%s/%s' \"$@\"\n", system, place, place, p.program)
	path := filepath.Join(dir, p.program)
	require.NoError(t, os.WriteFile(path, []byte(script), 0o700))
	version, err := exec.CommandContext(ctx, path, "--version").CombinedOutput()
	require.NoError(t, err, "%s", version)
	require.Contains(t, string(version), p.version)
}

func answersReady(ctx context.Context, addr string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("/readyz answers %s", answer.Status)
	}
	return nil
}
