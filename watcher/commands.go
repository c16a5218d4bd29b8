package watcher

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// obey looks for acts once a second, and keeps an eye on the oplog, until ctx is done.
func (s *session) obey(ctx context.Context) {
	var unobeyed backoff
	for ctx.Err() == nil {
		if err := s.obeyOnce(ctx); err != nil && ctx.Err() == nil {
			unobeyed.streak++
			if unobeyed.loud() {
				s.log.Warn("control collection not read", "err", err, "streak", unobeyed.streak)
			}
		} else {
			unobeyed.reset()
		}
		s.watchWindow(ctx)
		pause(ctx, time.Second)
	}
}

func (s *session) obeyOnce(ctx context.Context) error {
	call, cancel := context.WithTimeout(ctx, callBound)
	defer cancel()
	if err := s.notePause(call); err != nil {
		return err
	}
	if err := s.noteLedger(call); err != nil {
		return err
	}

	raw, err := commands(s.DB).FindOne(call, bson.D{{Key: "state", Value: CommandRequested}}, options.FindOne().SetSort(bson.D{{Key: "_id", Value: 1}})).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil
	}
	if err != nil {
		return err
	}
	var command Command
	if err := bson.Unmarshal(raw, &command); err != nil { // written by hand; it must not stand before the others for ever
		_, err = commands(s.DB).UpdateOne(call, bson.D{{Key: "_id", Value: raw.Lookup("_id")}},
			bson.D{{Key: "$set", Value: bson.D{{Key: "state", Value: CommandFailed}, {Key: "result", Value: "it cannot be read: " + err.Error()}}}})
		return err
	}
	result, err := s.do(ctx, command)
	command.State, command.Result = CommandDone, result
	if err != nil {
		if ctx.Err() != nil {
			return nil // another holder does it
		}
		command.State, command.Result = CommandFailed, err.Error()
	}
	now := time.Now().UTC()
	command.DoneAt = &now
	s.log.Info("command executed", "command", command.Name, "by", command.RequestedBy, "state", command.State, "result", command.Result)
	call, cancel = context.WithTimeout(ctx, callBound)
	defer cancel()
	_, err = commands(s.DB).ReplaceOne(call, bson.D{{Key: "_id", Value: command.ID}}, command)
	return err
}

// notePause looks whether the pipeline is paused.
func (s *session) notePause(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callBound)
	defer cancel()
	last := commands(s.DB).FindOne(ctx, bson.D{{Key: "act", Value: bson.D{{Key: "$in", Value: bson.A{CommandPause, CommandResume}}}}},
		options.FindOne().SetSort(bson.D{{Key: "_id", Value: -1}}).SetProjection(bson.D{{Key: "act", Value: 1}, {Key: "_id", Value: 0}}))
	var state struct { // no more: written by hand, the rest may be of any type, and must not keep the pipeline from starting
		Name string `bson:"act"`
	}
	if err := last.Decode(&state); err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
		return err
	}
	s.paused.Store(state.Name == CommandPause)
	return nil
}

func (s *session) do(ctx context.Context, command Command) (string, error) {
	switch command.Name {
	case CommandPause:
		return "the lease is kept, changes wait in the oplog", nil
	case CommandResume:
		return "goes on at the checkpoint", nil
	case CommandReconcile:
		reason := "asked for by " + command.RequestedBy
		s.asked.Store(&reason)
		return "a reconcile begins with the next change or heartbeat; see the gaps", nil
	case CommandReplay:
		return s.replay(ctx, command)
	case CommandRetryDead:
		return s.retryDead(ctx, command.From)
	}
	return "", fmt.Errorf("there is no command %q; there are pause, resume, reconcile, replay and retry-dead", command.Name)
}

// replay applies one effect alone to the changes from a position up to now. Events cannot be
// replayed: each has been broadcast once, and its id is refused a second time.
func (s *session) replay(ctx context.Context, command Command) (string, error) {
	from, err := grapevine.ParsePosition(command.From)
	if err != nil {
		return "", err
	}
	if at := s.Applied(); at.Before(from) {
		return "", fmt.Errorf("%s is after %s, up to which everything was applied", from, at)
	}
	var chosen []Effect
	for _, name := range command.Effects {
		switch name {
		case EffectJobs:
			chosen = append(chosen, s.Jobs)
		case EffectCache:
			chosen = append(chosen, s.Cache)
		default:
			return "", fmt.Errorf("effect %q cannot be replayed; jobs and cache can", name)
		}
	}
	if len(chosen) == 0 {
		return "", errors.New("name the effects to replay: jobs, cache")
	}
	if slices.Contains(command.Effects, EffectJobs) {
		owed, err := s.owedSince(ctx)
		if err != nil {
			return "", err
		}
		if from.Before(owed) {
			from = owed
		}
	}
	until := s.Applied()
	at, n, shows := checkpoint{Position: from, Token: "-"}, 0, full // at its time, inclusive
	for {
		var some int
		at, some, err = s.replaySome(ctx, at, until, shows, chosen)
		n += some
		switch { // as with the live stream: close to what is too large one by one, and then that one without images
		case tooLarge(err) && shows == full:
			shows = oneByOne
		case tooLarge(err) && shows == oneByOne:
			shows = without
		case err == nil && shows == without:
			shows = full
		case err != nil:
			return "", fmt.Errorf("after %d changes, at %s: %w", n, at.Position, err)
		default:
			return fmt.Sprintf("%d changes, heartbeats included, from %s to %s", n, from, until), nil
		}
	}
}

