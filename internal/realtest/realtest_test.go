package realtest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestMain(m *testing.M) { Main(m) }

func TestEachTestHasItsOwnDatabases(t *testing.T) {
	ctx := context.Background()
	a, b := New(t), New(t)
	_, err := a.DB(t).Collection("x").InsertOne(ctx, bson.D{{Key: "_id", Value: 1}})
	require.NoError(t, err)
	n, err := b.DB(t).Collection("x").CountDocuments(ctx, bson.D{})
	require.NoError(t, err)
	require.Zero(t, n)
	require.NoError(t, a.Redis(t).Set(ctx, "x", 1, 0).Err())
	require.Zero(t, b.Redis(t).Exists(ctx, "x").Val())
}
