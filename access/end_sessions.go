package access

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"grapevine"
)

// Sessions are the sessions of the person that are not over, the newest first. [Session.Hash] of the one that asks is the principal's Session.
func (a *Access) Sessions(ctx context.Context, p *grapevine.Principal) (found []Session, err error) {
	user, err := person(p)
	if err != nil {
		return nil, err
	}
	err = call(ctx, "list the sessions", func(ctx context.Context) error {
		cursor, err := a.sessions.Find(ctx, bson.D{{Key: "user", Value: user}, {Key: "expiresAt", Value: bson.D{{Key: "$gt", Value: a.now()}}}},
			options.Find().SetSort(bson.D{{Key: "createdAt", Value: -1}}).SetLimit(2*maxSessions))
		if err != nil {
			return err
		}
		if found, err = fitting(ctx, cursor, decodeSession); err != nil {
			return err
		}
		who, err := a.actorOf(ctx, p)
		if err != nil {
			return err
		}
		now := a.now()
		found = slices.DeleteFunc(found, func(s Session) bool { return rightOfSession(&s, who.user, now) == nil })
		return nil
	})
	return found, err
}

// EndSession ends one session of the person, by its shown id.
func (a *Access) EndSession(ctx context.Context, p *grapevine.Principal, id string) error {
	user, err := person(p)
	if err != nil {
		return err
	}
	err = call(ctx, "end the session", func(ctx context.Context) error {
		result, err := a.sessions.DeleteOne(ctx, bson.D{{Key: "id", Value: id}, {Key: "user", Value: user}})
		if err == nil && result.DeletedCount == 0 {
			err = refuse(grapevine.NotFound, "You have no such session.")
		}
		return err
	})
	return a.ended(ctx, p, p.User, err)
}

// EndOtherSessions ends all sessions of the person except the one that asks.
func (a *Access) EndOtherSessions(ctx context.Context, p *grapevine.Principal) error {
	user, err := person(p)
	if err != nil {
		return err
	}
	err = call(ctx, "end the other sessions", func(ctx context.Context) error {
		return a.deleteSessions(ctx, bson.D{{Key: "user", Value: user}, {Key: "_id", Value: bson.D{{Key: "$ne", Value: p.Session}}}})
	})
	return a.ended(ctx, p, p.User, err)
}

// EndSessionsOf ends all sessions of a user. It needs an admin of the instance.
func (a *Access) EndSessionsOf(ctx context.Context, by *grapevine.Principal, id string) error {
	err := a.transact(ctx, "end the sessions of the user", func(ctx context.Context) error {
		who, err := a.actorOf(ctx, by)
		if err == nil {
			err = who.requireAdmin()
		}
		if err != nil {
			return err
		}
		user, err := userID(id)
		if err != nil {
			return err
		}
		if err := a.users.FindOne(ctx, byID(user)).Err(); err != nil {
			if isAbsent(err) {
				return noUser()
			}
			return err
		}
		return a.deleteSessions(ctx, bson.D{{Key: "user", Value: user}})
	})
	return a.ended(ctx, by, id, err)
}

// EndAllSessions ends the sessions of all users, and says how many there were. It is for the command line, after a backup
// was restored: with it come sessions that had ended.
func (a *Access) EndAllSessions(ctx context.Context) (n int64, err error) {
	result, err := a.sessions.DeleteMany(ctx, bson.D{})
	if err != nil {
		return 0, publicError(ctx, "end all sessions", err)
	}
	return result.DeletedCount, nil
}

func (a *Access) deleteSessions(ctx context.Context, filter bson.D) error {
	_, err := a.sessions.DeleteMany(ctx, filter)
	return err
}

func (a *Access) ended(ctx context.Context, by *grapevine.Principal, user string, err error) error {
	if err == nil {
		a.changedUser(user)
		a.record(ctx, "access: sessions were ended", by, "user", user)
	}
	return err
}
