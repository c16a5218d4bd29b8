package watcher

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
	"grapevine/internal/realtest"
)

func submit(t *testing.T, r *rig, command Command) (Command, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	command.RequestedBy = t.Name()
	return Submit(ctx, r.db, command)
}

func TestRequestedReconcile(t *testing.T) {
	r := newRig(t, realtest.New(t))
	r.start(t)
	resyncs := r.events.count(grapevine.Resync)
	_, err := submit(t, r, Command{Name: CommandReconcile})
	require.NoError(t, err)
	eventually(t, "clients are told to read again", func() bool { return r.events.count(grapevine.Resync) == resyncs+1 })
	r.streaming(t)
	gaps, err := Gaps(context.Background(), r.db)
	require.NoError(t, err)
	require.Contains(t, gaps[0].Reason, t.Name(), "the record says who requested it")
	require.Equal(t, GapDone, gaps[0].State)
	r.insert(t, 1)
	eventually(t, "the pipeline continues", func() bool { return r.events.count(grapevine.Created) == 1 })
}

func TestDeadLetterIsRetriedOnceItCanBeDecoded(t *testing.T) {
	r := newRig(t, realtest.New(t))
	ctx := context.Background()
	r.decode = func(raw bson.Raw) (grapevine.Contact, error) {
		if broken, _ := raw.Lookup("broken").BooleanOK(); broken {
			return grapevine.Contact{}, context.DeadlineExceeded
		}
		return decodeForTest(raw)
	}
	r.start(t)
	id := bson.NewObjectID()
	_, err := r.db.Collection(grapevine.CollectionContacts).InsertOne(ctx, bson.D{{Key: "_id", Value: id}, {Key: "broken", Value: true}})
	require.NoError(t, err)
	var dead []DeadLetterRecord
	eventually(t, "it is recorded", func() bool {
		dead, err = DeadLetters(ctx, r.db)
		return err == nil && len(dead) == 1
	})
	require.Equal(t, DeadLetterDead, dead[0].State)

	_, err = submit(t, r, Command{Name: CommandRetryDead, From: "yesterday"})
	require.ErrorContains(t, err, `there is no dead letter at "yesterday"`)
	_, err = submit(t, r, Command{Name: CommandRetryDead, From: dead[0].Position})
	require.ErrorContains(t, err, "still dead")
	_, err = r.db.Collection(grapevine.CollectionContacts).UpdateByID(ctx, id, bson.D{{Key: "$unset", Value: bson.D{{Key: "broken", Value: ""}}}})
	require.NoError(t, err)
	_, err = submit(t, r, Command{Name: CommandRetryDead, From: dead[0].Position})
	require.NoError(t, err)
	require.Equal(t, 1, r.jobs.count(grapevine.Created), "its job and no other effect")
	require.Zero(t, r.events.count(grapevine.Created))
	var after DeadLetterRecord
	require.NoError(t, r.db.Collection(grapevine.CollectionDeadLetters).FindOne(ctx, bson.D{{Key: "_id", Value: dead[0].Position}}).Decode(&after))
	require.Equal(t, DeadLetterRetried, after.State)
}

func TestActThatDoesNotExist(t *testing.T) {
	r := newRig(t, realtest.New(t))
	r.start(t)
	_, err := submit(t, r, Command{Name: "dance"})
	require.ErrorContains(t, err, "pause, resume, reconcile, replay and retry-dead")
}

// MongoDB opens a stream that starts in the future, and no event ever comes. The replay would never end, and no
// other command would be executed.
func TestReplayFromTheFutureIsRefused(t *testing.T) {
	r := newRig(t, realtest.New(t))
	r.start(t)
	future := r.Applied()
	future.Time += 3600 << 32
	_, err := submit(t, r, Command{Name: CommandReplay, From: future.String(), Effects: []string{EffectJobs}})
	require.ErrorContains(t, err, "up to which everything was applied")
}

// The collection control accepts only commands, so a document written by hand cannot stop the ones after it.
func TestControlRefusesWhatIsNoCommand(t *testing.T) {
	r := newRig(t, realtest.New(t))
	ctx := context.Background()
	control := r.db.Collection(grapevine.CollectionControl)
	_, err := control.InsertOne(ctx, Command{ID: bson.NewObjectID(), Name: CommandResume, State: CommandDone})
	require.NoError(t, err, "the collection exists before its validator")
	r.start(t)
	for _, document := range []bson.D{
		{{Key: "_id", Value: "first"}, {Key: "act", Value: "resume"}, {Key: "by", Value: bson.A{}}, {Key: "askedAt", Value: "now"}},
		{{Key: "_id", Value: 1}, {Key: "act", Value: bson.D{}}, {Key: "state", Value: "asked"}},
	} {
		_, err := control.InsertOne(ctx, document)
		require.ErrorContains(t, err, "Document failed validation")
	}
	_, err = submit(t, r, Command{Name: CommandReconcile})
	require.NoError(t, err)
}
