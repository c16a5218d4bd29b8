package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Progress is called after each chunk of a scan: all contacts up to and including lastID are done; seen and
// acted count the contacts that this call has read and acted on. An error ends the scan.
type Progress = func(ctx context.Context, lastID string, seen, acted int64) error

// chunkSize is the number of contacts between two reports of progress.
const chunkSize = 10_000

// lookupSize is the number of contacts in one query of [Ledger.Missing].
const lookupSize = 1000

// Pending lists, of a chunk of contacts, those whose effect is missing.
type Pending struct {
	Absent     []bson.ObjectID // have no row
	Unfinished []bson.ObjectID // have a claim that no run has finished
	Failed     []bson.ObjectID // have a claim whose task was archived
}

// Scan reads all contacts in the order of their ids, after the given id ("" is the start). It calls visit for each
// chunk; visit returns the number of contacts on which it acted. Scan skips contacts whose id is not an ObjectID.
func (l *Ledger) Scan(ctx context.Context, from string, progress Progress, visit func(context.Context, Pending) (acted int64, err error)) error {
	// The range also excludes other types of _id: a comparison with an ObjectID matches only ObjectIDs.
	idRange := bson.D{{Key: "$gte", Value: bson.ObjectID{}}}
	if from != "" {
		last, err := bson.ObjectIDFromHex(from)
		if err != nil {
			return fmt.Errorf("scan the contacts from %.64q: %w", from, err)
		}
		idRange = bson.D{{Key: "$gt", Value: last}}
	}
	contacts, err := openIDs(ctx, l.contacts, idRange)
	if err != nil {
		return err
	}
	defer contacts.close(ctx)
	rows, err := openIDs(ctx, l.rows, idRange)
	if err != nil {
		return err
	}
	defer rows.close(ctx)

	join := antiJoin{contacts: contacts, rows: rows}
	var seen, acted int64
	for {
		chunk, absent, err := join.next(ctx, chunkSize)
		if err != nil || len(chunk) == 0 {
			return err
		}
		found := Pending{Absent: absent}
		if err := l.addClaims(ctx, &found, chunk); err != nil {
			return err
		}
		n, err := visit(ctx, found)
		if err != nil {
			return err
		}
		seen, acted = seen+int64(len(chunk)), acted+n
		if err := progress(ctx, chunk[len(chunk)-1].Hex(), seen, acted); err != nil {
			return err
		}
	}
}

// MarkPreexisting gives every contact without a row the state [Preexisting], so that a reconcile never
// welcomes it. It does not change existing rows.
func (l *Ledger) MarkPreexisting(ctx context.Context, from string, progress Progress) error {
	return l.Scan(ctx, from, progress, func(ctx context.Context, p Pending) (int64, error) {
		return l.insertPreexisting(ctx, p.Absent)
	})
}

// insertPreexisting inserts unordered, so that a row that a live task has just made does not stop the rest.
func (l *Ledger) insertPreexisting(ctx context.Context, ids []bson.ObjectID) (inserted int64, err error) {
	if len(ids) == 0 {
		return 0, nil
	}
	docs := make([]bson.D, len(ids))
	for i, id := range ids {
		docs[i] = bson.D{{Key: "_id", Value: id}, {Key: "state", Value: Preexisting}, {Key: "at", Value: id.Timestamp()}}
	}
	_, err = l.rows.InsertMany(ctx, docs, options.InsertMany().SetOrdered(false))
	if err == nil {
		return int64(len(ids)), nil
	}
	bulk, ok := errors.AsType[mongo.BulkWriteException](err)
	if ok && bulk.WriteConcernError == nil && !slices.ContainsFunc(bulk.WriteErrors, func(e mongo.BulkWriteError) bool { return !mongo.IsDuplicateKeyError(e) }) {
		return int64(len(ids) - len(bulk.WriteErrors)), nil
	}
	return 0, fmt.Errorf("mark preexisting contacts: %w", err)
}

// addClaims adds the contacts of the chunk, which is sorted, that have a claim.
func (l *Ledger) addClaims(ctx context.Context, found *Pending, chunk []bson.ObjectID) error {
	rows, err := l.claims(ctx, bson.D{{Key: "$gte", Value: chunk[0]}, {Key: "$lte", Value: chunk[len(chunk)-1]}})
	if err != nil {
		return err
	}
	for _, r := range rows {
		if _, ok := slices.BinarySearchFunc(chunk, r.ID, compareIDs); ok {
			found.addClaim(r)
		}
	}
	return nil
}

// lookedUpRow is the part of a row that tells whether somebody still has to work on it.
type lookedUpRow struct {
	ID     bson.ObjectID `bson:"_id"`
	State  State         `bson:"state"`
	Failed bool          `bson:"failed"`
}

var lookedUpFields = bson.D{{Key: "state", Value: 1}, {Key: "failed", Value: 1}}

func (p *Pending) addClaim(r lookedUpRow) {
	if r.Failed {
		p.Failed = append(p.Failed, r.ID)
	} else {
		p.Unfinished = append(p.Unfinished, r.ID)
	}
}

func (l *Ledger) claims(ctx context.Context, ids bson.D) (rows []lookedUpRow, err error) {
	cur, err := l.rows.Find(ctx, bson.D{{Key: "state", Value: Claimed}, {Key: "_id", Value: ids}},
		options.Find().SetProjection(lookedUpFields))
	if err != nil {
		return nil, fmt.Errorf("list the claims in effects: %w", err)
	}
	if err := cur.All(ctx, &rows); err != nil {
		return nil, fmt.Errorf("list the claims in effects: %w", err)
	}
	return rows, nil
}

// Missing returns those of the contacts whose effect is missing.
func (l *Ledger) Missing(ctx context.Context, contacts []bson.ObjectID) (missing Pending, err error) {
	for chunk := range slices.Chunk(contacts, lookupSize) {
		cur, err := l.rows.Find(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: chunk}}}},
			options.Find().SetProjection(lookedUpFields))
		if err != nil {
			return missing, fmt.Errorf("look up effects: %w", err)
		}
		var rows []lookedUpRow
		if err := cur.All(ctx, &rows); err != nil {
			return missing, fmt.Errorf("look up effects: %w", err)
		}
		found := make(map[bson.ObjectID]bool, len(rows))
		for _, r := range rows {
			found[r.ID] = true
			if r.State == Claimed {
				missing.addClaim(r)
			}
		}
		for _, id := range chunk {
			if !found[id] {
				missing.Absent = append(missing.Absent, id)
			}
		}
	}
	return missing, nil
}
