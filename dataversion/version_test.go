package dataversion

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine/internal/realtest"
	"grapevine/watcher"
)

func TestMain(m *testing.M) { realtest.Main(m) }

func TestDataGetsItsVersionOnce(t *testing.T) {
	db := realtest.New(t).DB(t)
	require.NoError(t, watcher.PrepareControl(t.Context(), db))
	require.NoError(t, Check(t.Context(), db), "data without a version is older")
	require.NoError(t, Record(t.Context(), db))
	require.NoError(t, Record(t.Context(), db))
	var found bson.M
	require.NoError(t, db.Collection("control").FindOne(t.Context(), bson.D{}).Decode(&found))
	require.Equal(t, bson.M{"_id": "schema", "version": int64(Current)}, found)

	_, err := db.Collection("control").UpdateByID(t.Context(), "schema", bson.D{{Key: "$set", Value: bson.D{{Key: "version", Value: 7.0}}}}) // as mongosh writes it
	require.NoError(t, err)
	var newer *NewerError
	require.ErrorAs(t, Check(t.Context(), db), &newer)
	require.EqualValues(t, 7, newer.Version)
	require.ErrorAs(t, Record(t.Context(), db), &newer)
	require.ErrorContains(t, newer, "version 7")
}

func TestUnreadableVersionIsAnError(t *testing.T) {
	db := realtest.New(t).DB(t)
	_, err := db.Collection("control").InsertOne(t.Context(), bson.D{{Key: "_id", Value: "schema"}, {Key: "version", Value: "two"}})
	require.NoError(t, err)
	require.ErrorContains(t, Check(t.Context(), db), "read the version of the data")
	require.Error(t, Record(t.Context(), db))
}

func TestEarlierDataIsMigratedOnce(t *testing.T) {
	for name, version := range map[string]bson.D{
		"version 1":         {{Key: "_id", Value: "schema"}, {Key: "version", Value: 1}},
		"without a version": nil,
	} {
		t.Run(name, func(t *testing.T) {
			db := realtest.New(t).DB(t)
			migration := Migration{DB: db}
			require.NoError(t, watcher.PrepareControl(t.Context(), db))
			_, err := db.Collection("contacts").InsertOne(t.Context(), bson.D{{Key: "firstName", Value: "Ada"}})
			require.NoError(t, err)
			if version != nil {
				_, err := db.Collection("control").InsertOne(t.Context(), version)
				require.NoError(t, err)
			}
			began := time.Now()
			require.NoError(t, Record(t.Context(), db))
			require.NoError(t, Record(t.Context(), db))
			settled, pending, err := migration.Pending(t.Context())
			require.NoError(t, err)
			require.True(t, pending)
			require.WithinRange(t, settled, began.Add(settleTime-time.Second), time.Now().Add(settleTime+time.Second))
			require.NoError(t, migration.End(t.Context()))
			_, pending, err = migration.Pending(t.Context())
			require.NoError(t, err)
			require.False(t, pending)
			require.NoError(t, Record(t.Context(), db))
			_, pending, err = migration.Pending(t.Context())
			require.NoError(t, err)
			require.False(t, pending, "once")
		})
	}
}
