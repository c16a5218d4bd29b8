package realtest

import (
	"context"
	"fmt"
	"os"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/modules/mongodb"
	tcredis "github.com/testcontainers/testcontainers-go/modules/redis"

	"grapevine/internal/servers"
)

func startContainers(ctx context.Context) (_ *backend, err error) {
	var running []testcontainers.Container
	stop := func() {
		for _, c := range running {
			if err := testcontainers.TerminateContainer(c); err != nil {
				fmt.Fprintln(os.Stderr, "realtest: stop a container:", err)
			}
		}
	}
	defer func() {
		if err != nil {
			stop()
		}
	}()
	m, err := mongodb.Run(ctx, servers.MongoImage, mongodb.WithReplicaSet("rs0"), testcontainers.WithCmdArgs("--bind_ip_all"))
	if m != nil {
		running = append(running, m)
	}
	if err != nil {
		return nil, err
	}
	// The replica set has the container's own address. A client outside has to use the published port.
	mongoAddr, err := m.PortEndpoint(ctx, "27017/tcp", "")
	if err != nil {
		return nil, err
	}
	r, err := tcredis.Run(ctx, servers.RedisImage, testcontainers.WithCmd(
		"redis-server", "--bind", "0.0.0.0", "--protected-mode", "no", "--databases", "256",
		"--appendonly", "yes", "--maxmemory-policy", "noeviction", "--save", "",
	))
	if r != nil {
		running = append(running, r)
	}
	if err != nil {
		return nil, err
	}
	redisURL, err := r.ConnectionString(ctx)
	if err != nil {
		return nil, err
	}
	return &backend{mongoURI: fmt.Sprintf("mongodb://%s/?replicaSet=rs0&directConnection=true", mongoAddr), redisURL: redisURL, stop: stop}, nil
}
