package watcher

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"grapevine"
)

// State is what a watcher is doing.
type State string

// The states. Stopped needs a person; it is tried again all the same, slowly.
const (
	Standby     State = "standby" // another instance holds the lease
	Starting    State = "starting"
	Streaming   State = "streaming"
	Reconciling State = "reconciling"
	Backoff     State = "backoff"
	Paused      State = "paused"
	Stopped     State = "stopped"
)

// Status is what a watcher says of itself.
type Status struct {
	State    State              `json:"state"`
	Holder   bool               `json:"holder"`              // this instance holds the lease
	Lease    string             `json:"lease,omitempty"`     // the nonce of whoever holds it: "<instance>/<database>/<random>"
	Position grapevine.Position `json:"position,omitzero"`   // applied up to here; of the holder
	LagMS    *int64             `json:"lagMs,omitempty"`     // write of a heartbeat to the end of its effects; absent until known
	Rate     float64            `json:"rate"`                // changes per second, over the last one
	Error    string             `json:"error,omitempty"`     // the last trouble of this streak
	Window   *float64           `json:"oplogLeft,omitempty"` // part of the oplog's window still between its oldest entry and the position
}

type status struct {
	mu       sync.Mutex
	state    State
	streamed bool
	err      string
	window   *float64
	second   int64 // of the rate being counted
	count    int
	rate     float64
}

func (w *Watcher) setState(state State) {
	w.status.mu.Lock()
	defer w.status.mu.Unlock()
	w.status.state = state
	if state == Standby { // whatever it was, another holds the lease now
		w.status.err = ""
	}
}

// progressed notes that a batch is done: the streak of troubles, if there was one, is over.
func (w *Watcher) progressed() {
	w.status.mu.Lock()
	was := w.status.err
	w.status.state, w.status.err, w.status.streamed = Streaming, "", true
	w.status.mu.Unlock()
	if was != "" {
		w.log.Info("recovered", "from", was)
	}
}

func (s *status) trouble(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && !errors.Is(err, context.Canceled) {
		s.err = err.Error()
	}
}

// streamedSince reports whether it was streaming since it was last asked.
func (s *status) streamedSince() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.streamed
	s.streamed = false
	return was
}

// counted adds changes to the rate.
func (s *status) counted(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now().Unix()
	switch {
	case now == s.second+1:
		s.rate = float64(s.count)
	case now > s.second+1:
		s.rate = 0
	}
	if now != s.second {
		s.second, s.count = now, 0
	}
	s.count += n
}

// Status asks Redis who holds the lease; its error leaves only that out.
func (w *Watcher) Status(ctx context.Context) (Status, error) {
	holder, err := readLease(ctx, w.Redis, w.Prefix)
	applied, working := w.Applied(), w.holdsLease()
	w.status.counted(0)
	w.status.mu.Lock()
	defer w.status.mu.Unlock()
	s := Status{
		State: w.status.state, Holder: working, Lease: holder, Position: applied,
		Rate: w.status.rate, Error: w.status.err,
	}
	if !s.Holder {
		return s, err
	}
	s.Window = w.status.window
	if lag, known := w.heart.measured(); known {
		ms := lag.Milliseconds()
		s.LagMS = &ms
	}
	return s, err
}

// StoredStatus is what Redis holds of the pipeline. A field that Redis does not have is empty.
type StoredStatus struct {
	Lease      string // nonce of the holder
	Position   string // of the checkpoint
	SavedAt    string // when the checkpoint moved last, RFC 3339
	ReplicaSet string // the checkpoint belongs to this replica set
}

// ReadStatus reads the lease and the checkpoint. It needs no running watcher.
func ReadStatus(ctx context.Context, rdb *redis.Client, prefix string) (StoredStatus, error) {
	lease, err := readLease(ctx, rdb, prefix)
	if err != nil {
		return StoredStatus{}, err
	}
	fields, err := rdb.HGetAll(ctx, prefix+grapevine.KeyCheckpoint).Result()
	if err != nil {
		return StoredStatus{}, fmt.Errorf("read the checkpoint: %w", err)
	}
	return StoredStatus{
		Lease: lease, Position: fields[fieldPosition], SavedAt: fields[fieldSavedAt], ReplicaSet: fields[fieldReplicaSet],
	}, nil
}

// readLease returns the nonce of the holder, empty if no instance holds the lease.
func readLease(ctx context.Context, rdb *redis.Client, prefix string) (string, error) {
	nonce, err := rdb.Get(ctx, prefix+grapevine.KeyLease).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return "", fmt.Errorf("read the lease: %w", err)
	}
	return nonce, nil
}
