package store

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// endTimeout bounds the search for abandoned transactions.
const endTimeout = time.Second

// appNames matches the names that all our clients give themselves.
const appNames = "^grapevine"

// endIfAbandoned is for a write that failed with err. If it waited in vain, the transaction of a killed instance may be in
// its way. MongoDB ends such a transaction after a minute; this ends it now, so that the next try can work. It ends
// transactions of this user only, which are idle and older than any call of ours.
func (s *Store) endIfAbandoned(ctx context.Context, err error) {
	if !mongo.IsTimeout(err) && !errors.Is(err, context.DeadlineExceeded) || !s.ending.TryLock() {
		return
	}
	defer s.ending.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
	defer cancel()
	ended, err := s.endAbandoned(ctx)
	if ended > 0 {
		s.log.Warn("ended transactions of an instance that was killed in them", "transactions", ended, "err", err)
	}
}

func (s *Store) endAbandoned(ctx context.Context) (ended int, err error) {
	admin := s.db.Client().Database("admin")
	cursor, err := admin.Aggregate(ctx, bson.A{
		bson.D{{Key: "$currentOp", Value: bson.D{{Key: "allUsers", Value: false}, {Key: "idleSessions", Value: true}}}},
		bson.D{{Key: "$match", Value: bson.D{
			{Key: "type", Value: "idleSession"},
			{Key: "appName", Value: bson.Regex{Pattern: appNames}},
			{Key: "transaction.timeOpenMicros", Value: bson.D{{Key: "$gt", Value: (s.timeout + abortTimeout).Microseconds()}}},
		}}},
		bson.D{{Key: "$project", Value: bson.D{{Key: "lsid.id", Value: 1}}}},
	})
	if err != nil {
		return 0, err
	}
	var found []struct {
		LSID bson.D `bson:"lsid"` // without the user: MongoDB takes that of the connection
	}
	if err := cursor.All(ctx, &found); err != nil || len(found) == 0 {
		return 0, err
	}
	sessions := bson.A{}
	for _, f := range found {
		sessions = append(sessions, f.LSID)
	}
	return len(found), admin.RunCommand(ctx, bson.D{{Key: "killSessions", Value: sessions}}).Err()
}
