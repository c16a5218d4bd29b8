//go:build e2e

package e2e

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// These helpers read and write MongoDB directly, not through the API.

func person(workspace, first, last string, more ...bson.E) bson.D {
	now := time.Now()
	d := bson.D{
		{Key: "_id", Value: bson.NewObjectID()},
		{Key: "workspace", Value: workspace},
		{Key: "kind", Value: "person"},
		{Key: "firstName", Value: first},
		{Key: "lastName", Value: last},
		{Key: "createdAt", Value: now},
		{Key: "updatedAt", Value: now},
	}
	return append(d, more...)
}

func insertContacts(t *testing.T, contacts ...bson.D) {
	t.Helper()
	all := make([]any, len(contacts))
	for i, c := range contacts {
		all[i] = c
	}
	_, err := suite.db.Collection("contacts").InsertMany(context.Background(), all)
	require.NoError(t, err)
}

func updateContacts(t *testing.T, workspace, last string, fields bson.D) {
	t.Helper()
	r, err := suite.db.Collection("contacts").UpdateMany(context.Background(), bson.D{{Key: "workspace", Value: workspace}, {Key: "lastName", Value: last}}, bson.D{{Key: "$set", Value: fields}})
	require.NoError(t, err)
	require.Positive(t, r.MatchedCount)
}

func deleteContact(t *testing.T, workspace, last string) {
	t.Helper()
	r, err := suite.db.Collection("contacts").DeleteOne(context.Background(), bson.D{{Key: "workspace", Value: workspace}, {Key: "lastName", Value: last}})
	require.NoError(t, err)
	require.EqualValues(t, 1, r.DeletedCount)
}

func findContact(t *testing.T, workspace, last string) bson.M {
	t.Helper()
	var m bson.M
	require.NoError(t, suite.db.Collection("contacts").FindOne(context.Background(), bson.D{{Key: "workspace", Value: workspace}, {Key: "lastName", Value: last}}).Decode(&m))
	return m
}

// waitUntilFormed waits until lists and searches know all contacts that were written directly.
func waitUntilFormed(t *testing.T, workspace string) {
	t.Helper()
	require.Eventually(t, func() bool {
		n, err := suite.db.Collection("contacts").CountDocuments(context.Background(), bson.D{{Key: "workspace", Value: workspace}, {Key: "_form.of", Value: nil}})
		return err == nil && n == 0
	}, 4*waitTimeout, 50*time.Millisecond)
}

func countContacts(t *testing.T, workspace string) int64 {
	t.Helper()
	n, err := suite.db.Collection("contacts").CountDocuments(context.Background(), bson.D{{Key: "workspace", Value: workspace}})
	require.NoError(t, err)
	return n
}

// values returns the values of a stored list of values with labels.
func values(list any) []string {
	entries, _ := list.(bson.A)
	texts := make([]string, 0, len(entries))
	for _, entry := range entries {
		for _, part := range entry.(bson.D) {
			if part.Key == "value" {
				texts = append(texts, part.Value.(string))
			}
		}
	}
	return texts
}
