package servers

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// ReplicaSet is several mongods of one set. Each of them can be killed and restarted alone.
type ReplicaSet struct {
	Nodes []*Mongod
	URI   string // connects to the whole set; the driver finds the primary
}

// StartReplicaSet starts n members with their data in dir/0, dir/1, … and returns when one is the primary and
// the others follow it. An election takes a few seconds at most (electionTimeoutMillis is 3000).
func StartReplicaSet(ctx context.Context, program Program, dir string, n int, args ...string) (*ReplicaSet, error) {
	r := &ReplicaSet{}
	var hosts []string
	var members bson.A
	for i := range n {
		m, err := startNode(ctx, program, filepath.Join(dir, strconv.Itoa(i)), 0, args)
		if err != nil {
			r.Kill()
			return nil, err
		}
		r.Nodes = append(r.Nodes, m)
		host := fmt.Sprintf("127.0.0.1:%d", m.Port)
		hosts = append(hosts, host)
		members = append(members, bson.D{{Key: "_id", Value: i}, {Key: "host", Value: host}})
	}
	r.URI = "mongodb://" + strings.Join(hosts, ",") + "/?replicaSet=rs0"
	if err := r.initiate(ctx, members); err != nil {
		r.Kill()
		return nil, err
	}
	return r, nil
}

func (r *ReplicaSet) initiate(ctx context.Context, members bson.A) error {
	admin, disconnect, err := r.Nodes[0].admin()
	if err != nil {
		return err
	}
	defer disconnect()
	err = admin.RunCommand(ctx, bson.D{{Key: "replSetInitiate", Value: bson.D{
		{Key: "_id", Value: "rs0"},
		{Key: "members", Value: members},
		{Key: "settings", Value: bson.D{{Key: "electionTimeoutMillis", Value: 3000}}},
	}}}).Err()
	if err != nil {
		return fmt.Errorf("initiate the replica set: %w", err)
	}
	if _, err := r.Primary(ctx); err != nil {
		return err
	}
	return r.Nodes[0].waitReady(ctx, func(ctx context.Context) error {
		var status struct {
			Members []struct {
				State string `bson:"stateStr"`
			} `bson:"members"`
		}
		if err := admin.RunCommand(ctx, bson.D{{Key: "replSetGetStatus", Value: 1}}).Decode(&status); err != nil {
			return err
		}
		for i, m := range status.Members {
			if m.State != "PRIMARY" && m.State != "SECONDARY" {
				return fmt.Errorf("member %d is in state %s", i, m.State)
			}
		}
		return nil
	})
}

// Primary waits until a running member is the primary and returns it.
func (r *ReplicaSet) Primary(ctx context.Context) (*Mongod, error) {
	for {
		for _, m := range r.Nodes {
			// A member that is stopped by a signal does not answer.
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			primary, err := m.IsPrimary(ctx)
			cancel()
			if err == nil && primary {
				return m, nil
			}
		}
		select {
		case <-ctx.Done():
			return nil, errors.New("the replica set has no primary")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Kill ends all members.
func (r *ReplicaSet) Kill() {
	for _, m := range r.Nodes {
		m.Kill()
	}
}
