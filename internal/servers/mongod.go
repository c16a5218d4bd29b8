package servers

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Mongod is a single-node replica set named rs0.
type Mongod struct {
	*Process
	URI string
}

// StartMongod starts mongod with its data under dir on the given loopback port (0: a free one), and
// initiates the replica set where there is none yet. It returns once the node is the primary.
func StartMongod(ctx context.Context, path, dir string, port int, args ...string) (*Mongod, error) {
	if port == 0 {
		var err error
		if port, err = FreePort(); err != nil {
			return nil, err
		}
	}
	data := filepath.Join(dir, "db")
	if err := os.MkdirAll(data, 0o750); err != nil {
		return nil, err
	}
	args = append([]string{
		"--replSet", "rs0", "--bind_ip", "127.0.0.1", "--port", strconv.Itoa(port), "--dbpath", data,
	}, args...)
	p, err := start("mongod", path, args, filepath.Join(dir, "mongod.log"))
	if err != nil {
		return nil, err
	}
	m := &Mongod{Process: p, URI: fmt.Sprintf("mongodb://127.0.0.1:%d/?replicaSet=rs0&directConnection=true", port)}
	if err := m.initiate(ctx, port); err != nil {
		p.Kill()
		return nil, err
	}
	return m, nil
}

// initiate makes the node the only, and so the primary, member of rs0 under its present port: a data
// directory that was used on another port is reconfigured.
func (m *Mongod) initiate(ctx context.Context, port int) error {
	host := fmt.Sprintf("127.0.0.1:%d", port)
	// Without the set's name: a node that is in no set yet would not be selected.
	client, err := mongo.Connect(options.Client().ApplyURI("mongodb://" + host + "/?directConnection=true").SetServerSelectionTimeout(time.Second))
	if err != nil {
		return err
	}
	defer func() { _ = client.Disconnect(context.WithoutCancel(ctx)) }()
	admin := client.Database("admin")
	if err := m.waitReady(ctx, func(ctx context.Context) error { return client.Ping(ctx, nil) }); err != nil {
		return err
	}
	var have struct {
		Config struct {
			Version int `bson:"version"`
			Members []struct {
				Host string `bson:"host"`
			} `bson:"members"`
		} `bson:"config"`
	}
	members := bson.A{bson.D{{Key: "_id", Value: 0}, {Key: "host", Value: host}}}
	switch err := admin.RunCommand(ctx, bson.D{{Key: "replSetGetConfig", Value: 1}}).Decode(&have); {
	case err != nil:
		err = admin.RunCommand(ctx, bson.D{{Key: "replSetInitiate", Value: bson.D{
			{Key: "_id", Value: "rs0"}, {Key: "members", Value: members},
		}}}).Err()
		if err != nil {
			return fmt.Errorf("initiate the replica set: %w", err)
		}
	case len(have.Config.Members) != 1 || have.Config.Members[0].Host != host:
		err = admin.RunCommand(ctx, bson.D{
			{Key: "replSetReconfig", Value: bson.D{
				{Key: "_id", Value: "rs0"}, {Key: "version", Value: have.Config.Version + 1}, {Key: "members", Value: members},
			}},
			{Key: "force", Value: true},
		}).Err()
		if err != nil {
			return fmt.Errorf("reconfigure the replica set: %w", err)
		}
	}
	return m.waitReady(ctx, func(ctx context.Context) error {
		var hello struct {
			Primary bool `bson:"isWritablePrimary"`
		}
		if err := admin.RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello); err != nil {
			return err
		}
		if !hello.Primary {
			return fmt.Errorf("not the primary yet")
		}
		return nil
	})
}