// replaySome applies effects to the changes after from, up to until or the first that cannot be read, and
// answers where it ended. Without images it takes one change alone.
func (s *session) replaySome(ctx context.Context, from checkpoint, until grapevine.Position, shows view, chosen []Effect) (at checkpoint, n int, err error) {
	at = from
	st, err := open(ctx, s.DB, from, s.Decode, shows)
	if err != nil {
		return at, 0, err
	}
	defer st.close(ctx)
	most := batchSize
	if shows != full {
		most = 1
	}
	if shows == without {
		st.fetch = s.fetch(ctx)
	}
	for ctx.Err() == nil && st.last.Before(until) {
		b, err := st.read(ctx, most)
		if len(b.changes) > 0 {
			for _, effect := range chosen {
				if err := effect.Apply(ctx, s.batchOf(b.changes)); err != nil {
					return at, n, err
				}
			}
			n += len(b.changes)
			at = checkpoint{Token: b.token, Position: st.last, Pipeline: pipelineHash()}
		}
		if err != nil || shows == without && n > 0 {
			return at, n, err
		}
	}
	return at, n, ctx.Err()
}

// owedSince is the position from which on contacts are owed a job. Those of before were declared to be
// there already, all at once; a replay that reached back to them would write to every one of them.
func (s *session) owedSince(ctx context.Context) (grapevine.Position, error) {
	ctx, cancel := context.WithTimeout(ctx, callBound)
	defer cancel()
	var gap Gap
	err := s.gaps().FindOne(ctx, bson.D{{Key: "preexisting", Value: true}}, options.FindOne().SetSort(bson.D{{Key: "_id", Value: -1}})).Decode(&gap)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return grapevine.Position{}, nil
	}
	if err != nil {
		return grapevine.Position{}, fmt.Errorf("ask since when jobs are owed: %w", err)
	}
	to, err := grapevine.ParsePosition(gap.To)
	if err != nil {
		return grapevine.Position{}, fmt.Errorf("ask since when jobs are owed: %w", err)
	}
	return grapevine.Position{Time: to.Time + 1}, nil
}

// retryDead gives the contact of a dead change its job, if it is still there and decodes by now.
func (s *session) retryDead(ctx context.Context, position string) (string, error) {
	var dead struct {
		Key       bson.RawValue `bson:"key"`
		Operation string        `bson:"operation"`
	}
	call, cancel := context.WithTimeout(ctx, callBound)
	defer cancel()
	filter := bson.D{{Key: "_id", Value: position}}
	switch err := s.DB.Collection(deadLetters).FindOne(call, filter).Decode(&dead); {
	case errors.Is(err, mongo.ErrNoDocuments):
		return "", fmt.Errorf("there is no dead change at %q", position)
	case err != nil:
		return "", fmt.Errorf("look up the dead change at %s: %w", position, err)
	}
	at, err := grapevine.ParsePosition(position)
	if err != nil {
		return "", err
	}
	raw, err := s.DB.Collection(contacts).FindOne(call, bson.D{{Key: "_id", Value: dead.Key}}).Raw()
	result := "its contact is gone, so there is nothing left to do"
	switch {
	case errors.Is(err, mongo.ErrNoDocuments):
	case err != nil:
		return "", err
	default:
		contact, err := s.Decode(raw)
		if err != nil {
			return "", fmt.Errorf("still dead: %w", err)
		}
		change := grapevine.Change{Op: grapevine.Updated, Position: at, ID: contact.ID, After: &contact}
		if dead.Operation == "insert" || dead.Operation == string(grapevine.Created) {
			change.Op = grapevine.Created
		}
		if err := s.Jobs.Apply(ctx, s.batchOf([]grapevine.Change{change})); err != nil {
			return "", err
		}
		result = "its jobs were enqueued; clients and cache were told when it died"
	}
	_, err = s.DB.Collection(deadLetters).UpdateOne(call, filter, bson.D{{Key: "$set", Value: bson.D{{Key: "state", Value: DeadLetterRetried}}}})
	return result, err
}
