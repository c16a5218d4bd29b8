package servers_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/internal/servers"
)

func TestAnotherMemberTakesOverAndTheKilledOneComesBack(t *testing.T) {
	ctx := context1m(t)
	set, err := servers.StartReplicaSet(ctx, mongodProgram(t), t.TempDir(), 3)
	require.NoError(t, err)
	defer set.Kill()
	coll := mongoClient(t, set.URI).Database("d").Collection("c")
	first, err := set.Primary(ctx)
	require.NoError(t, err)
	_, err = coll.InsertOne(ctx, bson.D{{Key: "_id", Value: 1}})
	require.NoError(t, err)

	first.Kill()
	second, err := set.Primary(ctx)
	require.NoError(t, err)
	require.NotSame(t, first, second)
	_, err = coll.InsertOne(ctx, bson.D{{Key: "_id", Value: 2}})
	require.NoError(t, err)

	require.NoError(t, first.Restart(ctx))
	own := mongoClient(t, first.URI).Database("d").Collection("c")
	require.Eventually(t, func() bool {
		n, err := own.CountDocuments(ctx, bson.D{})
		return err == nil && n == 2
	}, wait, tick, "the restarted member catches up")
}
