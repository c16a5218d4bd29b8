package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"grapevine"
	"grapevine/internal/retry"
)

// Run follows the four collections until ctx is done, which is no error. Without it everything works, but each request
// reads MongoDB, and nothing that was given to [Access.Follow] is ended.
func (a *Access) Run(ctx context.Context) error {
	var group errgroup.Group
	loops := []func(context.Context){a.followStream, a.lookAtEnds, a.readFollowed, a.sessionCache.run}
	for range touchWriters {
		loops = append(loops, a.storeTouches)
	}
	for range enders {
		loops = append(loops, func(ctx context.Context) { a.follows.endings.run(ctx, a.metrics.ended) })
	}
	for _, loop := range loops {
		group.Go(func() error {
			loop(ctx)
			return nil
		})
	}
	return group.Wait()
}

// followStream opens the change stream again after each error.
func (a *Access) followStream(ctx context.Context) {
	backoff := retry.Backoff{First: 50 * time.Millisecond, Max: time.Second}
	log := retry.FailureLog{
		Logger: a.cfg.Logger, Patience: time.Second,
		Failed:    "cannot follow users, sessions and tokens; each request reads MongoDB, will retry",
		Recovered: "following users, sessions and tokens again",
	}
	for ctx.Err() == nil {
		err := a.followOnce(ctx, func() {
			backoff.Reset()
			log.Success()
		})
		if ctx.Err() != nil {
			return
		}
		a.metrics.reopened.Inc()
		log.Failure(err)
		_ = retry.Sleep(ctx, backoff.Next())
	}
}

// followOnce follows one stream until it breaks. answered is called after each answer.
func (a *Access) followOnce(ctx context.Context, answered func()) error {
	s, err := a.openStream(ctx)
	if err != nil {
		return fmt.Errorf("open the change stream: %w", err)
	}
	defer s.close(ctx)
	a.held.open(s.from)
	defer a.held.close()
	a.follows.readAll()
	for ctx.Err() == nil {
		if err := a.readStream(ctx, s); err != nil {
			return err
		}
		answered()
	}
	return ctx.Err()
}

// errDropped breaks the stream after a drop or rename.
var errDropped = errors.New("a collection was dropped or renamed")

// readStream waits a moment for events, and does what they say. Then the answer counts as proof, unless the server was
// behind when it gave it.
func (a *Access) readStream(ctx context.Context, s *stream) error {
	if err := s.read(ctx, a.apply); err != nil {
		return err
	}
	at, behind, err := s.reached()
	if err != nil {
		return err
	}
	a.held.reach(at)
	if err := a.checkPrimary(ctx, s); err != nil {
		return err
	}
	if behind < a.times.fresh {
		a.proof.answer(s.sent)
	} else {
		a.metrics.behind.Inc()
	}
	return nil
}

// apply drops what memory holds of the named document, and has what is followed of it read again.
func (a *Access) apply(e *event) error {
	a.metrics.events.Inc()
	at := grapevine.NewPosition(e.Time.T, e.Time.I, 0)
	if e.isDrop() {
		if !e.concernsUs() {
			return nil
		}
		a.held.clear(at)
		a.follows.readAll()
		return fmt.Errorf("%w: %s of %s", errDropped, e.Operation, e.Namespace.Collection)
	}
	switch e.Namespace.Collection {
	case grapevine.CollectionUsers:
		if id, ok := e.Key.ID.ObjectIDOK(); ok {
			a.authorNames.forgetUser(id.Hex())
			a.held.nameUser(id.Hex(), at)
			a.follows.readUser(id.Hex())
		}
	case grapevine.CollectionSessions, grapevine.CollectionTokens:
		a.applyToSecret(e, at)
	}
	return nil
}

// applyToSecret applies an event about a session or a token.
func (a *Access) applyToSecret(e *event, at grapevine.Position) {
	id, ok := e.Key.ID.StringValueOK()
	if !ok {
		return // it fits no schema, so it gave no right
	}
	if u, only := e.isUse(); only {
		a.held.used(id, u)
		a.follows.used(id, u)
		return
	}
	if e.Namespace.Collection == grapevine.CollectionTokens {
		a.authorNames.forgetTokens()
	}
	a.held.nameSecret(id, at)
	if e.Operation == "delete" {
		a.follows.endSecret(id)
	} else {
		a.follows.readSecret(id)
	}
}
