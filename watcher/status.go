package watcher

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"grapevine"
	"grapevine/internal/redisx"
)

// State is what a watcher is doing.
type State string

// The states. Stopped needs an operator; the watcher still retries, slowly.
const (
	Standby     State = "standby"     // another instance holds the lease
	Starting    State = "starting"    // the lease was acquired, the checkpoint is read
	Streaming   State = "streaming"   // changes are applied as they come
	Reconciling State = "reconciling" // an open gap is healed
	Backoff     State = "backoff"     // something failed; a retry follows
	Paused      State = "paused"      // by an operator
	Stopped     State = "stopped"     // history is lost again and again
)

// Status is what a watcher says of itself.
type Status struct {
	State           State              `json:"state"`
	Holder          bool               `json:"holder"`              // this instance holds the lease
	Lease           string             `json:"lease,omitempty"`     // nonce of the holder: "<instance>/<replica set>/<random>"
	Position        grapevine.Position `json:"position,omitzero"`   // of the holder: everything up to here is applied
	LagMS           *int64             `json:"lagMs,omitempty"`     // from the write of a heartbeat to the end of its effects; absent until known
	Rate            float64            `json:"rate"`                // changes in the last second
	Err             error              `json:"-"`                   // the last error, until a batch is applied
	OplogWindowLeft *float64           `json:"oplogLeft,omitempty"` // part of the oplog's window between its oldest entry and the position
}

// status is the part of [Status] that other goroutines report.
type status struct {
	mu              sync.Mutex
	state           State
	err             error
	oplogWindowLeft *float64
	second          int64 // that is being counted
	count           int   // changes in it
	rate            float64
}

func (s *status) setError(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil && !errors.Is(err, context.Canceled) {
		s.err = err
	}
}

func (s *status) getState() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

func (s *status) setOplogWindowLeft(left float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.oplogWindowLeft = &left
}

func (s *status) getOplogWindowLeft() *float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.oplogWindowLeft
}

// countChanges adds changes to the rate.
func (s *status) countChanges(n int) {
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

func (w *Watcher) setState(state State) {
	w.status.mu.Lock()
	defer w.status.mu.Unlock()
	w.status.state = state
	if state == Standby { // an error of the session that ended no longer matters
		w.status.err = nil
	}
}

// recordProgress notes that a batch was applied, which ends all runs of failures.
func (w *Watcher) recordProgress() {
	w.status.mu.Lock()
	w.status.state, w.status.err = Streaming, nil
	w.status.mu.Unlock()
	w.runTrouble.Success()
	w.pipelineTrouble.Success()
	w.batchTrouble.Success()
}

// Status reads from Redis who holds the lease. An error leaves only that out.
func (w *Watcher) Status(ctx context.Context) (Status, error) {
	nonce, err := readLease(ctx, w.Redis, w.Prefix)
	applied, holder := w.Applied(), w.holdsLease()
	w.status.countChanges(0)
	w.status.mu.Lock()
	defer w.status.mu.Unlock()
	s := Status{
		State: w.status.state, Holder: holder, Lease: nonce, Position: applied,
		Rate: w.status.rate, Err: w.status.err,
	}
	if !s.Holder {
		return s, err
	}
	s.OplogWindowLeft = w.status.oplogWindowLeft
	if lag, known := w.heartbeat.measureLag(); known {
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
	key := prefix + grapevine.KeyCheckpoint
	fields, err := rdb.HGetAll(ctx, key).Result()
	if err != nil {
		return StoredStatus{}, fmt.Errorf("read the checkpoint: %w", redisx.NameKeys(err, key))
	}
	return StoredStatus{
		Lease: lease, Position: fields[fieldPosition], SavedAt: fields[fieldSavedAt], ReplicaSet: fields[fieldReplicaSet],
	}, nil
}

// readLease returns the nonce of the holder, empty if no instance holds the lease.
func readLease(ctx context.Context, rdb *redis.Client, prefix string) (string, error) {
	key := prefix + grapevine.KeyLease
	nonce, err := rdb.Get(ctx, key).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return "", fmt.Errorf("read the lease: %w", redisx.NameKeys(err, key))
	}
	return nonce, nil
}
