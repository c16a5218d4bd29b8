package servers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Mongod is a member of a replica set named rs0, usually the only member.
type Mongod struct {
	*Process
	URI  string // connects to this node, primary or not
	Port int

	program Program
	dir     string
	args    []string
	root    *options.Credential // nil without access control
}

// StartMongod starts mongod with its data in dir on a loopback port; port 0 means a free one. It initiates the
// replica set if that does not exist, and returns when the node is the primary.
func StartMongod(ctx context.Context, program Program, dir string, port int, args ...string) (*Mongod, error) {
	m, err := startNode(ctx, program, dir, port, args)
	if err != nil {
		return nil, err
	}
	if err := m.initiate(ctx); err != nil {
		m.Kill()
		return nil, err
	}
	return m, nil
}

// Restart starts mongod again with the same port and data after Kill or Stop. It returns when mongod answers;
// a member of a larger set may then still be catching up. No other method may run at the same time.
func (m *Mongod) Restart(ctx context.Context) error {
	select {
	case <-m.Done():
	default:
		return errors.New("restart mongod: it is still running")
	}
	again := &Mongod{program: m.program, dir: m.dir, args: m.args, root: m.root}
	if err := again.start(ctx, m.Port); err != nil {
		return err
	}
	m.Process = again.Process
	return nil
}

// startNode returns when the node answers, in any state.
func startNode(ctx context.Context, program Program, dir string, port int, args []string) (*Mongod, error) {
	m := &Mongod{program: program, dir: dir, args: args}
	if err := m.start(ctx, port); err != nil {
		return nil, err
	}
	return m, nil
}

// start runs the process and returns when the node answers, in any state.
func (m *Mongod) start(ctx context.Context, port int) error {
	data := filepath.Join(m.dir, "db")
	if err := os.MkdirAll(data, 0o750); err != nil {
		return err
	}
	return onFreePort(port, func(port int) error {
		all := append([]string{
			"--replSet", "rs0", "--bind_ip", m.program.listen(), "--port", strconv.Itoa(port), "--dbpath", data,
		}, m.args...)
		p, err := m.program.start("mongod", m.dir, port, all, filepath.Join(m.dir, "mongod.log"))
		if err != nil {
			return err
		}
		m.Process, m.Port = p, port
		m.URI = fmt.Sprintf("mongodb://127.0.0.1:%d/?replicaSet=rs0&directConnection=true", port)
		if err := m.waitAnswer(ctx); err != nil {
			p.Kill()
			return err
		}
		return nil
	})
}

// admin returns the node's admin database. The URI has no replica set name, because the driver would not
// select a node that is not in a set yet.
func (m *Mongod) admin() (*mongo.Database, func(), error) {
	opts := options.Client().
		ApplyURI(fmt.Sprintf("mongodb://127.0.0.1:%d/?directConnection=true", m.Port)).
		SetServerSelectionTimeout(time.Second)
	if m.root != nil {
		opts.SetAuth(*m.root)
	}
	client, err := mongo.Connect(opts)
	if err != nil {
		return nil, nil, err
	}
	return client.Database("admin"), func() {
		// Without a timeout it waits for a killed server to end its sessions.
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		_ = client.Disconnect(ctx)
	}, nil
}

func (m *Mongod) waitAnswer(ctx context.Context) error {
	admin, disconnect, err := m.admin()
	if err != nil {
		return err
	}
	defer disconnect()
	return m.waitReady(ctx, func(ctx context.Context) error {
		var status struct {
			PID int `bson:"pid"`
		}
		if err := admin.RunCommand(ctx, bson.D{{Key: "serverStatus", Value: 1}}).Decode(&status); err != nil {
			return err
		}
		return m.checkPID(status.PID)
	})
}

// initiate makes the node the only member of rs0 on its current port. If the data was used on another port, it
// reconfigures the set.
func (m *Mongod) initiate(ctx context.Context) error {
	admin, disconnect, err := m.admin()
	if err != nil {
		return err
	}
	defer disconnect()
	host := fmt.Sprintf("127.0.0.1:%d", m.Port)
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
	return m.waitPrimary(ctx)
}

func (m *Mongod) waitPrimary(ctx context.Context) error {
	return m.waitReady(ctx, func(ctx context.Context) error {
		primary, err := m.IsPrimary(ctx)
		if err == nil && !primary {
			err = errors.New("it is not the primary yet")
		}
		return err
	})
}

// IsPrimary reports whether the node accepts writes now.
func (m *Mongod) IsPrimary(ctx context.Context) (bool, error) {
	admin, disconnect, err := m.admin()
	if err != nil {
		return false, err
	}
	defer disconnect()
	var hello struct {
		Primary bool `bson:"isWritablePrimary"`
	}
	err = admin.RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello)
	return hello.Primary, err
}
