package watcher

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
	"grapevine/internal/retry"
)

const commandPoll = time.Second

// pollCommands looks for commands, and checks the oplog, until ctx is done. The methods in this file run in
// its goroutine.
func (s *session) pollCommands(ctx context.Context) {
	trouble := retry.FailureLog{Logger: s.log, Failed: "cannot read the collection control, will retry", Recovered: "the collection control can be read again"}
	for ctx.Err() == nil {
		if err := s.runNextCommand(ctx); err == nil {
			trouble.Success()
		} else if ctx.Err() == nil {
			trouble.Failure(err)
		}
		s.checkOplogWindow(ctx)
		_ = retry.Sleep(ctx, commandPoll)
	}
}

// runNextCommand executes the oldest command that is still requested.
func (s *session) runNextCommand(ctx context.Context) error {
	command, err := s.nextCommand(ctx)
	if err != nil || command == nil {
		return err
	}
	result, err := s.execute(ctx, *command)
	if ctx.Err() != nil {
		return nil // the next holder executes it
	}
	command.State, command.Result = CommandDone, result
	if err != nil {
		command.State, command.Result = CommandFailed, err.Error()
	}
	now := time.Now().UTC()
	command.DoneAt = &now
	s.log.Info("command executed", "command", command.Name, "by", command.RequestedBy, "state", command.State, "result", command.Result)
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err = commandCollection(s.DB).ReplaceOne(call, bson.D{{Key: "_id", Value: command.ID}}, command)
	return err
}

// nextCommand refreshes what the session knows of the pause, and returns the oldest command that is still requested,
// or nil.
func (s *session) nextCommand(ctx context.Context) (*Command, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if err := s.refreshPaused(ctx); err != nil {
		return nil, err
	}
	return findCommand(ctx, s.DB, bson.D{{Key: "state", Value: CommandRequested}}, 1)
}

// IsPaused reports whether an operator paused the pipeline, in any instance.
func (w *Watcher) IsPaused(ctx context.Context) (bool, error) {
	err := w.refreshPaused(ctx)
	return w.paused.Load(), err
}

// refreshPaused reads whether the pipeline is paused. Any goroutine may call it.
func (w *Watcher) refreshPaused(ctx context.Context) error {
	paused, err := IsPaused(ctx, w.DB)
	if err == nil {
		w.paused.Store(paused)
	}
	return err
}

// IsPaused reports whether the newest of the commands pause and resume is pause.
func IsPaused(ctx context.Context, db *mongo.Database) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	last, err := findCommand(ctx, db, bson.D{{Key: "act", Value: bson.D{{Key: "$in", Value: bson.A{CommandPause, CommandResume}}}}}, -1)
	return err == nil && last != nil && last.Name == CommandPause, err
}

// findCommand returns the oldest (order 1) or newest (order -1) command that the filter selects, or nil.
func findCommand(ctx context.Context, db *mongo.Database, filter bson.D, order int) (*Command, error) {
	var command Command
	err := commandCollection(db).FindOne(ctx, filter, options.FindOne().SetSort(bson.D{{Key: "_id", Value: order}})).Decode(&command)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &command, nil
}

func (s *session) execute(ctx context.Context, command Command) (result string, err error) {
	switch command.Name {
	case CommandPause:
		return "paused: this instance keeps the lease, and changes wait in the oplog", nil
	case CommandResume:
		return "the pipeline continues from the checkpoint", nil
	case CommandReconcile:
		reason := "requested by " + command.RequestedBy
		s.requested.Store(&reason)
		return "a reconcile starts with the next change or heartbeat; follow it with `grapevine gaps`", nil
	case CommandReplay:
		return s.reapply(ctx, command)
	case CommandRetryDead:
		return s.retryDead(ctx, command.From)
	}
	return "", fmt.Errorf("there is no command %q; there are pause, resume, reconcile, replay and retry-dead", command.Name)
}

// retryDead enqueues the jobs for the contact of a dead letter, if it still exists and can be decoded now.
func (s *session) retryDead(ctx context.Context, position string) (result string, err error) {
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	records := s.DB.Collection(grapevine.CollectionDeadLetters)
	filter := bson.D{{Key: "_id", Value: position}}
	var dead DeadLetterRecord
	switch err := records.FindOne(call, filter).Decode(&dead); {
	case errors.Is(err, mongo.ErrNoDocuments):
		return "", fmt.Errorf("there is no dead letter at %q", position)
	case err != nil:
		return "", fmt.Errorf("read the dead letter at %s: %w", position, err)
	case dead.Operation == OperationForm:
		return s.retryForm(ctx, dead)
	case dead.Collection != "":
		return "", fmt.Errorf("the dead letter is of %s; only changes of contacts can be retried", dead.Collection)
	}
	at, err := grapevine.ParsePosition(position)
	if err != nil {
		return "", err
	}
	raw, err := s.streams.findDocument(ctx, grapevine.CollectionContacts, dead.Key)
	if err != nil {
		return "", fmt.Errorf("read the contact: %w", err)
	}
	result = "the contact is gone, so there is nothing left to do"
	if raw != nil {
		change, err := s.streams.contacts.Decode(Event{Operation: "insert", Key: dead.Key, Committed: dead.At, After: raw}, at)
		if err != nil {
			return "", fmt.Errorf("still dead: %w", err)
		}
		if dead.Operation != "insert" && dead.Operation != string(grapevine.Created) {
			change.Op = grapevine.Updated
		}
		if err := s.applyNamed(ctx, s.streams.contacts, EffectJobs, []grapevine.Change{change}); err != nil {
			return "", err
		}
		result = "the jobs of the contact were enqueued; clients and the cache were told when the change died"
	}
	_, err = records.UpdateOne(call, filter, bson.D{{Key: "$set", Value: bson.D{{Key: "state", Value: DeadLetterRetried}}}})
	return result, err
}

// retryForm names the contact again, so that it is formed soon.
func (s *session) retryForm(ctx context.Context, dead DeadLetterRecord) (result string, err error) {
	again := grapevine.NewResync(s.Applied(), time.Now(), strings.TrimPrefix(dead.Position, OperationForm+"/"), "retry-dead")
	if err := s.applyNamed(ctx, s.streams.contacts, EffectForms, []grapevine.Change{again}); err != nil {
		return "", err
	}
	_, err = s.DB.Collection(grapevine.CollectionDeadLetters).UpdateByID(ctx, dead.Position, bson.D{{Key: "$set", Value: bson.D{{Key: "state", Value: DeadLetterRetried}}}})
	return "the contact is formed again; if MongoDB refuses that, the dead letter comes back", err
}
