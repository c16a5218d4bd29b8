package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Skip records that contacts get no effect, and why. The contacts need not exist yet. A row that exists stays as it is.
func (l *Ledger) Skip(ctx context.Context, contacts []string, reason string) error {
	rows := make([]any, 0, len(contacts))
	for _, contact := range contacts {
		id, err := bson.ObjectIDFromHex(contact)
		if err != nil {
			return fmt.Errorf("skip contact %s: %w", contact, err)
		}
		rows = append(rows, bson.D{{Key: "_id", Value: id}, {Key: "state", Value: Skipped}, {Key: "at", Value: time.Now().UTC()}, {Key: "note", Value: reason}})
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := l.rows.InsertMany(ctx, rows, options.InsertMany().SetOrdered(false))
	if bulk, ok := errors.AsType[mongo.BulkWriteException](err); ok && bulk.WriteConcernError == nil && mongo.IsDuplicateKeyError(err) {
		for _, e := range bulk.WriteErrors {
			if !e.HasErrorCode(duplicateKey) {
				return fmt.Errorf("record that contacts are skipped: %w", err)
			}
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("record that contacts are skipped: %w", err)
	}
	return nil
}

const duplicateKey = 11000
