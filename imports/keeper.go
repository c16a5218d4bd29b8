package imports

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine/internal/retry"
)

const (
	keepInterval = 5 * time.Second
	// waitingTime is how long an import may wait for a worker.
	waitingTime = 24 * time.Hour
	// strayTime is how long a file without an import is kept, counted from the begin of its request. It is longer than a
	// request with a file may last.
	strayTime = 3 * time.Hour
	// lostAfter is how long the pipeline has to enqueue a new import.
	lostAfter = 30 * time.Second
	// keptTime is how long the report of an import can be read.
	keptTime   = 30 * 24 * time.Hour
	keepAtOnce = 100 // imports or files that one look deals with
)

// Keeper looks after imports that no run works on: it enqueues again those whose run was killed or whose task is lost, gives up those
// that waited too long, and deletes files that nothing needs. Any number of instances may run one.
type Keeper struct {
	Storage *Storage
	Enqueue func(ctx context.Context, tasks []Task) error
	// Streaming reports whether the pipeline works in this instance. An import that no run has begun is enqueued only then,
	// because a paused pipeline does not begin it either.
	Streaming func(ctx context.Context) bool
	Logger    *slog.Logger
}

// Task names a run of an import. A later run is another task, because the task of a killed worker stays with it for a while.
type Task struct {
	Import string
	Run    int // how many runs have begun before
}

// Run works until ctx is done.
func (k *Keeper) Run(ctx context.Context) error {
	trouble := retry.FailureLog{Logger: k.Logger, Failed: "cannot look after the imports, will retry", Recovered: "the imports are looked after again"}
	for retry.Sleep(ctx, keepInterval) == nil {
		err := errors.Join(k.giveUp(ctx), k.enqueueFree(ctx), k.deleteEnded(ctx), k.deleteStrays(ctx), k.deleteOld(ctx))
		switch {
		case ctx.Err() != nil:
		case err != nil:
			trouble.Failure(err)
		default:
			trouble.Success()
		}
	}
	return nil
}

// giveUp ends imports that no worker began in time.
func (k *Keeper) giveUp(ctx context.Context) error {
	_, err := k.Storage.imports.UpdateMany(ctx,
		bson.D{{Key: "state", Value: Waiting}, {Key: "createdAt", Value: bson.D{{Key: "$lt", Value: time.Now().Add(-waitingTime)}}}},
		bson.D{{Key: "$set", Value: bson.D{
			{Key: "state", Value: Failed},
			{Key: "endedAt", Value: time.Now().UTC()},
			{Key: "message", Value: "No worker began the import within a day. Start an instance with the role worker, and send the file again."},
		}}})
	if err != nil {
		return fmt.Errorf("give up imports that wait: %w", err)
	}
	return nil
}

// enqueueFree enqueues the imports that no run holds.
func (k *Keeper) enqueueFree(ctx context.Context) error {
	since := bson.D{{Key: "$ifNull", Value: bson.A{"$until", bson.D{{Key: "$add", Value: bson.A{"$createdAt", lostAfter.Milliseconds()}}}}}}
	free := bson.D{{Key: "$lte", Value: bson.A{since, "$$NOW"}}}
	states := bson.A{Running}
	if k.Streaming(ctx) {
		states = append(states, Waiting)
	}
	documents, err := k.find(ctx, bson.D{{Key: "state", Value: bson.D{{Key: "$in", Value: states}}}, {Key: "$expr", Value: free}})
	if err != nil || len(documents) == 0 {
		return err
	}
	tasks := make([]Task, len(documents))
	for i, d := range documents {
		tasks[i] = Task{Import: d.ID.Hex(), Run: d.Runs}
	}
	return k.Enqueue(ctx, tasks)
}

// deleteEnded deletes the files of imports that have ended.
func (k *Keeper) deleteEnded(ctx context.Context) error {
	documents, err := k.find(ctx, bson.D{{Key: "state", Value: bson.D{{Key: "$in", Value: bson.A{Done, Failed}}}}, {Key: "file", Value: bson.D{{Key: "$exists", Value: true}}}})
	for _, d := range documents {
		err = errors.Join(err, k.Storage.forget(ctx, d.ID, *d.File))
	}
	return err
}

// deleteStrays deletes files without an import: a preview or the request that sent them was killed, perhaps in the middle of
// the file. The id of a file tells when its request began.
func (k *Keeper) deleteStrays(ctx context.Context) error {
	old := bson.NewObjectIDFromTimestamp(time.Now().Add(-strayTime))
	var firstParts []struct {
		File bson.ObjectID `bson:"files_id"`
	}
	cursor, err := k.Storage.files.GetChunksCollection().Find(ctx,
		bson.D{{Key: "files_id", Value: bson.D{{Key: "$lt", Value: old}}}, {Key: "n", Value: 0}},
		options.Find().SetLimit(keepAtOnce).SetSort(bson.D{{Key: "files_id", Value: 1}, {Key: "n", Value: 1}}).SetProjection(bson.D{{Key: "files_id", Value: 1}}))
	if err == nil {
		err = cursor.All(ctx, &firstParts)
	}
	if err != nil {
		return fmt.Errorf("look for old files of imports: %w", err)
	}
	for _, part := range firstParts {
		n, err := k.Storage.imports.CountDocuments(ctx, bson.D{{Key: "file", Value: part.File}}, options.Count().SetLimit(1))
		if err != nil {
			return fmt.Errorf("look for the import of a file: %w", err)
		}
		if n == 0 {
			if err := k.Storage.deleteFile(ctx, part.File); err != nil {
				return err
			}
		}
	}
	return nil
}

// deleteOld deletes imports that ended long ago.
func (k *Keeper) deleteOld(ctx context.Context) error {
	_, err := k.Storage.imports.DeleteMany(ctx, bson.D{{Key: "endedAt", Value: bson.D{{Key: "$lt", Value: time.Now().Add(-keptTime)}}}})
	if err != nil {
		return fmt.Errorf("delete old imports: %w", err)
	}
	return nil
}

func (k *Keeper) find(ctx context.Context, filter bson.D) (documents []document, err error) {
	cursor, err := k.Storage.imports.Find(ctx, filter, options.Find().SetLimit(keepAtOnce).SetProjection(bson.D{{Key: "report", Value: 0}}))
	if err == nil {
		err = cursor.All(ctx, &documents)
	}
	if err != nil {
		return nil, fmt.Errorf("look for imports: %w", err)
	}
	return documents, nil
}
