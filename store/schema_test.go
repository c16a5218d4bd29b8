package store

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"grapevine"
)

func TestEveryFieldIsInTheValidator(t *testing.T) {
	raw, err := bson.Marshal(schema())
	require.NoError(t, err)
	for _, f := range grapevine.ContactFields {
		property := bson.Raw(raw).Lookup("properties", f.Name)
		require.Equal(t, bson.TypeEmbeddedDocument, property.Type, f.Name)
		if f.Type == grapevine.RecordsField {
			for _, part := range f.Records.SubFields() {
				require.Equal(t, "string", property.Document().Lookup("items", "properties", part.Name, "bsonType").StringValue(), part.Name)
			}
		}
	}
}
